"""Tables of a PDF: liteparse says where the cells are, our own words fill them.

liteparse's own cell text is not used: it rewrites dashes and quotes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import TYPE_CHECKING

from motet.knowledge.extract.pdf.layout import Segment, line_segments, union
from motet.knowledge.extract.pdf.words import Box, PageWord

if TYPE_CHECKING:
    from liteparse import AnnotationRect, LayoutBlock

_MAX_CELL = 450
_MAX_MEAN = 120
_MIN_FILLED = 0.35
_SPACE = 0.5
_RUNNING_WORDS = 8
_RUNNING_WIDTH = 16


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


def without_prose(table: PageTable, words: Sequence[PageWord]) -> PageTable | None:
    """Return the table without the running text above and below it; None where all is such text.

    Rules and boxes around paragraphs make them look like rows. What tells them apart is that
    their lines run on from one cell into the next with no more than a space between.
    """
    letters, running = [0] * len(table.cells), [0] * len(table.cells)
    columns: list[set[int]] = [set() for _ in table.cells]
    lines: list[list[set[int]]] = [[] for _ in table.cells]
    for segment in line_segments(words):
        places = [_nearest(table.cells, word.box) for word in segment.words]
        row, size = places[0][0], sum(len(word.text) for word in segment.words)
        columns[row].update(column for _, column in places)
        letters[row] += size
        if _runs_on(segment, places):
            running[row] += size
            lines[row].append({column for _, column in places})
    prose = [
        2 * running[row] > letters[row] and (len(lines[row]) > 1 or 0 in lines[row][0])
        for row in range(len(table.cells))
    ]
    full = [len(row) > 1 for row in columns]
    first = _margin(prose, full)
    last = len(prose) - _margin(prose[::-1], full[::-1])
    if 2 * sum(running[first:last]) > sum(letters[first:last]):
        return None
    if (first, last) == (0, len(prose)):
        return table
    kept = [table.cells[row] for row in range(first, last) if letters[row]]
    if len(kept) < 2:
        return None
    return PageTable(union([box for row in kept for box in row]), kept)


def _runs_on(segment: Segment, places: Sequence[tuple[int, int]]) -> bool:
    """Tell whether a line of text goes over a cell's edge as if it were not there."""
    wide = segment.box[2] - segment.box[0] >= _RUNNING_WIDTH * segment.height
    if not wide or len(segment.words) < _RUNNING_WORDS or len(set(places)) < 2:
        return False
    text = "".join(word.text for word in segment.words)
    if 2 * sum(map(str.isalpha, text)) < len(text):
        return False
    pairs = zip(segment.words, segment.words[1:], places, places[1:], strict=False)
    gaps = [_gap(one.box, two.box) for one, two, here, there in pairs if here != there]
    return max(gaps) < _SPACE * segment.height


def _gap(one: Box, two: Box) -> float:
    return max(two[0] - one[2], one[0] - two[2])


def _margin(prose: Sequence[bool], full: Sequence[bool]) -> int:
    """Return how many rows at the start are prose, or lone cells outside of prose."""
    margin = 0
    for index, row in enumerate(prose):
        if row:
            margin = index + 1
        elif full[index]:
            break
    return margin


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
