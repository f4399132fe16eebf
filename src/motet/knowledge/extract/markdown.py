"""Markdown: the decoded file itself, with headings, lists, code and pipe tables marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from motet.core.documents import Block, BlockKind, Cell, Extracted, Table
from motet.core.errors import ExtractionError
from motet.knowledge.extract.decoding import decode
from motet.knowledge.extract.formats import MARKDOWN
from motet.knowledge.extract.plain import lines, trim
from motet.knowledge.extract.tabular import column_names

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])(?:\s+|$)")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_DIVIDER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.MULTILINE)
_PIPE = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str

    @property
    def blank(self) -> bool:
        return not self.text.strip("\ufeff \t")


def extract_markdown(data: bytes) -> Extracted:
    """Return a Markdown file; blocks are whole lines, marks included.

    Raises ExtractionError for binary data and for files without any text.
    """
    decoded = decode(data)
    text = decoded.text
    if not text.strip("\ufeff \t\r\n\x00"):
        raise ExtractionError("the file holds only white space")
    parser = _Parser(text)
    blocks = tuple(parser.blocks())
    return Extracted(
        text,
        MARKDOWN,
        title=parser.title,
        blocks=blocks,
        tables=tuple(parser.tables),
        notes=decoded.notes,
    )


class _Parser:
    """Walks over the lines once; each method takes the lines of one block."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = [_Line(start, end, text[start:end]) for start, end in lines(text)]
        if self.lines and self.lines[0].text.startswith("\ufeff"):
            first = self.lines[0]
            self.lines[0] = _Line(first.start + 1, first.end, first.text[1:])
        self.tables: list[Table] = []
        self.title: str | None = None
        self._heading = ""
        self._at = 0

    def blocks(self) -> Iterator[Block]:
        if self.lines and self.lines[0].text.strip() == "---":
            yield from self._front_matter()
        while self._at < len(self.lines):
            if self.lines[self._at].blank:
                self._at += 1
                continue
            yield from self._block()

    def _block(self) -> Iterator[Block]:
        line = self.lines[self._at]
        heading = _HEADING.match(line.text)
        if heading:
            self._name(heading[2] or "", len(heading[1]))
            yield from self._take(1, "heading", len(heading[1]))
        elif _FENCE.match(line.text):
            yield from self._take(self._fence_length(), "code")
        elif self._is_table():
            yield from self._table()
        elif _RULE.match(line.text):
            yield from self._take(1, "paragraph")
        elif _ITEM.match(line.text):
            yield from self._take(self._list_length(), "list")
        elif line.text.startswith(("    ", "\t")):
            yield from self._take(self._code_length(), "code")
        else:
            yield from self._paragraph()

    def _take(self, count: int, kind: BlockKind, level: int = 0) -> Iterator[Block]:
        taken = self.lines[self._at : self._at + count]
        self._at += count
        start, end = trim(self.text, taken[0].start, taken[-1].end)
        if start < end:
            yield Block(kind, start, end, level)

    def _name(self, heading: str, level: int) -> None:
        self._heading = heading.strip()
        if self.title is None and level <= 2 and self._heading:
            self.title = self._heading

    def _front_matter(self) -> Iterator[Block]:
        for count, line in enumerate(self.lines[1:200], start=2):
            if line.text.strip() in ("---", "..."):
                inside = self.text[self.lines[0].end : line.start]
                found = _TITLE.search(inside.replace("\r", ""))
                self.title = found[1] if found else None
                yield from self._take(count, "code")
                return

    def _fence_length(self) -> int:
        opening = _FENCE.match(self.lines[self._at].text)
        mark = opening[1] if opening else "```"
        for count, line in enumerate(self.lines[self._at + 1 :], start=2):
            bare = line.text.strip()
            if bare.startswith(mark) and not bare.strip(mark[0]):
                return count
        return len(self.lines) - self._at

    def _list_length(self) -> int:
        count = 0
        for line in self.lines[self._at :]:
            indented = line.text.startswith((" ", "\t"))
            if line.blank:
                following = self._after_blank(self._at + count)
                if following is None or not (
                    _ITEM.match(following.text) or following.text.startswith(("  ", "\t"))
                ):
                    break
            elif count and not indented and self._starts_block(line):
                break
            count += 1
        return max(count, 1)

    def _after_blank(self, at: int) -> _Line | None:
        return next((line for line in self.lines[at:] if not line.blank), None)

    def _code_length(self) -> int:
        count = 0
        for line in self.lines[self._at :]:
            if not line.blank and not line.text.startswith(("    ", "\t")):
                break
            count += 1
        return count

    def _starts_block(self, line: _Line) -> bool:
        return bool(_HEADING.match(line.text) or _FENCE.match(line.text) or _RULE.match(line.text))

    def _paragraph(self) -> Iterator[Block]:
        count = 1
        for line in self.lines[self._at + 1 :]:
            underline = _UNDERLINE.match(line.text)
            if underline:
                level = 1 if underline[1].startswith("=") else 2
                start = self.lines[self._at].start
                self._name(self.text[start : line.start], level)
                yield from self._take(count + 1, "heading", level)
                return
            if line.blank or self._starts_block(line) or _ITEM.match(line.text):
                break
            if self._is_table(self._at + count):
                break
            count += 1
        yield from self._take(count, "paragraph")

    def _is_table(self, at: int | None = None) -> bool:
        at = self._at if at is None else at
        if at + 1 >= len(self.lines) or "|" not in self.lines[at].text:
            return False
        divider = self.lines[at + 1].text
        return "-" in divider and bool(_DIVIDER.match(divider))

    def _table(self) -> Iterator[Block]:
        first, count = self._at, 2
        for line in self.lines[first + 2 :]:
            if line.blank or "|" not in line.text:
                break
            count += 1
        header = [cell.value for cell in _cells(self.lines[first])]
        rows = [_cells(line) for line in self.lines[first + 2 : first + count]]
        width = max([len(header), *map(len, rows)])
        padded = tuple(tuple(row) + (None,) * (width - len(row)) for row in rows)
        ranges = tuple(
            trim(self.text, line.start, line.end) for line in self.lines[first + 2 : first + count]
        )
        name, columns = self._heading, column_names(header, width)
        self.tables.append(Table(name, columns, padded, ranges))
        yield from self._take(count, "table")


def _cells(line: _Line) -> list[Cell]:
    """Cut a pipe table's line; a range is the raw text between the pipes, trimmed."""
    bounds = [found.start() for found in _PIPE.finditer(line.text)]
    edges = [-1, *bounds, len(line.text)]
    pieces = [(left + 1, right) for left, right in pairwise(edges)]
    if pieces and not line.text[: pieces[0][1]].strip():
        pieces = pieces[1:]
    if pieces and not line.text[pieces[-1][0] :].strip():
        pieces = pieces[:-1]
    cells = []
    for left, right in pieces:
        start, end = trim(line.text, left, right)
        cells.append(Cell(line.text[start:end], line.start + start, line.start + end))
    return cells
