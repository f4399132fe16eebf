"""Which row of which table a chunk is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from motet.core.graph import RowPlace

if TYPE_CHECKING:
    from motet.knowledge.chunks import Chunk


class RowPlaces:
    """Where the rows of a version's tables stand: `ranges[i]` are those of table i, in order."""

    def __init__(self, ranges: Iterable[Sequence[tuple[int, int]]]) -> None:
        self._placed = sorted(
            (start, end, table, number)
            for table, rows in enumerate(ranges)
            for number, (start, end) in enumerate(rows, 1)
            if start < end
        )
        self._starts = [each[0] for each in self._placed]

    def of(self, chunk: Chunk) -> RowPlace | None:
        """Return the row that a chunk is, or is part of where the row is long."""
        if chunk.segments is None:
            return None
        at = bisect_right(self._starts, chunk.start) - 1
        if at < 0 or self._placed[at][1] <= chunk.start:
            return None
        return RowPlace(*self._placed[at][2:])
