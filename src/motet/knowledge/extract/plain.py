"""Plain text, logs, JSON and source code: the decoded file itself, cut into blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from motet.core.documents import Block, BlockKind, Extracted
from motet.core.errors import ExtractionError
from motet.knowledge.extract.decoding import decode
from motet.knowledge.extract.formats import JSON, JSON_LINES, NOTEBOOK, TEXT

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_LIST = re.compile(r"\s*(?:[-*+•·–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+\S")
_MAX_BLOCK = 4000
_BLANK = "\ufeff \t\f\v\xa0\u3000"


def extract_plain(data: bytes, media_type: str = TEXT) -> Extracted:
    """Return a text file with its paragraphs as blocks (JSON: groups of lines).

    Raises ExtractionError for binary data and for files without any text.
    """
    decoded = decode(data)
    if not decoded.text.strip("\ufeff \t\r\n\x00"):
        raise ExtractionError("the file holds only white space")
    blocks = tuple(_blocks(decoded.text, media_type))
    return Extracted(decoded.text, media_type, blocks=blocks, notes=decoded.notes)


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield the range of each line, without its line end (CR, LF or both)."""
    at = 0
    while at < len(text):
        found = _LINE.match(text, at)
        end = found.end() if found else len(text)
        stop = end
        while stop > at and text[stop - 1] in "\r\n":
            stop -= 1
        yield at, stop
        at = end


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Narrow a range until it neither starts nor ends with white space."""
    while start < end and (text[start].isspace() or text[start] == "\ufeff"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _blocks(text: str, media_type: str) -> Iterator[Block]:
    if media_type == JSON_LINES:
        for start, end in lines(text):
            yield from _block(text, start, end, "row")
        return
    kind: BlockKind | None = "code" if media_type in (JSON, NOTEBOOK) else None
    for start, end in _stretches(text):
        yield from _block(text, start, end, kind)


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Yield runs of lines that are not blank, cut where they grow too long for one block."""
    start, end = -1, 0
    for first, last in lines(text):
        blank = not text[first:last].strip(_BLANK)
        if start >= 0 and (blank or last - start > _MAX_BLOCK):
            yield start, end
            start = -1
        if not blank:
            start = first if start < 0 else start
            end = last
    if start >= 0:
        yield start, end


def _block(text: str, start: int, end: int, kind: BlockKind | None) -> Iterator[Block]:
    start, end = trim(text, start, end)
    if start < end:
        yield Block(kind or _kind(text[start:end]), start, end)


def _kind(text: str) -> BlockKind:
    if not _LIST.match(text):
        return "paragraph"
    rows = text.splitlines()
    marked = sum(1 for row in rows if _LIST.match(row))
    return "list" if marked * 2 >= len(rows) else "paragraph"
