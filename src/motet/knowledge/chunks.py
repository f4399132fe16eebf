"""Chunks: stretches of a document that are indexed, retrieved and read as one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from motet.core.documents import Block, Cell, Extracted, Region, Table
from motet.core.passages import Segment
from motet.core.text import sentences, trim

TARGET = 700
"""Code points at which a chunk of paragraphs is closed."""
LIMIT = 1100
"""Code points that no chunk of prose exceeds, unless one sentence does."""
ROW_LIMIT = 4000
"""Code points of a row's rendering from which on its further values are another chunk."""
TELLING_COLUMNS = 100
"""Names of columns that tell a table's header from its rows."""

_ON_ONE_LINE = {ord("\r"): " ", ord("\n"): " "}


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk; see `Passage` for the fields. `body` None means the source's own text."""

    kind: str
    page: int | None
    start: int
    end: int
    context: str
    body: str | None = None
    segments: tuple[Segment, ...] | None = None


def chunk(document: Extracted, name: str) -> list[Chunk]:
    """Cut a document into chunks, in reading order; equal input gives equal chunks."""
    title = document.title or PurePosixPath(name).stem.replace("_", " ").replace("-", " ")
    rows = list(_rows(document, title))
    taken = sorted((row.start, row.end) for row in rows)
    prose = _prose(document, title, taken)
    return sorted([*prose, *rows], key=lambda each: (each.start, each.end))


def _rows(document: Extracted, title: str) -> Iterator[Chunk]:
    for table in document.tables:
        heading = title if table.name in title else f"{title} > {table.name}"
        for index, (start, end) in enumerate(table.row_ranges):
            found = list(_render(table, index)) if start < end else []
            for body, segments in found:
                span = (start, end)
                if len(found) > 1:  # a long row: each chunk spans its own values
                    span = (segments[0].source_start, segments[-1].source_end)
                yield Chunk("row", table.page, *span, heading, body, segments)


def _render(table: Table, index: int) -> Iterator[tuple[str, tuple[Segment, ...]]]:
    """Write a row as `column: value; column: value`, remembering where each value stands."""
    body = ""
    segments: list[Segment] = []
    for column, cell in zip(table.columns, table.rows[index], strict=False):
        label = f"{column.strip()}: " if column.strip() else ""
        for value, start, end in _values(cell):
            if body and len(body) + len(label) + len(value) > ROW_LIMIT:
                yield body, tuple(segments)
                body, segments = "", []
            body += ("; " if body else "") + label
            segments.append(Segment(len(body), len(body) + len(value), start, end))
            body += value
    if body:
        yield body, tuple(segments)


def _values(cell: Cell | None) -> Iterator[tuple[str, int, int]]:
    """Yield a cell's value on one line, in parts where it is long, each with its place."""
    if cell is None or not cell.value.strip():
        return
    value = cell.value.translate(_ON_ONE_LINE)
    verbatim = len(value) == cell.end - cell.start
    for low, high in _pieces(value, 0, len(value)) if len(value) > LIMIT else [(0, len(value))]:
        if verbatim:
            yield value[low:high], cell.start + low, cell.start + high
        else:
            yield value[low:high], cell.start, cell.end


def _prose(document: Extracted, title: str, taken: list[tuple[int, int]]) -> Iterator[Chunk]:
    """Join neighbouring blocks under one heading and on one page up to the target size."""
    pages = _Pages(document.regions)
    free = _Free(taken)
    stretch: _Stretch | None = None
    headings: list[tuple[int, str]] = []
    for block in document.blocks or (Block("paragraph", 0, len(document.text)),):
        apart = free.covers(block) or _is_header(document, block)
        page = pages.at(block.start)
        if stretch is not None and (apart or not stretch.admits(block, page)):
            yield from stretch.chunks(document.text)
            stretch = None
        if apart:
            continue
        if block.kind == "heading":
            headings = _below(headings, block, document.text)
        if stretch is None:
            stretch = _Stretch(block.start, block.end, page, "", bare=True)
        stretch.end = block.end
        stretch.context = _context(title, headings)
        stretch.bare = stretch.bare and block.kind == "heading"
    if stretch is not None:
        yield from stretch.chunks(document.text)


