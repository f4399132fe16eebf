"""Tables of documents as real tables: their names, their columns, and where each row stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from motet.core.documents import Cell, Table
from motet.core.store.sessions import Value
from motet.knowledge.prepare import MOST_COLUMNS

PLACE = ("#number", "#start", "#end")
"""Our own columns: the row's number from 1, and where it stands in the version's text."""


def row_table(table_id: int) -> str:
    """Return the name of the table that holds a table's rows."""
    return f"rows_{table_id}"


def column_names(columns: Sequence[str]) -> list[str]:
    """Give every column a name of its own, without regard to case."""
    names: list[str] = []
    taken: set[str] = set()
    for position, column in enumerate(columns[:MOST_COLUMNS], 1):
        base = " ".join(column.replace("\0", " ").split()) or f"column {position}"
        name, suffix = base, 2
        while name.casefold() in taken or name.startswith("#"):
            name, suffix = f"{base.lstrip('#')} {suffix}", suffix + 1
        taken.add(name.casefold())
        names.append(name)
    return names or ["column 1"]


def rows_of(table: Table, width: int) -> Iterator[tuple[Value, ...]]:
    """Return the rows as the table keeps them: our own columns, then `width` values."""
    placed = zip(table.row_ranges, table.rows, strict=True)
    for number, ((start, end), row) in enumerate(placed, 1):
        values = [None if cell is None else cell.value for cell in _padded(row, width)]
        yield (number, start, end, *values)


def _padded(row: Sequence[Cell | None], width: int) -> list[Cell | None]:
    return [*row[:width], *([None] * (width - len(row)))]
