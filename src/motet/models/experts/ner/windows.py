"""Windows: as many units of a text as the encoder reads at once, with their surroundings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from motet.models.experts.ner.units import Units

PIECES = 200
"""Most pieces of a window, control tokens left out."""
MARGIN = 40
"""Pieces on either side that are read for context only, where the text goes on."""


@dataclass(frozen=True, slots=True)
class Window:
    """The pieces `low` to `high` of a text; of its units, `begin` to `end` are decided here."""

    low: int
    high: int
    begin: int
    end: int


def windows(found: Units) -> Iterator[Window]:
    """Yield windows that together decide every unit once, in order; none for no units.

    A window begins and ends between units, except within a unit longer than itself.
    """
    pieces = len(found.ids)
    count = len(found.first)
    begin = 0
    while begin < count:
        low = _unit_from(found, found.first[begin] - MARGIN) if begin else 0
        high = low + PIECES
        if high >= pieces:
            yield Window(low, pieces, begin, count)
            return
        end = max(begin + 1, bisect_left(found.first, high - MARGIN))
        between = found.first[bisect_left(found.first, high + 1) - 1]
        yield Window(low, between if between > found.first[end - 1] else high, begin, end)
        begin = end


def _unit_from(found: Units, piece: int) -> int:
    """Return the first piece, from `piece` on, that begins a unit."""
    return found.first[bisect_left(found.first, piece)]
