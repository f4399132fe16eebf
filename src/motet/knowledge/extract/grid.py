"""Rows that come without a text of their own: how values are written, and the text they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal

from motet.core.documents import Extracted
from motet.core.errors import ExtractionError
from motet.core.json import dumps
from motet.knowledge.extract.tabular import column_names
from motet.knowledge.extract.writer import Writer

MOST_CELLS = 20_000_000
"""Cells of one source up to which it is read; each is kept as text with its place."""


def write_grid(
    media_type: str, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> Extracted:
    """Return a table as text, a line for its columns and one for each row.

    Raises `ExtractionError` for a table without columns and one of too many cells.
    """
    if not columns:
        raise ExtractionError("the table has no columns")
    named = column_names([*columns], len(columns))
    grid: list[Sequence[str]] = [named]
    for row in rows:
        grid.append([shown(value) for value in row])
        if len(grid) * len(named) > MOST_CELLS:
            raise ExtractionError(
                f"the table has more than {MOST_CELLS // 10**6} million cells",
                hint="read a part of it: a view with fewer rows or columns",
            )
    writer = Writer()
    writer.write_table(grid, name=name, loose=True, headed=True)
    return writer.finish(media_type, name or None)


def shown(value: object) -> str:
    """Return a value as text: dates in ISO 8601, bytes in hexadecimal, nested ones as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else ""
    if isinstance(value, float):
        return repr(value) if value == value and abs(value) != float("inf") else ""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, Mapping):
        return dumps({str(key): shown(each) for key, each in value.items()})
    if isinstance(value, list | tuple | set):
        return dumps([shown(each) for each in value])
    return str(value)