def _is_header(document: Extracted, block: Block) -> bool:
    """Whether the block is a table's line of column names: each row is read with them."""
    if block.kind != "row":
        return False
    text = document.text[block.start : block.end]
    return any(
        table.rows
        and len(text) <= sum(len(column) + 4 for column in table.columns)
        and all(column in text for column in table.columns[:TELLING_COLUMNS])
        for table in document.tables
    )


@dataclass(slots=True)
class _Stretch:
    """Blocks that become one chunk; `bare` while it holds nothing but headings."""

    start: int
    end: int
    page: int | None
    context: str
    bare: bool

    def admits(self, block: Block, page: int | None) -> bool:
        """Whether the block may join: a heading belongs to what follows it."""
        if page != self.page:
            return False
        return self.bare or (block.kind != "heading" and block.end - self.start <= TARGET)

    def chunks(self, text: str) -> Iterator[Chunk]:
        return _split(text, self.start, self.end, self.page, self.context)


def _below(headings: list[tuple[int, str]], block: Block, text: str) -> list[tuple[int, str]]:
    """Return the path of headings once this heading has been met."""
    level = block.level or 1
    line = " ".join(text[block.start : block.end].split()).lstrip("# ").strip()
    return [*(each for each in headings if each[0] < level), (level, line)]


def _context(title: str, headings: list[tuple[int, str]]) -> str:
    path = [title, *(text for _, text in headings if text and text != title)]
    return " > ".join(path)[:300]


def _split(text: str, start: int, end: int, page: int | None, context: str) -> Iterator[Chunk]:
    """Yield the range as one chunk, or cut at sentence ends where it is too long."""
    begin, finish = trim(text, start, end)
    if finish - begin <= LIMIT:
        if begin < finish:
            yield Chunk("text", page, begin, finish, context)
        return
    low: int | None = None
    high = begin
    for first, last in _pieces(text, begin, finish):
        if low is not None and last - low > TARGET:
            yield Chunk("text", page, low, high, context)
            low = None
        if low is None:
            low = first
        high = last
    if low is not None:
        yield Chunk("text", page, low, high, context)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield sentences; one that alone exceeds the limit is cut at white space."""
    for first, last in sentences(text[start:end]):
        low, high = start + first, start + last
        while high - low > LIMIT:
            cut = text.rfind(" ", low + LIMIT // 2, low + LIMIT)
            cut = low + LIMIT if cut < 0 else cut
            yield trim(text, low, cut)
            low = trim(text, cut, high)[0]
        if low < high:
            yield low, high


class _Pages:
    """Which page, sheet or slide an offset lies on; blocks ask in ascending order."""

    def __init__(self, regions: tuple[Region, ...]) -> None:
        self._regions = sorted(
            (r for r in regions if r.kind in ("page", "sheet", "slide")), key=lambda r: r.start
        )
        self._next = 0

    def at(self, offset: int) -> int | None:
        while self._next < len(self._regions) and self._regions[self._next].end <= offset:
            self._next += 1
        if self._next < len(self._regions) and self._regions[self._next].start <= offset:
            return self._regions[self._next].number
        return None


class _Free:
    """Which blocks are left to prose because no row of a table took them."""

    def __init__(self, taken: list[tuple[int, int]]) -> None:
        self._taken = taken
        self._next = 0

    def covers(self, block: Block) -> bool:
        while self._next < len(self._taken) and self._taken[self._next][1] <= block.start:
            self._next += 1
        return (
            self._next < len(self._taken)
            and block.kind in ("row", "table")
            and self._taken[self._next][0] < block.end
        )
