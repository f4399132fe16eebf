"""From a file's bytes to rows of the store: extraction, chunks, packed word boxes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from motet.core.documents import Cell, Extracted, Region, Table, Word
from motet.core.errors import ExtractionError
from motet.knowledge.chunks import Chunk, chunk

EXTRACTOR = "motet-extract/3"
"""Recorded with every derived row; a new number makes the next ingest derive anew."""
MOST_COLUMNS = 1500
"""Columns of a table that are kept; PostgreSQL takes 1,600 and SQLite 2,000, ours included."""


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words of a page: `ranges` int32 pairs (start, end), `boxes` float32 quadruples."""

    page: int
    ranges: bytes
    boxes: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything the store keeps of one version of a source, but its vectors."""

    media_type: str
    title: str | None
    text: str
    regions: tuple[Region, ...]
    notes: tuple[str, ...]
    chunks: tuple[Chunk, ...]
    tables: tuple[Table, ...]
    words: tuple[PageWords, ...]

    def reading(self, position: int) -> str:
        """Return a chunk as it is indexed and embedded: what stands above it, then itself."""
        chunk = self.chunks[position]
        return f"{chunk.context}\n{chunk.body or self.text[chunk.start : chunk.end]}"


def prepare(data: bytes, name: str) -> Prepared:
    """Extract and cut a document. `name` is its file name. Raises `ExtractionError`."""
    from motet.knowledge.extract import extract

    return prepared(extract(data, name), name)


def prepared(document: Extracted, name: str) -> Prepared:
    """Cut a document that was read already. Raises `ExtractionError` for one without text."""
    document = _without_nul(document)
    if not document.text.strip("\ufeff \t\r\n"):
        raise ExtractionError("the document holds no text", where=name)
    return Prepared(
        media_type=document.media_type,
        title=document.title,
        text=document.text,
        regions=document.regions,
        notes=(*document.notes, *_cut(document.tables)),
        chunks=tuple(chunk(document, name)),
        tables=document.tables,
        words=tuple(_pack(document)),
    )


def _without_nul(document: Extracted) -> Extracted:
    """Show NUL, which PostgreSQL refuses, as the character for what cannot be shown."""
    if "\0" not in document.text:
        return document
    tables = (replace(table, rows=tuple(map(_row, table.rows))) for table in document.tables)
    return replace(document, text=shown(document.text), tables=tuple(tables))


def _row(row: tuple[Cell | None, ...]) -> tuple[Cell | None, ...]:
    return tuple(cell and replace(cell, value=shown(cell.value)) for cell in row)


def shown(text: str) -> str:
    """Return a text of the same length without NUL."""
    return text.replace("\0", "\ufffd")


def _cut(tables: Iterable[Table]) -> Iterable[str]:
    for table in tables:
        if len(table.columns) > MOST_COLUMNS:
            yield (
                f"{table.name or 'the table'} has {len(table.columns):,} columns: "
                f"the first {MOST_COLUMNS:,} are columns of its table"
            )


def _pack(document: Extracted) -> Iterable[PageWords]:
    ordered = sorted(document.words, key=lambda word: (word.page, word.start))
    for page, group in groupby(ordered, key=lambda word: word.page):
        members: list[Word] = list(group)
        ranges = array("i", (n for word in members for n in (word.start, word.end)))
        boxes = array("f", (x for w in members for x in (w.x0, w.y0, w.x1, w.y1)))
        yield PageWords(page, ranges.tobytes(), boxes.tobytes())
