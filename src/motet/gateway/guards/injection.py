"""Text that gives orders to a model, hides from people, or carries data out in an address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from motet.gateway.guards.finding import Detector, Family, Looked, Rest, every
from motet.gateway.guards.shapes import (
    Shape,
    chars,
    either,
    maybe,
    not_after,
    seq,
    several,
    text,
    words,
)

_GAP = chars(r"\s", 1, 3)


def _spaced(listed: str, most: int) -> Shape:
    return several(seq(words(listed), _GAP), 0, most)


def _order(verbs: str, fillers: str, before: str, nouns: str, after: str = "") -> Shape:
    """Return the shape of an order to leave instructions: verb, what comes before, noun.

    What says which instructions stands before the noun, or where `after` is given behind it.
    """
    told = seq(_spaced(fillers, 4), words(before), _GAP, _spaced(fillers, 3), words(nouns))
    if after:
        behind = seq(_spaced(fillers, 4), words(nouns), _GAP, _spaced(fillers, 2), words(after))
        told = either(told, behind) if before != after else behind
    return seq(not_after("A-Za-z0-9_"), words(verbs), _GAP, told)


_EN_FILL = (
    "all,any,every,each,of,the,your,my,our,these,those,this,that,other,and,or,"
    "previous,prior,above,earlier,system,initial,original"
)
_EN = _order(
    "ignore,disregard,forget,override,bypass,neglect,do not follow,don't follow,stop following,"
    "do not obey,ignoring,disregarding,forgetting,overriding",
    _EN_FILL,
    "previous,prior,above,earlier,preceding,foregoing,former,system,initial,original,existing,past",
    "instruction,prompt,rule,direction,directive,guideline,command,message,text,training,context,"
    "programming",
)
_MODE = seq(
    not_after("A-Za-z0-9_"),
    words("you are now in,you are now,enter,switch to,activate"),
    _GAP,
    words("developer mode,god mode,jailbreak,dan mode,debug mode,unrestricted mode"),
)
_REVEAL = seq(
    not_after("A-Za-z0-9_"),
    words("reveal,print,repeat,show me,output,leak,disclose,tell me"),
    _GAP,
    _spaced("me,us,all,of,the,your,full,entire,exact,hidden,secret,initial,original", 4),
    words("system prompt,system message,system instructions,hidden instructions"),
)
_DE = _order(
    "ignoriere,ignoriert,ignorieren sie,missachte,vergiss,vergesst,vergessen sie,umgehe",
    "alle,die,deine,ihre,meine,eure,diese,und,aller,deiner",
    "vorherigen,bisherigen,obigen,früheren,vorigen,vorangegangenen,ursprünglichen",
    "anweisung,instruktion,regel,befehl,vorgabe,prompts",
)
_FR = _order(
    "ignore,ignorez,ignorer,oublie,oubliez,oublier,ne tiens pas compte de,ne tenez pas compte de",
    "toutes,tous,les,tes,vos,des,ces,de,et",
    "précédentes,précédents",
    "instructions,consignes,règles,directives,ordres",
    "précédentes,précédents,antérieures,ci-dessus,initiales,préalables",
)
_ES = _order(
    "ignora,ignore,ignorad,ignorar,olvida,olvide,haz caso omiso de,descarta,omite,desobedece",
    "todas,todos,las,los,tus,sus,esas,estas,de,y",
    "anteriores,previas",
    "instrucciones,reglas,indicaciones,órdenes,directrices",
    "anteriores,previas,de arriba,iniciales",
)
_PT = _order(
    "ignore,ignora,ignorar,esqueça,esquece,desconsidere,desobedeça",
    "todas,todos,as,os,suas,tuas,essas,estas,de,e",
    "anteriores,prévias",
    "instruções,regras,ordens,orientações",
    "anteriores,prévias,acima,iniciais",
)
_IT = _order(
    "ignora,ignorate,ignori,dimentica,dimenticate,trascura",
    "tutte,tutti,le,tue,sue,queste,di,e",
    "precedenti,suddette",
    "istruzioni,regole,indicazioni,direttive",
    "precedenti,anteriori,sopra,iniziali",
)
_NL = _order(
    "negeer,vergeet",
    "alle,de,je,jouw,uw,deze,en",
    "vorige,voorgaande,bovenstaande,eerdere",
    "instructies,aanwijzingen,regels,opdrachten",
)
_RU = _order(
    "игнорируй,игнорируйте,проигнорируй,проигнорируйте,забудь,забудьте,не обращай внимания на",
    "все,всё,свои,ваши,твои,эти,и",
    "предыдущие,прежние,вышеуказанные,прошлые,изначальные",
    "инструкции,указания,правила,команды",
)
_ZH = seq(
    words("忽略,无视,忽視,無視,忘记,忘記,忘掉,不要理会,不要遵守,不要遵循,别管,不用管"),
    chars("掉你您的所有全部一切此了在 ", 0, 8),
    words("之前,以上,先前,前面,上面,上述,此前,原来,原先,系统,系統"),
    chars("你您的所有全部一切给收到过給過 ", 0, 8),
    words("指令,指示,提示,命令,规则,規則,说明,說明,要求,设定,設定"),
)
_JA = seq(
    words("以前,これまで,上記,今まで,先ほど,前"),
    chars("のすべて全てあらゆる ", 0, 8),
    words("指示,命令,ルール,プロンプト,指令"),
    chars("をはすべて全て ", 0, 6),
    words("無視,忘れ,破棄"),
)
_KO = seq(
    words("이전,앞선,위의,위,지금까지,기존,앞의"),
    chars("의모든전체 ", 0, 8),
    words("지시,명령,지침,규칙,프롬프트"),
    chars("사항들을를은는모두전부다 ", 0, 10),
    words("무시,잊어,잊고,따르지 마"),
)
_WORD_STARTS = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z]|(?<=\\[nrt])[A-Za-z]")
_STEMS: tuple[tuple[bytes, int], ...] = (
    # what every order holds, and how many characters before it the order begins at most
    (b"gnor", 1), (b"sregard", 2), (b"forget", 0), (b"overrid", 0), (b"bypass", 0),
    (b"neglect", 0), (b"t follow", 5), (b"stop following", 0), (b"t obey", 5),
    (b"missacht", 0), (b"verg", 0),
    (b"umgehe", 0), (b"oubli", 0), (b"pas compte", 10), (b"olvid", 0), (b"caso omiso", 4),
    (b"descart", 0), (b"omite", 0), (b"desobed", 0), (b"esque", 0), (b"descons", 0),
    (b"dimentic", 0), (b"trascura", 0), (b"negeer", 0), (b" mode", 45), (b"jailbreak", 20),
    (b"system prompt", 70), (b"system messag", 70), (b"n instruction", 70),
    (b"m instruction", 70),
)  # fmt: skip
_FOREIGN: tuple[tuple[str, int], ...] = (
    ("гнорируй", 3), ("ГНОРИРУЙ", 3), ("абудь", 1), ("АБУДЬ", 1), ("е обращай", 1),
    ("忽略", 0), ("无视", 0), ("忽視", 0), ("無視", 32), ("忘", 32), ("不要", 0), ("别管", 0),
    ("不用管", 0), ("破棄", 32), ("무시", 40), ("잊", 40), ("따르지", 40),
)  # fmt: skip


def _orders(looked: Looked, start: int) -> Iterator[int]:
    """Yield where orders in Latin letters may begin: at words near what they all hold."""
    folded, text = looked.folded, looked.text
    places = {
        match.start()
        for stem, back in _STEMS
        for place in every(folded, stem, start)
        for match in _WORD_STARTS.finditer(text, max(start, place - back), place + 1)
    }
    yield from sorted(places)


def _foreign_orders(looked: Looked, start: int) -> Iterator[int]:
    """Yield where orders in other letters may begin."""
    text = looked.text
    if text.isascii():
        return
    places: set[int] = set()
    for stem, back in _FOREIGN:
        place = text.find(stem, start)
        while place >= 0:
            places.update(range(max(start, place - back), place + 1))
            place = text.find(stem, place + 1)
    yield from sorted(places)


def _order_in(*shapes: Shape) -> Detector:
    return Detector("order", "injection", either(*shapes), flags=re.IGNORECASE)


ORDERS = Family((_order_in(_EN, _MODE, _REVEAL, _DE, _FR, _ES, _PT, _IT, _NL),), _orders, "", 190)
FOREIGN = Family((_order_in(_RU, _ZH, _JA, _KO),), _foreign_orders, "", 110)

_ROLES = (
    "<|im_start|>,<|im_end|>,<|system|>,<|user|>,<|assistant|>,<|endoftext|>,<|eot_id|>,"
    "<|start_header_id|>,<|end_header_id|>,<|begin_of_text|>,<|end_of_turn|>,<<SYS>>,<</SYS>>,"
    "<start_of_turn>,<end_of_turn>,[INST],[/INST],[SYSTEM_PROMPT],<｜User｜>,<｜Assistant｜>"
)


_MARKER_ENDS = (b"|>", b"INST]", b"SYS>>", b"of_turn>", b"SYSTEM_PROMPT]")


def _markers(looked: Looked, start: int) -> Iterator[int]:
    """Yield where markers of roles may begin: before what ends them."""
    plain, text = looked.plain, looked.text
    ends = [place for each in _MARKER_ENDS for place in every(plain, each, start)]
    place = -1 if text.isascii() else text.find("｜>", start)
    while place >= 0:
        ends.append(place)
        place = text.find("｜>", place + 1)
    for end in sorted(ends):
        for place in range(max(start, end - 18), end + 1):
            if plain[place] in b"<[":
                yield place


ROLES = Family((Detector("role-marker", "injection", words(_ROLES)),), _markers, "", 24)

_TAGS = chr(0xE0000) + "-" + chr(0xE007F)
_FLAG = chr(0x1F3F4)
_JOINERS = "\u200b\u200c\u200d\u2060\ufeff\u180e"
_TURNS = "\u202d\u202e"
# The letter is looked past, not taken: a run of joiners behind it begins at a place of its own.
_HIDING = re.compile(f"[{_TAGS}{_JOINERS}{_TURNS}]|[A-Za-z](?=[{_JOINERS}])")
_SINGLE = "\u200b\u200c\u200d\u2060\ufeff\u180e\u202d\u202e"
_TAG_BYTES = (b"\xf3\xa0\x80", b"\xf3\xa0\x81")


def _hiding(looked: Looked, start: int) -> Iterator[int]:
    """Yield where characters stand that nobody sees."""
    text = looked.text
    if text.isascii():
        return
    coded = text.encode("utf-8", "surrogatepass")
    if any(char in text for char in _SINGLE) or any(each in coded for each in _TAG_BYTES):
        yield from (match.start() for match in _HIDING.finditer(text, start))


HIDDEN = Family(
    (
        # The flags of England, Scotland and Wales are spelled in tags.
        Detector(
            "hidden-text",
            "injection",
            seq(Shape(f"(?<![{_FLAG}{_TAGS}])", r"\Z"), chars(_TAGS, 1, 1)),
            rest=Rest(_TAGS),
        ),
        Detector("hidden-text", "injection", chars(_TAGS, 12, 12), rest=Rest(_TAGS)),
        # Joiners shape emoji and some scripts, but not several at once or between Latin letters.
        Detector("hidden-text", "injection", chars(_JOINERS, 3, 3), rest=Rest(_JOINERS)),
        Detector(
            "hidden-text",
            "injection",
            seq(chars("A-Za-z", 1, 1), chars(_JOINERS, 1, 2), chars("A-Za-z", 1, 1)),
        ),
        Detector("hidden-text", "injection", chars(_TURNS, 1, 1)),
    ),
    _hiding,
    "",
    12,
)

_NAME = chars("A-Za-z0-9_.-", 1, 20)
_SHORT = chars(r"^\s()<>&\"'", 0, 15)
_ADDRESS = seq(
    text("http"),
    maybe(text("s")),
    text("://"),
    chars(r"^\s()<>?\"'", 3, 100),
    text("?"),
    several(seq(_NAME, text("="), _SHORT, text("&")), 0, 3),
    _NAME,
    text("="),
    chars(r"^\s()<>&\"'", 16, 16),
)
_MARKDOWN = seq(text("!["), chars(r"^\]\n", 0, 60), text("]("), _ADDRESS)
_HTML = seq(text("<img"), chars("^<>", 1, 40), text("src="), chars("\"'", 0, 1), _ADDRESS)


def _pictures(looked: Looked, start: int) -> Iterator[int]:
    """Yield where pictures may be embedded, in Markdown or HTML."""
    places = [*every(looked.plain, b"![", start), *every(looked.folded, b"<img", start)]
    yield from sorted(places)


PICTURES = Family(
    (
        Detector(
            "picture-address",
            "injection",
            either(_MARKDOWN, _HTML),
            rest=Rest(r"^\s()<>\"'"),
            flags=re.IGNORECASE,
        ),
    ),
    _pictures,
    "",
    480,
)
INJECTION = (PICTURES, ROLES, ORDERS, FOREIGN, HIDDEN)
