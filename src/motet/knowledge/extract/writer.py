"""Puts the text of a document together and remembers where everything stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from motet.core.documents import (
    Block,
    BlockKind,
    Cell,
    Extracted,
    Region,
    RegionKind,
    Table,
    Word,
)
from motet.knowledge.extract.decoding import printable
from motet.knowledge.extract.tabular import column_names, is_header

SEPARATOR = " | "
_SPACES = re.compile(r"[ \t\xa0\u2000-\u200a]+")


def tidy(text: str) -> str:
    """Return text without control characters, doubled spaces, and spaces at line ends."""
    text = printable(text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [_SPACES.sub(" ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()


def inline(text: str) -> str:
    """Return text on one line."""
    if text.isprintable() and "  " not in text and not text.startswith(" "):
        return text.rstrip()
    return " ".join(tidy(text).split())


class Writer:
    """Collects blocks, tables, regions and words while the text grows.

    Blocks are separated by a blank line; rows written one by one by a line end.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._regions: list[Region] = []
        self._tables: list[Table] = []
        self._words: list[Word] = []
        self._notes: list[str] = []
        self._loose = False

    @property
    def empty(self) -> bool:
        """Whether nothing has been written yet."""
        return not self._blocks

    def note(self, remark: str) -> None:
        """Add a remark for a person, once."""
        if remark not in self._notes:
            self._notes.append(remark)

    def write(self, text: str, kind: BlockKind = "paragraph", level: int = 0) -> None:
        """Append a block of text after tidying it; white space alone is left out."""
        text = tidy(text)
        if text:
            self.write_exact(text, kind, level)

    def write_code(self, text: str) -> None:
        """Append a block whose inner spacing matters."""
        lines = printable(text.replace("\r\n", "\n").expandtabs(4)).split("\n")
        code = "\n".join(line.rstrip() for line in lines).strip("\n")
        if code.strip():
            self.write_exact(code, "code")

    def write_exact(self, text: str, kind: BlockKind, level: int = 0) -> int:
        """Append a block as it is and return where it starts."""
        joint = "\n" if kind == "row" and self._loose else "\n\n"
        start = self._append(text, joint)
        self._blocks.append(Block(kind, start, self._length, level))
        self._loose = kind == "row"
        return start

    def add_word(self, word: Word) -> None:
        """Remember a word's box; its range must lie in what has been written."""
        self._words.append(word)

    @contextmanager
    def region(self, kind: RegionKind, number: int, name: str | None = None) -> Iterator[None]:
        """Everything written inside belongs to this page, sheet, slide, section or part."""
        first, self._loose = len(self._blocks), False
        place = len(self._regions)
        yield
        start = self._blocks[first].start if len(self._blocks) > first else self._length
        self._regions.insert(place, Region(kind, number, start, self._length, name))
        self._loose = False

    def write_table(
        self,
        rows: Sequence[Sequence[str]],
        *,
        name: str = "",
        page: int | None = None,
        loose: bool = False,
        headed: bool | None = None,
    ) -> list[list[Cell]]:
        """Append a table, one line per row, and return the cells of each row written.

        `loose` makes every row a block of its own instead of one block for the table;
        `headed` says whether the first row names the columns (None: find out).
        """
        grid = [[inline(cell) for cell in row] for row in rows]
        grid = [row for row in grid if any(row)]
        if not grid:
            return []
        width = max(map(len, grid))
        if loose:
            cells = [self._write_row(row) for row in grid]
        else:
            cells = self._write_rows(grid)
        if headed is None:
            headed = is_header(grid[0], grid[1:])
        body = cells[1:] if headed else cells
        if width > 1 or headed:
            padded = [tuple(row) + (None,) * (width - len(row)) for row in body]
            ranges = tuple((row[0].start, row[-1].end) for row in body)
            columns = column_names(grid[0] if headed else [], width)
            self._tables.append(Table(name, columns, tuple(padded), ranges, page))
        return cells

    def write_document(self, found: Extracted) -> None:
        """Append another document whole: its text, blocks and tables; boxes belong to its pages."""
        start = self._append(found.text, "\n\n")
        self._blocks += [
            Block(block.kind, block.start + start, block.end + start, block.level)
            for block in found.blocks
        ]
        for table in found.tables:
            rows = tuple(tuple(_moved(cell, start) for cell in row) for row in table.rows)
            ranges = tuple((first + start, last + start) for first, last in table.row_ranges)
            self._tables.append(Table(table.name, table.columns, rows, ranges, None))
        self._loose = False

    def finish(self, media_type: str, title: str | None = None) -> Extracted:
        """Return the document."""
        return Extracted(
            text="".join(self._parts),
            media_type=media_type,
            title=inline(title) or None if title else None,
            regions=tuple(self._regions),
            blocks=tuple(self._blocks),
            tables=tuple(self._tables),
            words=tuple(self._words),
            notes=tuple(self._notes),
        )

    def first_heading(self) -> str | None:
        """Return the text of the first heading, which titles a document that has no title."""
        whole = "".join(self._parts)
        for block in self._blocks[:50]:
            if block.kind == "heading":
                return whole[block.start : block.end]
        return None

    def _append(self, text: str, joint: str) -> int:
        if self._parts:
            self._parts.append(joint)
            self._length += len(joint)
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        return start

    def _write_row(self, row: Sequence[str]) -> list[Cell]:
        line, cells = _lay_out(row)
        start = self.write_exact(line, "row")
        return _shift(cells, start)

    def _write_rows(self, grid: Sequence[Sequence[str]]) -> list[list[Cell]]:
        laid = [_lay_out(row) for row in grid]
        at = self.write_exact("\n".join(line for line, _ in laid), "table")
        placed = []
        for line, cells in laid:
            placed.append(_shift(cells, at))
            at += len(line) + 1
        return placed


def _lay_out(row: Sequence[str]) -> tuple[str, list[Cell]]:
    filled = max(index for index, cell in enumerate(row) if cell) + 1
    cells, at = [], 0
    for index, value in enumerate(row):
        cells.append(Cell(value, at, at + len(value)))
        at += len(value) + (len(SEPARATOR) if index + 1 < filled else 0)
    return SEPARATOR.join(row[:filled]), cells


def _moved(cell: Cell | None, by: int) -> Cell | None:
    return Cell(cell.value, cell.start + by, cell.end + by) if cell else None


def _shift(cells: Sequence[Cell], by: int) -> list[Cell]:
    return [Cell(cell.value, cell.start + by, cell.end + by) for cell in cells]
