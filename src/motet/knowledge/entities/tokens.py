"""Tokens that names are matched by: words, and single characters where words have no spaces."""

from __future__ import annotations

import re
from functools import lru_cache

from motet.core.text import CJK, normalised

_TOKEN = re.compile(rf"[{CJK}]|[^\W_{CJK}](?:[^\W_{CJK}]|[\u0300-\u036f])*")
_ASCII = re.compile("[a-z0-9]+")
_HANGUL = re.compile("[\uac00-\ud7af]")
_KATAKANA = re.compile("[\u30a0-\u30ff]")
_DASHES = "-‐‑‒–—−"

Token = tuple[str, int, int]
"""A token as it is compared, and where it stands."""


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text, folded for comparison."""
    if text.isascii():
        return [(m.group(), *m.span()) for m in _ASCII.finditer(text.lower())]
    return [
        (word.lower() if (word := m.group()).isascii() else _folded(word), *m.span())
        for m in _TOKEN.finditer(text)
    ]


@lru_cache(maxsize=65536)
def _folded(word: str) -> str:
    return normalised(word)


def gap(between: str) -> str:
    """Return what stands between two tokens so that spellings that differ little are equal.

    Dashes and white space are the same, full stops and commas nothing.
    """
    if between in (" ", "-", ""):
        return " " if between else ""
    bare = between.strip().strip(".,").strip()
    if not bare:
        return " "
    return " " if bare in _DASHES else bare


def breaks(between: str) -> bool:
    """Whether a name cannot go on across what stands between two tokens."""
    return len(between) > 4 or between.count("\n") > 1


def splits_word(text: str, start: int, end: int) -> bool:
    """Whether a range begins or ends inside a word.

    Chinese has no spaces, so anything goes; a Korean name begins a word and carries particles;
    a Japanese one in katakana is the whole run.
    """
    before, after = text[start - 1 : start], text[end : end + 1]
    if _HANGUL.match(text, start):
        return bool(_HANGUL.match(before))
    return bool(
        (_KATAKANA.match(text, start) and _KATAKANA.match(before))
        or (_KATAKANA.match(text, end - 1) and _KATAKANA.match(after))
    )


def joins_code(text: str, start: int, end: int) -> bool:
    """Whether a code goes on before or after the range: `KV-140` in `KV-140-0`."""
    return _joint(text, start - 1, -1) or _joint(text, end, 1)


def _joint(text: str, at: int, step: int) -> bool:
    if not (0 <= at < len(text) and 0 <= at + step < len(text)):
        return False
    return (text[at] in _DASHES or text[at] in "_.") and text[at + step].isalnum()
