"""What tests of the knowledge share: stores in a line, and what one holds as plain values."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from motet.core.errors import SetupNeeded
from motet.core.protocols import Embedder
from motet.core.store.sessions import Row
from motet.knowledge.prepare import prepare
from motet.knowledge.search import HybridRetriever
from motet.knowledge.store import Store

DERIVED = ("versions", "words", "chunks", "vectors", "tables")


def put(store: Store, source: str, text: str | bytes) -> None:
    """Put a document into the store, without vectors."""
    data = text.encode() if isinstance(text, str) else text
    store.put(
        source,
        version=sha256(data).hexdigest(),
        size=len(data),
        fingerprint="1",
        prepared=prepare(data, source),
        vectors=None,
    )


def lexical(store: Store) -> HybridRetriever:
    """Return a retriever that has no encoder."""

    def none() -> Embedder:
        raise SetupNeeded("the base encoder is not installed")

    return HybridRetriever(store, none)


def query(store: Store, sql: str, *values: str | int) -> list[Row]:
    """Ask the store itself."""
    with store.read() as session:
        return session.rows(sql, values)


def row_tables(store: Store) -> list[str]:
    """Return the names of the tables that hold rows of documents."""
    if store.engine == "postgres":
        sql = (
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        )
    else:
        sql = "SELECT name FROM sqlite_schema WHERE type = 'table'"
    return [name for (name,) in query(store, sql) if re.fullmatch(r"rows_\d+", name)]


def content(store: Store) -> dict[str, Any]:
    """Return all that is derived from each source, without numbers given by the store."""
    return {source.source: _derived(store, source.source) for source in store.sources()}


def _derived(store: Store, source: str) -> list[Any]:
    (known,) = query(
        store,
        "SELECT id, status, reason, version, bytes FROM sources WHERE scope = ? AND source = ?",
        store.scope,
        source,
    )
    found: list[Any] = [known[1:]]
    sql = "SELECT id, version, media_type, title, text, regions, notes FROM versions"
    for version in query(store, f"{sql} WHERE source_id = ?", known[0]):
        columns = 'kind, page, start, "end", context, text, body, segments'
        found += [
            version[1:],
            query(
                store, f"SELECT {columns} FROM chunks WHERE version_id = ? ORDER BY id", version[0]
            ),
            query(store, "SELECT page, ranges, boxes FROM words WHERE version_id = ?", version[0]),
            _vectors(store, version[0]),
        ]
        sql = "SELECT id, name, page, columns FROM tables WHERE version_id = ? ORDER BY id"
        for table in query(store, sql, version[0]):
            found += [table[1:], query(store, f'SELECT * FROM rows_{table[0]} ORDER BY "#number"')]
    return found


def _vectors(store: Store, version_id: int) -> list[Any]:
    sql = "SELECT embedder FROM vectors WHERE version_id = ?"
    found: list[Any] = query(store, sql, version_id)
    with store.read() as session:
        for (embedder,) in [*found]:
            for _, _, data in store.dialect.vectors(session, embedder, [version_id]):
                found.append(data.tolist())
    return found


def check(store: Store) -> None:
    """Assert that the store holds whole sources only, and nothing that belongs to none."""
    assert store.check() == []
    chunk = "chunk_id"
    if store.engine == "sqlite":
        assert query(store, "PRAGMA foreign_key_check") == []
        chunk = "rowid"
    chunks = query(store, "SELECT id FROM chunks ORDER BY id")
    assert query(store, f"SELECT {chunk} FROM fulltext ORDER BY {chunk}") == chunks
    wanted = [f"rows_{number}" for (number,) in query(store, "SELECT id FROM tables")]
    assert sorted(row_tables(store)) == sorted(wanted)
    for source in store.sources():
        if source.status == "failed":
            assert source.reason
            continue
        text = store.text(source.source)
        assert text.version == source.version
        assert source.chunks > 0
        for start, end, excerpt in query(
            store,
            """SELECT c.start, c."end", c.text FROM chunks c JOIN versions v ON v.id = c.version_id
               JOIN sources s ON s.id = v.source_id WHERE s.scope = ? AND s.source = ?""",
            store.scope,
            source.source,
        ):
            assert 0 <= start < end <= len(text.text)
            assert excerpt == text.text[start:end]
