"""`store.db`: sources and everything derived from them, one transaction per source."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import apsw

from motet.core.clock import iso, now
from motet.core.documents import Cell, Region, Table
from motet.core.errors import UsageError
from motet.core.json import JSON, dumps
from motet.core.store import Database, Row, row, rows
from motet.knowledge.analysis import index_text
from motet.knowledge.chunks import Chunk
from motet.knowledge.prepare import EXTRACTOR, Prepared
from motet.knowledge.schema import APPLICATION_ID, MIGRATIONS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Source:
    """A source as people see it in lists. `reason` says why it failed; `updated` is RFC 3339."""

    source: str
    status: str
    reason: str | None
    version: str
    bytes: int
    updated: str
    media_type: str | None
    title: str | None
    pages: int | None
    chunks: int
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {
            "source": self.source,
            "status": self.status,
            "reason": self.reason,
            "version": self.version,
            "bytes": self.bytes,
            "updated": self.updated,
            "media_type": self.media_type,
            "title": self.title,
            "pages": self.pages,
            "chunks": self.chunks,
            "notes": self.notes,
        }


@dataclass(frozen=True, slots=True)
class Text:
    """The whole extracted text of one version; citations count in its code points."""

    source: str
    version: str
    media_type: str
    title: str | None
    text: str
    regions: tuple[Region, ...]

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        regions: list[JSON] = [
            {"kind": r.kind, "number": r.number, "start": r.start, "end": r.end, "name": r.name}
            for r in self.regions
        ]
        return {
            "source": self.source,
            "version": self.version,
            "media_type": self.media_type,
            "title": self.title,
            "text": self.text,
            "regions": regions,
        }


@dataclass(frozen=True, slots=True)
class Known:
    """What the store remembers of a source to tell whether it changed."""

    version: str
    fingerprint: str
    status: str
    extractor: str | None
    embedder: str | None


class Store:
    """The sources of one scope (a system at a place) in a `store.db`."""

    def __init__(self, path: Path, scope: str, *, busy_milliseconds: int = 10_000) -> None:
        self.scope = scope
        self.database = Database(
            path, MIGRATIONS, application_id=APPLICATION_ID, busy_milliseconds=busy_milliseconds
        )

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    # What stands in the store

    def known(self) -> dict[str, Known]:
        """Return what is remembered of each source."""
        query = """
            SELECT s.source, s.version, s.fingerprint, s.status, v.extractor, e.embedder
            FROM sources s LEFT JOIN versions v ON v.source_id = s.id
            LEFT JOIN vectors e ON e.version_id = v.id WHERE s.scope = ?"""
        with self.database.read() as db:
            return {each[0]: Known(*each[1:]) for each in rows(db, query, (self.scope,))}

    def sources(self) -> list[Source]:
        """Return every source with its state, by name."""
        query = """
            SELECT s.source, s.status, s.reason, s.version, s.bytes, s.updated, v.media_type,
                   v.title, v.regions, v.notes,
                   (SELECT count(*) FROM chunks c WHERE c.version_id = v.id)
            FROM sources s LEFT JOIN versions v ON v.source_id = s.id
            WHERE s.scope = ? ORDER BY s.source"""
        with self.database.read() as db:
            return [_source(each) for each in rows(db, query, (self.scope,))]

    def text(self, source: str, version: str | None = None) -> Text:
        """Return a source's extracted text. Raises `UsageError` when there is none."""
        query = """
            SELECT s.source, v.version, v.media_type, v.title, v.text, v.regions
            FROM sources s JOIN versions v ON v.source_id = s.id
            WHERE s.scope = ? AND s.source = ?"""
        with self.database.read() as db:
            found = row(db, query, (self.scope, source))
        if found is None:
            raise self._missing(source)
        if version is not None and found[1] != version:
            raise UsageError(
                f"version {version[:12]} is not held; the current one is {found[1][:12]}",
                where=source,
                hint="the source changed since; ask again",
            )
        name, held, media_type, title, text, regions = found
        return Text(name, held, media_type, title, text, _regions(regions))

    def _missing(self, source: str) -> UsageError:
        from difflib import get_close_matches

        known = self.known()
        if source in known:
            reason = next(s.reason for s in self.sources() if s.source == source)
            return UsageError(f"the source could not be read: {reason}", where=source)
        near = get_close_matches(source, known, n=1)
        hint = f"nearest: {near[0]}" if near else "`motet knowledge list` shows the sources"
        return UsageError("no such source", where=source, hint=hint)

    def words(self, source: str, version: str, page: int) -> tuple[bytes, bytes]:
        """Return a page's packed words (see `PageWords`); empty when there are none."""
        query = """
            SELECT w.ranges, w.boxes FROM words w JOIN versions v ON v.id = w.version_id
            JOIN sources s ON s.id = v.source_id
            WHERE s.scope = ? AND s.source = ? AND v.version = ? AND w.page = ?"""
        with self.database.read() as db:
            found = row(db, query, (self.scope, source, version, page))
        return (found[0], found[1]) if found else (b"", b"")

    def sequence(self) -> int:
        """Return the number of the last change in this scope; 0 when there was none."""
        query = "SELECT coalesce(max(sequence), 0) FROM changes WHERE scope = ?"
        with self.database.read() as db:
            return int(db.execute(query, (self.scope,)).get)

    def count(self) -> int:
        """Return the number of chunks."""
        query = """SELECT count(*) FROM chunks c JOIN versions v ON v.id = c.version_id
                   JOIN sources s ON s.id = v.source_id WHERE s.scope = ?"""
        with self.database.read() as db:
            return int(rows(db, query, (self.scope,))[0][0])

    def is_shared(self) -> bool:
        """Whether other scopes have sources in the same file."""
        query = "SELECT (SELECT min(scope) FROM sources) <> (SELECT max(scope) FROM sources)"
        with self.database.read() as db:
            return bool(rows(db, query)[0][0])

    # Changing it

    def put(
        self,
        source: str,
        *,
        version: str,
        size: int,
        fingerprint: str,
        prepared: Prepared,
        vectors: tuple[str, NDArray[np.float16], Sequence[int]] | None,
    ) -> None:
        """Replace a source by a new version, whole or not at all.

        `vectors` is (embedder, float16 of shape (n, d), positions of the n embedded chunks).
        """
        with self.database.write() as db:
            self._drop(db, source)
            source_id = self._add_source(db, source, "ready", None, version, size, fingerprint)
            version_id = _add_version(db, source_id, version, prepared)
            ids = _add_chunks(db, version_id, prepared)
            if vectors is not None:
                _add_vectors(db, version_id, vectors, ids)
            for table in prepared.tables:
                _add_table(db, version_id, table)
            self._note(db, source, "put")

    def fail(self, source: str, *, version: str, size: int, fingerprint: str, reason: str) -> None:
        """Remember that a source cannot be read, in place of what was there before."""
        with self.database.write() as db:
            self._drop(db, source)
            self._add_source(db, source, "failed", reason, version, size, fingerprint)
            self._note(db, source, "put")

    def touch(self, source: str, fingerprint: str) -> None:
        """Remember that a file was seen again with unchanged content."""
        with self.database.write() as db:
            db.execute(
                "UPDATE sources SET fingerprint = ? WHERE scope = ? AND source = ?",
                (fingerprint, self.scope, source),
            )

    def remove(self, source: str) -> None:
        """Remove a source and all that was derived from it."""
        with self.database.write() as db:
            self._drop(db, source)
            self._note(db, source, "remove")

    def roots(self) -> list[str]:
        """Return the paths that were added beside the declared ones."""
        with self.database.read() as db:
            query = "SELECT path FROM roots WHERE scope = ? ORDER BY path"
            return [each[0] for each in rows(db, query, (self.scope,))]

    def add_root(self, path: str) -> None:
        """Remember a path whose files belong to this scope from now on."""
        with self.database.write() as db:
            db.execute("INSERT OR IGNORE INTO roots VALUES (?, ?)", (self.scope, path))

    def drop_root(self, path: str) -> None:
        """Forget an added path."""
        with self.database.write() as db:
            db.execute("DELETE FROM roots WHERE scope = ? AND path = ?", (self.scope, path))

    def _add_source(
        self,
        db: apsw.Connection,
        source: str,
        status: str,
        reason: str | None,
        version: str,
        size: int,
        fingerprint: str,
    ) -> int:
        db.execute(
            """INSERT INTO sources (scope, source, status, reason, version, bytes, fingerprint,
                                    updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            (self.scope, source, status, reason, version, size, fingerprint, now()),
        )
        return db.last_insert_rowid()

    def _drop(self, db: apsw.Connection, source: str) -> None:
        query = """SELECT v.id FROM versions v JOIN sources s ON s.id = v.source_id
                   WHERE s.scope = ? AND s.source = ?"""
        for (version_id,) in rows(db, query, (self.scope, source)):
            db.execute(
                "DELETE FROM fulltext WHERE rowid IN (SELECT id FROM chunks WHERE version_id = ?)",
                (version_id,),
            )
            tables = "SELECT id FROM tables WHERE version_id = ?"
            for (table_id,) in rows(db, tables, (version_id,)):
                db.execute(f"DROP TABLE {_row_table(table_id)}")
        db.execute("DELETE FROM sources WHERE scope = ? AND source = ?", (self.scope, source))

    def _note(self, db: apsw.Connection, source: str, change: str) -> None:
        db.execute(
            "INSERT INTO changes (scope, source, change) VALUES (?, ?, ?)",
            (self.scope, source, change),
        )


def _source(row: Row) -> Source:
    source, status, reason, version, size, updated, media_type, title, regions, notes, chunks = row
    paged = [r for r in _regions(regions or "[]") if r.kind in ("page", "sheet", "slide")]
    return Source(
        source=source,
        status=status,
        reason=reason,
        version=version,
        bytes=size,
        updated=iso(updated),
        media_type=media_type,
        title=title,
        pages=len(paged) or None,
        chunks=chunks,
        notes=tuple(json.loads(notes or "[]")),
    )


def _regions(packed: str) -> tuple[Region, ...]:
    return tuple(Region(*each) for each in json.loads(packed))


def _add_version(db: apsw.Connection, source_id: int, version: str, prepared: Prepared) -> int:
    regions = dumps([[r.kind, r.number, r.start, r.end, r.name] for r in prepared.regions])
    db.execute(
        """INSERT INTO versions (source_id, version, media_type, title, text, regions, notes,
                                 extractor) VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
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
    version_id = db.last_insert_rowid()
    db.executemany(
        "INSERT INTO words VALUES (?, ?, ?, ?)",
        ((version_id, page.page, page.ranges, page.boxes) for page in prepared.words),
    )
    return version_id


def _add_chunks(db: apsw.Connection, version_id: int, prepared: Prepared) -> Sequence[int]:
    chunks = prepared.chunks
    first = int(db.execute("SELECT coalesce(max(id), 0) + 1 FROM chunks").get)
    ids = range(first, first + len(chunks))
    db.executemany(
        "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        _chunk_rows(ids, version_id, chunks, prepared.text),
    )
    db.executemany(
        "INSERT INTO fulltext (rowid, body) VALUES (?, ?)",
        (
            (chunk_id, index_text(prepared.reading(position)))
            for position, chunk_id in enumerate(ids)
        ),
    )
    return ids


def _chunk_rows(
    ids: Sequence[int], version_id: int, chunks: Sequence[Chunk], text: str
) -> Iterator[tuple[apsw.SQLiteValue, ...]]:
    for chunk_id, c in zip(ids, chunks, strict=True):
        segments = None
        if c.segments is not None:
            segments = dumps([[s.start, s.end, s.source_start, s.source_end] for s in c.segments])
        place = (chunk_id, version_id, c.kind, c.page, c.start, c.end, c.context)
        yield (*place, text[c.start : c.end], c.body, segments)


def _add_vectors(
    db: apsw.Connection,
    version_id: int,
    vectors: tuple[str, NDArray[np.float16], Sequence[int]],
    ids: Sequence[int],
) -> None:
    import numpy as np

    embedder, data, positions = vectors
    chunks = np.asarray([ids[position] for position in positions], dtype=np.int64)
    db.execute(
        "INSERT INTO vectors VALUES (?, ?, ?, ?)",
        (version_id, embedder, chunks.tobytes(), data.astype(np.float16).tobytes()),
    )


def _row_table(table_id: int) -> str:
    return f'"rows_{table_id}"'


def _add_table(db: apsw.Connection, version_id: int, table: Table) -> None:
    """Make a real table of a document's table: its columns, and where each row stands."""
    columns = _column_names(table.columns)
    db.execute(
        "INSERT INTO tables (version_id, name, page, columns) VALUES (?, ?, ?, ?)",
        (version_id, table.name, table.page, dumps(columns)),
    )
    name = _row_table(db.last_insert_rowid())
    quoted = ", ".join(f'"{c.replace(chr(34), chr(34) * 2)}"' for c in columns)
    db.execute(f'CREATE TABLE {name} ("#start" INTEGER, "#end" INTEGER, {quoted})')
    marks = ", ".join("?" * (len(columns) + 2))
    db.executemany(
        f"INSERT INTO {name} VALUES ({marks})",
        (
            (*place, *(None if cell is None else cell.value for cell in _padded(row, columns)))
            for place, row in zip(table.row_ranges, table.rows, strict=True)
        ),
    )


def _padded(row: Sequence[Cell | None], columns: Sequence[str]) -> list[Cell | None]:
    width = len(columns)
    return [*row[:width], *([None] * (width - len(row)))]


def _column_names(columns: Sequence[str]) -> list[str]:
    """Give every column a name of its own: SQLite compares them without case."""
    names: list[str] = []
    taken: set[str] = set()
    for position, column in enumerate(columns[:1900], 1):
        base = " ".join(column.replace("\0", " ").split()) or f"column {position}"
        name, suffix = base, 2
        while name.casefold() in taken or name.startswith("#"):
            name, suffix = f"{base.lstrip('#')} {suffix}", suffix + 1
        taken.add(name.casefold())
        names.append(name)
    return names or ["column 1"]
