"""Names that their form alone gives away: codes, companies, people with a title.

Written without an expert these are few and sure; where there is none, sequences of capitalised
words are taken too, with a low score. Single capitalised words never are: most are no names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from motet.core.graph import Named
from motet.core.text import sentences
from motet.knowledge.entities.forms import has_legal_form

CODE, ORGANISATION, PERSON, NAME = "code", "organisation", "person", "name"
_CODE = re.compile(
    r"(?<![\w@./-])(?:[A-Z][A-Z0-9]{0,7}(?:[-/][A-Z0-9]{1,12}){1,5}|[A-Z]{1,4}\d{3,10})(?![\w@/-])"
)
_CAPITAL = "A-ZÀ-ÖØ-ÞĀ-ŽΑ-ΩА-Я"
_UPPER = rf"(?<!\w)[{_CAPITAL}][\w’'&.-]*+"
_WORD = rf"(?:{_UPPER}|&|von|van|de|der|do|da|di|la|le|und|et)"
_COMPANY = re.compile(
    rf"{_UPPER}(?:[ ]{_WORD}){{0,6}}?,?[ ](?:GmbH(?:[ ]&[ ]Co\.?[ ]KG)?|AG|KG|OHG|SE|eG|Oyj?|OÜ|AB"
    r"|A/S|ApS|B\.V\.|N\.V\.|S\.A\.|S\.r\.l\.|SRL|S\.p\.A\.|SARL|Lda\.|Sp\. z o\.o\.|s\.r\.o\."
    r"|d\.o\.o\.|(?:Co\.,? )?Ltd\.?|LLC|PLC|Inc\.?|Corp\.?|Corporation|Limited)(?!\w)"
)
_COMPANY_CJK = re.compile(
    r"[\u4e00-\u9fff]{2,12}(?:股份)?有限公司|(?:株式会社|주식회사\s?)[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{2,10}"
    r"|[\uac00-\ud7af]{2,10}(?:\s[\uac00-\ud7af]{2,6})?\s주식회사"
)
_TITLED = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Sir|Dame)\.?[ ]((?:(?:Dr|Prof)\.[ ])?{_UPPER}"
    rf"(?:[ ](?:von|van|de|der)?[ ]?{_UPPER}){{0,2}})"
)
_SEQUENCE = re.compile(
    rf"(?<![\w-]){_UPPER}(?:[ ](?:(?:of|the|von|van|de|der|du|di)[ ])?{_UPPER})+"
)
_LEADING = frozenset(
    """the a an this that these those in on at for from by with and but or if when while after
    before since until as it its he she they we our your their his her my no not all any some dear
    kind best please see to up what who how why where there here one two three today now then also
    yesterday mr mrs ms miss dr prof herr frau""".split()
)
_MONTHS = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b"
)


def sure(text: str) -> list[Named]:
    """Return codes, companies with a legal form, and people with a title, by place."""
    found = [
        Named(match.start(), match.end(), CODE, 0.9)
        for match in _CODE.finditer(text)
        if _is_code(match.group())
    ]
    for pattern in (_COMPANY, _COMPANY_CJK):
        for match in pattern.finditer(text):
            start = _begin(match.group(), match.start())
            found.append(Named(start, match.end(), ORGANISATION, 0.9))
    found += [Named(m.start(1), m.end(1), PERSON, 0.8) for m in _TITLED.finditer(text)]
    return sorted((_trimmed(text, each) for each in found), key=lambda each: (each.start, each.end))


def capitalised(text: str) -> Iterator[Named]:
    """Yield sequences of two to five capitalised words, but not a sentence's leading word."""
    for low, high in sentences(text):
        for match in _SEQUENCE.finditer(text, low, high):
            start = _begin(match.group(), match.start())
            whole = text[start : match.end()]
            words = whole.split(" ")
            if 2 <= len(words) <= 5 and not _MONTHS.search(whole) and _is_written(whole):
                yield _trimmed(text, Named(start, match.end(), NAME, 0.4))


def _begin(name: str, start: int) -> int:
    """Return where a name begins that stands at `start`, words before it left out."""
    words = name.split(" ")
    while len(words) > 1 and words[0].lower().rstrip(".") in _LEADING:
        start += len(words.pop(0)) + 1
    return start


def _is_written(name: str) -> bool:
    """Whether a name is written as names are: a capital first, and not all in capitals."""
    return name[0].isupper() and not name.isupper()


def _is_code(written: str) -> bool:
    digits = sum(char.isdigit() for char in written)
    letters = sum(char.isalpha() for char in written)
    return digits >= 2 and letters >= 1 and "//" not in written


def _trimmed(text: str, named: Named) -> Named:
    """Leave out a full stop that ends the sentence, and a possessive."""
    whole = text[named.start : named.end]
    bare = re.sub(r"[’']s?$", "", whole)
    if not has_legal_form(bare):
        bare = bare.rstrip(".")
    return Named(named.start, named.start + len(bare), named.label, named.score)
