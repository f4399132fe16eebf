"""Spreadsheets, whatever their file format: a grid of shown values to rows and tables."""

from __future__ import annotations

from collections.abc import Iterable

from motet.knowledge.extract.tabular import is_header
from motet.knowledge.extract.writer import Writer

SheetRow = dict[int, str]
Grid = list[list[str]]


def write_sheet(writer: Writer, name: str, rows: Iterable[tuple[int, SheetRow]]) -> None:
    """Write a sheet's rows (number, values by column), a table for each run of filled rows.

    Lines with one value above a wider table are its title. A run that goes on in the same
    columns after an empty row and has no header of its own belongs to the table before it.
    """
    for band in _bands(rows):
        columns = sorted({column for row in band for column in row})
        grid = [[row.get(column, "") for column in columns] for row in band]
        title = name
        while len(grid) > 1 and len(columns) > 1 and _single(grid[0]) and not _single(grid[1]):
            title = next(cell for cell in grid.pop(0) if cell)
            writer.write(title, "heading", 2)
        writer.write_table(grid, name=title, loose=True)


def _bands(rows: Iterable[tuple[int, SheetRow]]) -> list[list[SheetRow]]:
    bands: list[list[SheetRow]] = []
    last = -2
    for number, row in rows:
        filled = {column: value for column, value in row.items() if value.strip()}
        if not filled:
            continue
        if number != last + 1:
            bands.append([])
        bands[-1].append(filled)
        last = number
    return _rejoined(bands)


def _rejoined(bands: list[list[SheetRow]]) -> list[list[SheetRow]]:
    joined: list[list[SheetRow]] = []
    for band in bands:
        if joined and _goes_on(joined[-1], band):
            joined[-1].extend(band)
        else:
            joined.append(band)
    return joined


def _goes_on(before: list[SheetRow], band: list[SheetRow]) -> bool:
    known = {column for row in before[:20] for column in row}
    columns = sorted({column for row in band for column in row})
    if len(columns) < 2 or len(before) < 3 or not set(columns) <= known:
        return False
    grid = [[row.get(column, "") for column in columns] for row in band[:20]]
    return not is_header(grid[0], grid[1:]) and not _single(grid[0])


def _single(row: list[str]) -> bool:
    return sum(1 for cell in row if cell) == 1
