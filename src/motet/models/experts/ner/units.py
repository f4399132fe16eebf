"""Units: the words and single signs of a text, each with the shape that the encoder cannot see.

The base encoder reads lower case only. What capitals, digits and places in the line say about
names enters through a number a unit, the `shape`, which selects a learnt vector.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from motet.core.text import SHORT_LINE
from motet.models.encoder.wordpiece import Tokenizer

FORMS = (
    "lower",
    "Capital",
    "UPPER",
    "I",
    "miXed",
    "digits",
    "d1g1ts",
    "other letters",
    ".",
    ",",
    "quote",
    "sign",
)
"""What a unit looks like; see `form`."""

SHAPES = 1 + 4 * len(FORMS)
"""Number of shapes: 0 for control tokens, then every form, glued or not, first or not."""

_FINAL = frozenset('.!?:;•|*>"”)')
_QUOTES = frozenset("\"'`’‘“”´")
_LINE = re.compile(r"\r\n|[\n\r\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Units:
    """The units of a text, in order.

    `ids` and `owner` have an entry a piece: its id and the place of its unit; `first` is the
    place of each unit's first piece. `starts` and `ends` are code points of the text. `lines`
    are the places of units that begin a line which does not go on with the line before.
    """

    ids: list[int]
    owner: list[int]
    first: list[int]
    starts: list[int]
    ends: list[int]
    shapes: list[int]
    lines: list[int]


def units(tokenizer: Tokenizer, text: str) -> Units:
    """Split a text into units: runs of letters and digits, and signs one by one."""
    encoding = tokenizer.encode(text)
    found = Units(encoding.ids, [], [], [], [], [], [])
    for piece, (start, end) in enumerate(zip(encoding.starts, encoding.ends, strict=True)):
        if found.ends and _continues(text, found, start):
            found.ends[-1] = max(end, found.ends[-1])
        else:
            found.first.append(piece)
            found.starts.append(start)
            found.ends.append(end)
        found.owner.append(len(found.starts) - 1)
    _describe(found, text)
    return found


def _continues(text: str, found: Units, start: int) -> bool:
    """Whether a piece goes on where the last unit ended, or overlaps it, within a word."""
    end = found.ends[-1]
    if start < end:
        return True
    return start == end and text[start].isalnum() and text[end - 1].isalnum()


def _describe(found: Units, text: str) -> None:
    """Fill in the shapes and the lines."""
    before, line, opens = 0, 0, True
    for place, (start, end) in enumerate(zip(found.starts, found.ends, strict=True)):
        gap = text[before:start]
        breaks = [before + match.end() for match in _LINE.finditer(gap)]
        if breaks:
            opens = True
            if len(breaks) > 1 or breaks[0] - line <= SHORT_LINE:
                found.lines.append(place)
            line = breaks[-1]
        glued = not gap and before > 0
        word = text[start:end]
        found.shapes.append(1 + 4 * FORMS.index(form(word)) + 2 * glued + opens)
        opens = word in _FINAL or (opens and word in _QUOTES)
        before = end


def form(word: str) -> str:
    """Return which of `FORMS` a unit has."""
    if len(word) == 1 and not word.isalnum():
        return word if word in ".," else "quote" if word in _QUOTES else "sign"
    if word.isdigit():
        return "digits"
    if any(character.isdigit() for character in word):
        return "d1g1ts"
    if word.islower():
        return "lower"
    if word.isupper():
        return "I" if len(word) == 1 else "UPPER"
    if word[:1].isupper() and word[1:].islower():
        return "Capital"
    return "miXed" if word.lower() != word else "other letters"
