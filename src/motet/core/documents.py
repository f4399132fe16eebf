"""What an extractor returns: a document's text and where everything stands in it.

All offsets are 0-based, half-open, in Unicode code points over `Extracted.text`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

BlockKind = Literal["heading", "paragraph", "list", "table", "row", "code", "caption"]
RegionKind = Literal["page", "sheet", "slide", "section", "part"]


@dataclass(frozen=True, slots=True)
class Region:
    """A page, sheet, slide, chapter or mail part; `number` is 1-based."""

    kind: RegionKind
    number: int
    start: int
    end: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text that belongs together; `level` is the heading's depth (1 to 6)."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """A word's box on a PDF page, in points, origin at the top left."""

    start: int
    end: int
    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a table; `text[start:end]` is where it stands in the document."""

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table with named columns; each row has one cell per column (None where absent).

    `rows[i]` spans `row_ranges[i]` of the text. `page` is 1-based or None.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell | None, ...], ...]
    row_ranges: tuple[tuple[int, int], ...]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Extracted:
    """The whole text of one version of a source, with its structure.

    `blocks` are in reading order, do not overlap, and need not cover white space.
    `notes` are remarks for a person ("3 of 9 pages have no text layer").
    """

    text: str
    media_type: str
    title: str | None = None
    regions: tuple[Region, ...] = ()
    blocks: tuple[Block, ...] = ()
    tables: tuple[Table, ...] = ()
    words: tuple[Word, ...] = ()
    notes: tuple[str, ...] = field(default=())
