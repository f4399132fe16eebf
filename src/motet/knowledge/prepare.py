"""From a file's bytes to rows of the store: extraction, chunks, packed word boxes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from motet.core.documents import Extracted, Region, Table, Word
from motet.core.errors import ExtractionError
from motet.knowledge.chunks import Chunk, chunk

EXTRACTOR = "motet-extract/2"
"""Recorded with every derived row; a new number makes the next ingest derive anew."""


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

    document = extract(data, name)
    if not document.text.strip("\ufeff \t\r\n"):
        raise ExtractionError("the document holds no text", where=name)
    return Prepared(
        media_type=document.media_type,
        title=document.title,
        text=document.text,
        regions=document.regions,
        notes=document.notes,
        chunks=tuple(chunk(document, name)),
        tables=document.tables,
        words=tuple(_pack(document)),
    )


def _pack(document: Extracted) -> Iterable[PageWords]:
    ordered = sorted(document.words, key=lambda word: (word.page, word.start))
    for page, group in groupby(ordered, key=lambda word: word.page):
        members: list[Word] = list(group)
        ranges = array("i", (n for word in members for n in (word.start, word.end)))
        boxes = array("f", (x for w in members for x in (w.x0, w.y0, w.x1, w.y1)))
        yield PageWords(page, ranges.tobytes(), boxes.tobytes())
