"""The types of columns, told from their values where nobody said them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

ColumnType = Literal["integer", "real", "text"]

_INTEGER = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})")
_REAL = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?(?:[eE][+-]?\d{1,2})?")
_KNOWN: dict[str, ColumnType] = {"integer": "integer", "real": "real"}


def declared(name: object) -> ColumnType:
    """Return the SQL type of a discovered one: dates, money and the like stay texts."""
    return _KNOWN.get(str(name), "text")


def inferred(rows: Iterable[Sequence[object]], width: int) -> list[ColumnType]:
    """Return the type of each column: a number where all values that are there are written so.

    A leading zero makes a code, which is a text.
    """
    types: list[ColumnType | None] = [None] * width
    undecided = set(range(width))
    for row in rows:
        for place in tuple(undecided):
            text = "" if row[place] is None else str(row[place]).strip()
            if not text:
                continue
            types[place] = _narrowed(types[place], text)
            if types[place] == "text":
                undecided.discard(place)
        if not undecided:
            break
    return [each or "text" for each in types]


def _narrowed(before: ColumnType | None, text: str) -> ColumnType:
    if before in (None, "integer") and _INTEGER.fullmatch(text):
        return "integer"
    return "real" if _REAL.fullmatch(text) else "text"
