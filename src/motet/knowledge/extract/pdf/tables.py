"""Tables of a PDF: liteparse says where the cells are, our own words fill them.

liteparse's own cell text is not used: it rewrites dashes and quotes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING

from motet.knowledge.extract.pdf.layout import union
from motet.knowledge.extract.pdf.words import Box, PageWord

if TYPE_CHECKING:
    from liteparse import AnnotationRect, LayoutBlock

_MAX_CELL = 450
_MAX_MEAN = 120
_MIN_FILLED = 0.35


@dataclass(slots=True)
class PageTable:
    """A table on a page: its box and a box for every cell."""

    box: Box
    cells: list[list[Box]]


def find_tables(data: bytes) -> dict[int, list[PageTable]]:
    """Return the tables of each page (1-based), in display space; none where liteparse fails."""
    from liteparse import LiteParse, ParseError

    parser = LiteParse(
        ocr_enabled=False, extract_blocks=True, quiet=True, continue_on_page_error=True
    )
    found: dict[int, list[PageTable]] = {}
    try:
        result = parser.parse(data)
    except ParseError:
        return found
    for page in result.pages:
        tables = [_page_table(block) for block in page.blocks or [] if block.kind == "table"]
        kept = [table for table in tables if table is not None]
        if kept:
            found[page.page_num] = kept
    return found


def fill(table: PageTable, words: Sequence[PageWord]) -> list[list[list[PageWord]]]:
    """Give every word to the cell it stands in or nearest to."""
    grid: list[list[list[PageWord]]] = [[[] for _ in row] for row in table.cells]
    for word in words:
        row, column = _nearest(table.cells, word.box)
        grid[row][column].append(word)
    return grid


def inside(box: Box, word: PageWord) -> bool:
    """Tell whether the middle of a word lies in a box."""
    x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
    return box[0] - 1 <= x <= box[2] + 1 and box[1] - 1 <= y <= box[3] + 1


def _page_table(block: LayoutBlock) -> PageTable | None:
    header, rows = block.header or [], block.rows or []
    grid = ([header] if any(cell.text for cell in header) else []) + rows
    width = max(map(len, grid), default=0)
    if width < 2 or not _plausible([[cell.text for cell in row] for row in grid], width):
        return None
    boxes = [[_box(cell.bbox) for cell in row] + [None] * (width - len(row)) for row in grid]
    known = [box for row in boxes for box in row if box]
    return PageTable(union(known), _complete(boxes, width)) if known else None


def _plausible(grid: list[list[str]], width: int) -> bool:
    """Tell a table from prose that happens to stand in columns."""
    filled = [text for row in grid for text in row if text]
    if len(grid) < 2 or len(filled) < _MIN_FILLED * len(grid) * width:
        return False
    return max(map(len, filled)) <= _MAX_CELL and mean(map(len, filled)) <= _MAX_MEAN


def _box(rect: AnnotationRect | None) -> Box | None:
    return (rect.x, rect.y, rect.x + rect.width, rect.y + rect.height) if rect else None


def _complete(boxes: list[list[Box | None]], width: int) -> list[list[Box]]:
    """Give cells without ink the place where their row and column cross."""
    columns = [[row[index] for row in boxes if row[index]] for index in range(width)]
    across = [union([box for box in column if box]) if column else None for column in columns]
    complete = []
    for row in boxes:
        known = [box for box in row if box]
        along = union(known) if known else (0.0, -1e6, 0.0, -1e6)
        places = []
        for index, box in enumerate(row):
            span = across[index] or (along[0], 0.0, along[0], 0.0)
            places.append(box or (span[0], along[1], span[2], along[3]))
        complete.append(places)
    return complete


def _nearest(cells: list[list[Box]], box: Box) -> tuple[int, int]:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    best, place = float("inf"), (0, 0)
    for row, boxes in enumerate(cells):
        for column, cell in enumerate(boxes):
            across = max(cell[0] - x, x - cell[2], 0.0)
            along = max(cell[1] - y, y - cell[3], 0.0)
            distance = across + 3 * along
            if distance < best:
                best, place = distance, (row, column)
    return place
