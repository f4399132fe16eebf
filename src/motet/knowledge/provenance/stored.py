"""A version read back from the store, as it was before it was written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from motet.core.documents import Cell, Table
from motet.core.passages import Segment
from motet.core.store.sessions import quoted
from motet.knowledge.chunks import Chunk
from motet.knowledge.prepare import Prepared
from motet.knowledge.store import Written
from motet.knowledge.store.rows import row_table
from motet.knowledge.store.sources import unpacked

if TYPE_CHECKING:
    from motet.core.store.sessions import Row, Session


def written(session: Session, version_id: int) -> Written | None:
    """Return a version with its chunks and tables, None where it is gone.

    Cells stand where their values are found in their row; the words of pages are left out.
    """
    query = """SELECT s.source, v.media_type, v.title, v.text, v.regions, v.notes
               FROM versions v JOIN sources s ON s.id = v.source_id WHERE v.id = ?"""
    found = session.rows(query, (version_id,))
    if not found:
        return None
    source, media_type, title, text, regions, notes = found[0]
    query = """SELECT id, kind, page, start, "end", context, body, segments FROM chunks
               WHERE version_id = ? ORDER BY id"""
    chunks = session.rows(query, (version_id,))
    query = "SELECT id, name, columns, page FROM tables WHERE version_id = ? ORDER BY id"
    tables = session.rows(query, (version_id,))
    prepared = Prepared(
        media_type,
        title,
        text,
        unpacked(regions),
        tuple(json.loads(notes)),
        tuple(_chunk(each) for each in chunks),
        tuple(_table(session, each, text) for each in tables),
        (),
    )
    return Written(
        version_id, source, [row[0] for row in chunks], [row[0] for row in tables], prepared
    )


def _chunk(row: Row) -> Chunk:
    _, kind, page, start, end, context, body, segments = row
    placed = None if segments is None else tuple(Segment(*each) for each in json.loads(segments))
    return Chunk(kind, page, start, end, context, body, placed)


def _table(session: Session, row: Row, text: str) -> Table:
    number, name, packed, page = row
    columns = tuple(json.loads(packed))
    selected = ", ".join(quoted(each) for each in ("#start", "#end", *columns))
    rows = session.rows(f'SELECT {selected} FROM {row_table(number)} ORDER BY "#number"')
    cells = tuple(tuple(_cells(values, text, start, end)) for start, end, *values in rows)
    return Table(name, columns, cells, tuple((each[0], each[1]) for each in rows), page)


def _cells(values: Sequence[str | None], text: str, start: int, end: int) -> Iterator[Cell | None]:
    at = start
    for value in values:
        if value is None:
            yield None
            continue
        place = text.find(value, at, end) if value else at
        if place < 0:
            yield Cell(value, start, end)
        else:
            at = place + len(value)
            yield Cell(value, place, at)
