"""Plain facts about text: scripts, sentences, words. Offsets are code points."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Scripts written without spaces between words, and Hangul, whose words carry particles.
CJK = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3040-\u30ff"
    "\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_CJK = re.compile(f"[{CJK}]")
_WORD = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+(?:['’\-.][^\W_{CJK}]+)*")

_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|vs|etc|no|nos|inc|ltd|co|corp|dept|fig|figs|approx|est|jr|sr"
    r"|e\.g|i\.e|cf|al|vol|pp|p|ed|gen|col|sgt|rev|hon|bzw|ca|z\.b|nr|art|sec)|\b[a-z])\.$",
    re.IGNORECASE,
)
_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s)|[。！？｡]+[”’」』）]*"
    r"|\n[ \t]*(?:\r?\n)+|\n(?=[ \t]*[-*•‣▪A-Z0-9])"
)
_ITEM = re.compile(r"[ \t]*(?:[-*•‣▪]|\d+[.)])\s")
SHORT_LINE = 48
"""Code points up to which a line that another one follows, capital first, stands by itself."""
_VOICED = "\u3099\u309a"

_STOP = frozenset(
    """a about above after again all also am an and any are as at be because been before being
    below between both but by can could did do does doing down during each few for from further
    had has have having he her here hers him his how i if in into is it its itself just me more
    most my no nor not of off on once only or other our out over own please same she should so
    some such tell than that the their them then there these they this those through to too under
    until up very was we were what what's when where which while who whom whose why will with
    would you your""".split()
)


def has_cjk(text: str) -> bool:
    """Whether the text holds Chinese, Japanese or Korean characters."""
    return _CJK.search(text) is not None


def mostly_cjk(text: str) -> bool:
    """Whether at least a third of the letters are Chinese, Japanese or Korean."""
    letters = sum(1 for char in text if char.isalpha())
    return letters > 0 and 3 * len(_CJK.findall(text)) >= letters


def language(text: str) -> str:
    """Guess `zh`, `ja`, `ko` or `en` (anything else) from the script alone."""
    if not mostly_cjk(text):
        return "en"
    if re.search(r"[\uac00-\ud7af]", text):
        return "ko"
    return "ja" if re.search(r"[\u3040-\u30ff]", text) else "zh"


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the ranges of the sentences, trimmed of white space, in order.

    A sentence ends at final punctuation (not after an abbreviation, an initial or the number
    of a list item), at a blank line, and before a list item; text without any of these is
    one sentence.
    """
    ranges: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        end = match.end()
        if match.group()[0] == "." and _goes_on(text, start, end):
            continue
        if match.group() == "\n" and not _line_ends(text, match.start()):
            continue
        _append(ranges, text, start, end)
        start = end
    _append(ranges, text, start, len(text))
    return ranges


def _line_ends(text: str, at: int) -> bool:
    """Whether the line break at `at` ends a statement: a short line, or a list item follows."""
    line = at - (text.rfind("\n", 0, at) + 1)
    return line <= SHORT_LINE or _ITEM.match(text, at + 1) is not None


def _goes_on(text: str, start: int, end: int) -> bool:
    """Whether the full stop before `end` closes an abbreviation or the number of a list item."""
    if text[start : end - 1].strip().isdigit():
        return True
    return _ABBREVIATION.search(text, max(start, end - 12), end) is not None


def _append(ranges: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    trimmed = trim(text, start, end)
    if trimmed[0] < trimmed[1]:
        ranges.append(trimmed)


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Shrink a range so that it neither starts nor ends with white space."""
    while start < end and (text[start].isspace() or text[start] == "\ufeff"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def normalised(text: str) -> str:
    """Fold width, case, accents and white space, for comparing what people see as the same.

    The voiced marks of kana stay: they make other letters, not the same with an accent.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(char for char in folded if char in _VOICED or not unicodedata.combining(char))
    return " ".join(unicodedata.normalize("NFC", bare).split())


def words(text: str) -> list[str]:
    """Return the words in order, normalised; a run of CJK characters is one word."""
    return _WORD.findall(normalised(text))


def ngrams(run: str, n: int = 2) -> list[str]:
    """Return the overlapping n-grams of a CJK run (the run itself when shorter)."""
    return [run[i : i + n] for i in range(len(run) - n + 1)] if len(run) >= n else [run]


@lru_cache(maxsize=4096)
def content_terms(text: str) -> tuple[str, ...]:
    """Return the distinct terms that carry meaning: words but stop words, CJK as bigrams."""
    terms: dict[str, None] = {}
    for word in words(text):
        if _CJK.match(word):
            terms.update(dict.fromkeys(ngrams(word)))
        elif word not in _STOP:
            terms[word] = None
    return tuple(terms)


def covered(question: str, text: str) -> float:
    """Return the share of a question's terms that a text holds, but for their endings."""
    terms = content_terms(question)
    held = normalised(text)
    stems = [term[: max(4, len(term) - 2)] for term in terms]
    return sum(stem in held for stem in stems) / len(terms) if terms else 0.0
