"""Chunks lie in their document, in order, and lose none of it."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.documents import Block, Cell, Extracted, Region, Table
from motet.core.passages import Passage
from motet.knowledge.chunks import LIMIT, ROW_LIMIT, Chunk, chunk
from motet.knowledge.extract import extract

SENTENCE = "The door is made of oak. "
TEXTS = st.text(st.sampled_from('abc1 .!?\n\r\t-#é日本。😀"|'), max_size=400)
NAMES = st.sampled_from(["page.md", "note.txt"])


def passage(document: Extracted, part: Chunk) -> Passage:
    text = document.text[part.start : part.end]
    return Passage(
        chunk=1,
        source="s",
        version="v",
        media_type=document.media_type,
        kind=part.kind,
        page=part.page,
        start=part.start,
        end=part.end,
        text=text,
        body=text if part.body is None else part.body,
        context=part.context,
        segments=part.segments,
    )


def lost(document: Extracted, parts: list[Chunk]) -> str:
    """Return what stands in no chunk, without white space."""
    covered = {place for part in parts for place in range(part.start, part.end)}
    rest = (char for place, char in enumerate(document.text) if place not in covered)
    return "".join(char for char in rest if not char.isspace() and char != "\ufeff")


def check(document: Extracted, parts: list[Chunk]) -> None:
    assert [(part.start, part.end) for part in parts] == sorted((p.start, p.end) for p in parts)
    for part in parts:
        assert 0 <= part.start < part.end <= len(document.text)
        if part.kind != "row":
            assert part.end - part.start <= LIMIT
            assert part.body is None
    for first, second in pairwise(parts):
        assert first.end <= second.start


@given(TEXTS.filter(str.strip), NAMES)
def test_texts_lie_in_chunks(text: str, name: str) -> None:
    document = extract(text.encode(), name)
    parts = chunk(document, name)
    check(document, parts)
    assert lost(document, parts) == ""
    assert chunk(extract(text.encode(), name), name) == parts


@settings(max_examples=25)
@given(st.lists(st.sampled_from(["word ", SENTENCE, "x" * 1500, "\n\n", "日本" * 700, "。"])))
def test_long_texts_are_cut_within_the_limit(pieces: list[str]) -> None:
    document = Extracted("a" + "".join(pieces), "text/plain")
    parts = chunk(document, "a.txt")
    check(document, parts)
    assert lost(document, parts) == ""


CELLS = st.text(st.sampled_from("ab1 ,;\"'\n\ré日"), max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5))
def test_every_value_of_a_row_is_found_in_the_file(records: list[tuple[str, ...]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    writer.writerows([("part", "size", "wood"), *records])
    document = extract(buffer.getvalue().encode(), "t.csv")
    parts = chunk(document, "t.csv")
    check(document, parts)
    assert lost(document, [*parts, *header(document)]).strip('",') == ""
    for part in parts:
        row = passage(document, part)
        for segment in row.segments or ():
            value = row.body[segment.start : segment.end]
            place = row.locate(segment.start, segment.end)
            found = row.excerpt(*place)
            assert row.start <= place[0] <= place[1] <= row.end
            assert found.replace('""', '"').split() == value.split()
            if '"' not in found and len(value) > 1:
                inner = row.locate(segment.start + 1, segment.end)
                assert row.excerpt(*inner).split() == value[1:].split()


def header(document: Extracted) -> list[Chunk]:
    """Return the line of names, and records without a value: they are no rows to find."""
    rows = [span for table in document.tables for span in table.row_ranges]
    first = min((start for start, _ in rows), default=len(document.text))
    return [Chunk("row", None, 0, first, ""), *(Chunk("row", None, *span, "") for span in rows)]


def rowed(values: list[str]) -> Extracted:
    """A document of one table with one row of these values."""
    text = "\t".join(values)
    starts = [sum(len(value) + 1 for value in values[:n]) for n in range(len(values))]
    cells = tuple(
        Cell(value, start, start + len(value)) for value, start in zip(values, starts, strict=True)
    )
    names = tuple(f"column {number}" for number in range(len(values)))
    table = Table("table", names, (cells,), ((0, len(text)),))
    return Extracted(text, "text/tab", blocks=(Block("row", 0, len(text)),), tables=(table,))


def test_a_row_is_read_with_its_columns() -> None:
    (part,) = chunk(rowed(["hinge", "", "oak"]), "parts.tsv")
    assert part.body == "column 0: hinge; column 2: oak"
    assert part.kind == "row"


def test_a_long_row_becomes_several_chunks_that_lose_nothing() -> None:
    values = ["a" * 9000, "hinge", "oak board " * 900, "end"]
    document = rowed(values)
    parts = chunk(document, "parts.tsv")
    check(document, parts)
    assert lost(document, parts) == ""
    assert all(len(part.body or "") <= ROW_LIMIT + LIMIT for part in parts)
    assert any("column 1: hinge; column 2: oak board" in (part.body or "") for part in parts)
    for part in parts:
        row = passage(document, part)
        for segment in row.segments or ():
            place = row.locate(segment.start, segment.end)
            assert row.excerpt(*place) == row.body[segment.start : segment.end]


def test_headings_stand_above_what_follows() -> None:
    text = "# Doors\n\nIntro.\n\n## Oak doors\n\nThey are hard.\n\n# Desks\n\nThey are flat.\n"
    document = extract(text.encode(), "catalogue.md")
    contexts = {text[p.start : p.end].split()[-2]: p.context for p in chunk(document, "c.md")}
    assert [p.context for p in chunk(document, "c.md")] == [
        "Doors",
        "Doors > Oak doors",
        "Doors > Desks",
    ], contexts


def test_a_heading_is_no_chunk_of_its_own() -> None:
    document = extract(b"# One\n\n## Two\n\nText.\n", "a.md")
    (part,) = chunk(document, "a.md")
    assert document.text[part.start : part.end].startswith("# One")


def test_chunks_end_with_their_page() -> None:
    text = "Page one.\nPage two.\n"
    regions = (Region("page", 1, 0, 10), Region("page", 2, 10, 20))
    blocks = (Block("paragraph", 0, 9), Block("paragraph", 10, 19))
    parts = chunk(Extracted(text, "application/pdf", regions=regions, blocks=blocks), "a.pdf")
    assert [(p.page, text[p.start : p.end]) for p in parts] == [(1, "Page one."), (2, "Page two.")]


def test_paragraphs_are_joined_up_to_the_target() -> None:
    document = extract((SENTENCE * 3 + "\n\n").encode() * 40, "a.md")
    parts = chunk(document, "a.md")
    assert 4 < len(parts) < 20
    assert all(300 < part.end - part.start <= LIMIT for part in parts[:-1])
