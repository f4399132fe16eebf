"""A table as structured sources give it: a name, columns, rows of plain values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class TableData:
    """A table's rows; each has one value per column. `name` tells it from all others."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Value, ...]]

    def column(self, index: int) -> Iterator[Value]:
        """Yield a column's values, row by row."""
        return (row[index] for row in self.rows)

    def projection(self, indexes: Sequence[int]) -> Iterator[tuple[Value, ...]]:
        """Yield each row's values in some columns."""
        return (tuple(row[index] for index in indexes) for row in self.rows)
