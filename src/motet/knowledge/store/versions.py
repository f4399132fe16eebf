"""How a version of a source is written: its row, then all that hangs on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from motet.core.documents import Table
from motet.core.json import dumps
from motet.core.store.sessions import Session, Value
from motet.knowledge.prepare import EXTRACTOR, Prepared
from motet.knowledge.store.dialect import Dialect
from motet.knowledge.store.rows import column_names, rows_of
from motet.knowledge.store.sources import Written

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = tuple[str, NDArray[np.float16], Sequence[int]]

_CHUNKS = """INSERT INTO chunks (id, version_id, kind, page, start, "end", context, text, body,
                                 segments) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def add_version(
    session: Session,
    dialect: Dialect,
    source_id: int,
    source: str,
    version: str,
    prepared: Prepared,
    texts: Sequence[str],
    vectors: Vectors | None,
) -> Written:
    """Write a version with its words, chunks, full text, vectors and tables.

    `texts` are those of the chunks as full text takes them.
    """
    version_id = _add_row(session, source_id, version, prepared)
    chunks = _add_chunks(session, dialect, version_id, prepared, texts)
    if vectors is not None:
        _add_vectors(session, dialect, version_id, vectors, chunks)
    tables = [_add_table(session, dialect, version_id, table) for table in prepared.tables]
    return Written(version_id, source, chunks, tables, prepared)


def _add_row(session: Session, source_id: int, version: str, prepared: Prepared) -> int:
    regions = dumps([[r.kind, r.number, r.start, r.end, r.name] for r in prepared.regions])
    ((version_id,),) = session.rows(
        """INSERT INTO versions (source_id, version, media_type, title, text, regions, notes,
                                 extractor) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
        (
            source_id,
            version,
            prepared.media_type,
            prepared.title,
            prepared.text,
            regions,
            dumps(list(prepared.notes)),
            EXTRACTOR,
        ),
    )
    if prepared.words:
        session.executemany(
            "INSERT INTO words (version_id, page, ranges, boxes) VALUES (?, ?, ?, ?)",
            ((version_id, page.page, page.ranges, page.boxes) for page in prepared.words),
        )
    return int(version_id)


def _add_chunks(
    session: Session,
    dialect: Dialect,
    version_id: int,
    prepared: Prepared,
    texts: Sequence[str],
) -> Sequence[int]:
    count = len(prepared.chunks)
    sql = "UPDATE numbers SET next = next + ? WHERE name = 'chunks' RETURNING next"
    end = int(session.rows(sql, (count,))[0][0])
    ids = range(end - count, end)
    session.executemany(_CHUNKS, _chunk_rows(ids, version_id, prepared))
    dialect.index(session, zip(ids, texts, strict=True))
    return ids


def _chunk_rows(
    ids: Sequence[int], version_id: int, prepared: Prepared
) -> Iterator[tuple[Value, ...]]:
    text = prepared.text
    for chunk_id, c in zip(ids, prepared.chunks, strict=True):
        segments = None
        if c.segments is not None:
            segments = dumps([[s.start, s.end, s.source_start, s.source_end] for s in c.segments])
        place = (chunk_id, version_id, c.kind, c.page, c.start, c.end, c.context)
        yield (*place, text[c.start : c.end], c.body, segments)


def _add_vectors(
    session: Session,
    dialect: Dialect,
    version_id: int,
    vectors: Vectors,
    ids: Sequence[int],
) -> None:
    import numpy as np

    embedder, data, positions = vectors
    chunks = np.asarray([ids[position] for position in positions], np.int64)
    dialect.add_vectors(session, version_id, embedder, chunks, data.astype(np.float16))


def _add_table(session: Session, dialect: Dialect, version_id: int, table: Table) -> int:
    """Make a real table of a document's table: its columns, and where each row stands."""
    columns = column_names(table.columns)
    ((table_id,),) = session.rows(
        "INSERT INTO tables (version_id, name, page, columns) VALUES (?, ?, ?, ?) RETURNING id",
        (version_id, table.name, table.page, dumps(columns)),
    )
    dialect.create_rows(session, table_id, columns)
    dialect.add_rows(session, table_id, len(columns), rows_of(table, len(columns)))
    return int(table_id)
