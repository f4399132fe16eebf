"""CSV and TSV: the decoded file itself, with a cell for every value in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from motet.core.documents import Block, Cell, Extracted, Table
from motet.core.errors import ExtractionError
from motet.knowledge.extract.decoding import decode
from motet.knowledge.extract.formats import TSV
from motet.knowledge.extract.plain import extract_plain, trim
from motet.knowledge.extract.tabular import column_names, is_header

DELIMITERS = "\t;|,"
MOST_COLUMNS = 100_000
"""Columns up to which a file is read as a table; one with more is refused at once."""
_SAMPLE_CHARACTERS = 65_536
_SAMPLE_ROWS = 200
_HEADER_ROWS = 50

Row = list[Cell]


def extract_delimited(data: bytes, media_type: str) -> Extracted:
    """Return a CSV or TSV file: one block per row and one table.

    A cell's range is the content inside the quotes, without surrounding spaces; its value has
    doubled quotes undone. Short rows are padded with None, long ones widen the table. A file in
    which no separator repeats is returned as one column, and one that is no table at all as text.
    Raises ExtractionError for binary data, files without any value, and absurdly wide ones.
    """
    decoded = decode(data)
    text = decoded.text
    if not text.strip("\ufeff \t\r\n\x00"):
        raise ExtractionError("the file holds only white space")
    _check_width(text)
    delimiter = sniff_delimiter(text, preferred="\t" if media_type == TSV else ",")
    rows = [row for row in read_rows(text, delimiter) if _filled(row)]
    if not rows:
        return extract_plain(data)
    blocks = tuple(Block("row", *_span(text, row)) for row in rows)
    table = _table(text, rows)
    tables = (table,) if table.rows or len(table.columns) > 1 else ()
    return Extracted(text, media_type, blocks=blocks, tables=tables, notes=decoded.notes)


def _check_width(text: str) -> None:
    width = 1 + max(text.count(each, 0, _line_end(text, 0)) for each in DELIMITERS)
    if width > MOST_COLUMNS:
        raise ExtractionError(
            f"its first line has {width:,} columns, at most {MOST_COLUMNS:,} are read"
        )


def sniff_delimiter(text: str, preferred: str = ",") -> str:
    """Return the separator that cuts the first rows into the most even columns."""
    best, best_score = preferred, 0.0
    cut = len(text) > _SAMPLE_CHARACTERS
    sample = text[: text.rfind("\n", 0, _SAMPLE_CHARACTERS) + 1 or None] if cut else text
    for delimiter in DELIMITERS:
        widths = Counter[int]()
        for count, row in enumerate(read_rows(sample, delimiter)):
            if count >= _SAMPLE_ROWS:
                break
            if _filled(row):
                widths[len(row)] += 1
        if not widths:
            continue
        width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]))
        score = 0.0 if width == 1 else rows / widths.total() + min(width, 50) / 1000
        score += 0.01 if delimiter == preferred else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def read_rows(text: str, delimiter: str) -> Iterator[Row]:
    """Yield each record's cells; quotes may hold separators, line ends and doubled quotes."""
    sep = re.escape(delimiter)
    blank = r"[ \t]*" if delimiter != "\t" else " *"
    field = re.compile(
        rf'{blank}"(?P<quoted>(?:[^"]++|"")*+)"{blank}(?P<after>{sep}|\r\n|\r|\n|\Z)'
        rf"|(?P<bare>[^{sep}\r\n]*)(?P<end>{sep}|\r\n|\r|\n|\Z)"
    )
    at, size = (1 if text.startswith("\ufeff") else 0), len(text)
    row: Row = []
    while at < size:
        line_end = _line_end(text, at)
        if not row and text.find('"', at, line_end) < 0:
            yield _bare_row(text, at, line_end, delimiter)
            at = _next_line(text, line_end)
            continue
        found = field.match(text, at)
        if found is None:
            break
        row.append(_cell(text, found))
        at = found.end()
        closer = found["after"] if found["quoted"] is not None else found["end"]
        if closer != delimiter:
            yield row
            row = []
        elif at == size:
            row.append(Cell("", at, at))
    if row:
        yield row


def _line_end(text: str, at: int) -> int:
    feed = text.find("\n", at)
    feed = len(text) if feed < 0 else feed
    carriage = text.find("\r", at, feed)
    return feed if carriage < 0 else carriage


def _next_line(text: str, end: int) -> int:
    return end + (2 if text.startswith("\r\n", end) else 1)


def _bare_row(text: str, start: int, end: int, delimiter: str) -> Row:
    row, at = [], start
    for value in text[start:end].split(delimiter):
        stop = at + len(value)
        kept = value.strip()
        first = at + len(value) - len(value.lstrip()) if kept else at
        row.append(Cell(kept, first, first + len(kept)))
        at = stop + 1
    return row


def _cell(text: str, found: re.Match[str]) -> Cell:
    if found["quoted"] is not None:
        start, end = found.span("quoted")
        return Cell(found["quoted"].replace('""', '"'), start, end)
    start, end = trim(text, *found.span("bare"))
    return Cell(text[start:end], start, end)


def _filled(row: Row) -> bool:
    return any(cell.value for cell in row)


def _span(text: str, row: Row) -> tuple[int, int]:
    """Return the range of a row's text, the quotes of its first and last value included."""
    start, end = row[0].start, row[-1].end
    start -= 1 if start and text[start - 1] == '"' else 0
    end += 1 if text.startswith('"', end) else 0
    return trim(text, start, end)


def _table(text: str, rows: list[Row]) -> Table:
    common = Counter(len(row) for row in rows[:_SAMPLE_ROWS]).most_common(1)[0][0]
    first = 0
    while common > 1 and first < min(5, len(rows) - 1) and len(rows[first]) == 1:
        first += 1
    head = [cell.value for cell in rows[first]]
    sample = [[cell.value for cell in row] for row in rows[first + 1 : first + 1 + _HEADER_ROWS]]
    headed = is_header(head, sample) or (len(rows) == first + 1 and len(head) > 1)
    body = rows[first + 1 :] if headed else rows[first:]
    width = max(len(row) for row in rows[first:])
    padded = tuple(tuple(row) + (None,) * (width - len(row)) for row in body)
    ranges = tuple(_span(text, row) for row in body)
    return Table("", column_names(head if headed else [], width), padded, ranges)
