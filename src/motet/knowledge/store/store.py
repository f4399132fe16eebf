"""The knowledge of one scope: sources and everything derived from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from motet.core.clock import now
from motet.core.errors import UsageError
from motet.core.store.compaction import compact
from motet.core.store.sessions import Place, Session, Value
from motet.knowledge.analysis import index_text
from motet.knowledge.prepare import Prepared
from motet.knowledge.store.dialect import Engine
from motet.knowledge.store.places import opened
from motet.knowledge.store.sources import Given, Known, Source, Text, Written, listed, unpacked
from motet.knowledge.store.support import Supported
from motet.knowledge.store.versions import add_version

if TYPE_CHECKING:
    from motet.knowledge.store.versions import Vectors

Also = Callable[[Session, Written], None]
"""Writes more of a version in the transaction that writes the version."""
_MEMORY = "memory"


class Store:
    """The sources of one scope (a system at a place) in a `store.db`.

    Raises `StoreError` when the place cannot be opened or used.
    """

    def __init__(self, place: Place, scope: str, *, busy_milliseconds: int = 10_000) -> None:
        self.scope = scope
        self.place = place
        self._base, self.dialect = opened(place, busy_milliseconds)

    @property
    def engine(self) -> Engine:
        """The kind of database."""
        return self.dialect.engine

    @property
    def name(self) -> str:
        """What a person calls the place; holds no secret."""
        return self._base.name

    def check(self) -> list[str]:
        """Return findings about damage; empty when the place is whole."""
        return self._base.check()

    def compact(self) -> None:
        """Rewrite the place without what was deleted from it."""
        compact(self._base)

    def close(self) -> None:
        """Close the place."""
        self._base.close()

    # For those who ask or write SQL of their own

    def read(self, seconds: float | None = None) -> AbstractContextManager[Session]:
        """Lend a snapshot: what was committed at its first query, and no more.

        A query that takes longer than `seconds` ends with `TimedOut`.
        """
        return self._base.snapshot(seconds)

    def restricted(
        self, tables: Collection[str], seconds: float
    ) -> AbstractContextManager[Session]:
        """Lend a snapshot for somebody else's SELECT over these tables alone; it only reads."""
        return self._base.restricted(tables, seconds)

    def write(self) -> AbstractContextManager[Session]:
        """Hold the one write transaction: commits on leaving, rolls back on an error.

        Held again by the thread that holds it, it is the same transaction.
        """
        return self._base.write()

    def among(self, values: Sequence[int] | Sequence[str]) -> tuple[str, tuple[Value, ...]]:
        """Return what stands behind `IN`, and the values of its placeholders, for any count."""
        return self.dialect.among(values)

    # What stands in the store

    def known(self) -> dict[str, Known]:
        """Return what is remembered of each file and each table of a database."""
        query = """
            SELECT s.source, s.version, s.fingerprint, s.status, v.extractor,
                   (SELECT min(e.embedder) FROM vectors e WHERE e.version_id = v.id)
            FROM sources s LEFT JOIN versions v ON v.source_id = s.id
            WHERE s.scope = ? AND s.kind IN ('file', 'database')"""
        with self.read() as session:
            return {each[0]: Known(*each[1:]) for each in session.rows(query, (self.scope,))}

    def sources(self) -> list[Source]:
        """Return every source that is no memory with its state, by name."""
        query = """
            SELECT s.source, s.status, s.reason, s.version, s.bytes, s.updated, v.media_type,
                   v.title, v.regions, v.notes,
                   (SELECT count(*) FROM chunks c WHERE c.version_id = v.id)
            FROM sources s LEFT JOIN versions v ON v.source_id = s.id
            WHERE s.scope = ? AND s.kind <> ? ORDER BY s.source"""
        with self.read() as session:
            return [listed(each) for each in session.rows(query, (self.scope, _MEMORY))]

    def text(self, source: str, version: str | None = None) -> Text:
        """Return a source's extracted text. Raises `UsageError` when there is none."""
        query = """
            SELECT s.source, v.version, v.media_type, v.title, v.text, v.regions
            FROM sources s JOIN versions v ON v.source_id = s.id
            WHERE s.scope = ? AND s.source = ?"""
        with self.read() as session:
            found = session.rows(query, (self.scope, source))
        if not found:
            raise self._missing(source)
        name, held, media_type, title, text, regions = found[0]
        if version is not None and held != version:
            raise UsageError(
                f"version {version[:12]} is not held; the current one is {held[:12]}",
                where=source,
                hint="the source changed since; ask again",
            )
        return Text(name, held, media_type, title, text, unpacked(regions))

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
        with self.read() as session:
            found = session.rows(query, (self.scope, source, version, page))
        return (found[0][0], found[0][1]) if found else (b"", b"")

    def sequence(self) -> int:
        """Return the number of the last change in this scope; 0 when there was none."""
        query = "SELECT coalesce(max(sequence), 0) FROM changes WHERE scope = ?"
        with self._base.read() as session:
            return int(session.rows(query, (self.scope,))[0][0])

    def count(self) -> int:
        """Return the number of chunks of what is no memory."""
        query = """SELECT count(*) FROM chunks c JOIN versions v ON v.id = c.version_id
                   JOIN sources s ON s.id = v.source_id WHERE s.scope = ? AND s.kind <> ?"""
        with self._base.read() as session:
            return int(session.rows(query, (self.scope, _MEMORY))[0][0])

    def is_shared(self) -> bool:
        """Whether other scopes have sources in the same place."""
        query = "SELECT (SELECT min(scope) FROM sources) <> (SELECT max(scope) FROM sources)"
        with self._base.read() as session:
            return bool(session.rows(query)[0][0])

    def is_unsettled(self) -> bool:
        """Whether names came or went that concern chunks which were not read again yet."""
        query = """SELECT 1 FROM stale t JOIN versions v ON v.id = t.version_id
                   JOIN sources s ON s.id = v.source_id WHERE s.scope = ? LIMIT 1"""
        with self.read() as session:
            return bool(session.rows(query, (self.scope,)))

    # Changing it

    def put(
        self,
        source: str,
        *,
        version: str,
        size: int,
        fingerprint: str,
        prepared: Prepared,
        vectors: Vectors | None,
        given: Given = Given(),  # noqa: B008 - frozen
        also: Sequence[Also] = (),
    ) -> Written:
        """Replace a source by a new version, whole or not at all.

        `vectors` is (embedder, float16 of shape (n, d), positions of the n embedded chunks);
        `also` writes more in the same transaction, in their order.
        """
        positions = range(len(prepared.chunks))
        texts = [index_text(prepared.reading(position)) for position in positions]
        with self.write() as session:
            supported = self._drop(session, source)
            source_id = self._add_source(
                session, source, "ready", None, version, size, fingerprint, given
            )
            written = add_version(
                session, self.dialect, source_id, source, version, prepared, texts, vectors
            )
            for write in also:
                write(session, written)
            supported.renamed(session, self.dialect, self.scope, written.version_id)
            supported.release(session, self.dialect)
            self._note(session, source, "put", written.version_id)
        return written

    def fail(
        self,
        source: str,
        *,
        version: str,
        size: int,
        fingerprint: str,
        reason: str,
        given: Given = Given(),  # noqa: B008 - frozen
    ) -> None:
        """Remember that a source cannot be read, in place of what was there before."""
        with self.write() as session:
            supported = self._drop(session, source)
            self._add_source(session, source, "failed", reason, version, size, fingerprint, given)
            supported.renamed(session, self.dialect, self.scope, None)
            supported.release(session, self.dialect)
            self._note(session, source, "put", None)

    def touch(self, source: str, fingerprint: str) -> None:
        """Remember that a file was seen again with unchanged content."""
        with self.write() as session:
            session.execute(
                "UPDATE sources SET fingerprint = ? WHERE scope = ? AND source = ?",
                (fingerprint, self.scope, source),
            )

    def remove(self, source: str) -> None:
        """Remove a source and all that was derived only from it."""
        with self.write() as session:
            supported = self._drop(session, source)
            supported.renamed(session, self.dialect, self.scope, None)
            supported.release(session, self.dialect)

    def roots(self) -> list[str]:
        """Return the paths that were added beside the declared ones."""
        with self.read() as session:
            query = "SELECT path FROM roots WHERE scope = ? ORDER BY path"
            return [each[0] for each in session.rows(query, (self.scope,))]

    def add_root(self, path: str) -> None:
        """Remember a path whose files belong to this scope from now on."""
        with self.write() as session:
            session.execute(
                "INSERT INTO roots (scope, path) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (self.scope, path),
            )

    def drop_root(self, path: str) -> None:
        """Forget an added path."""
        with self.write() as session:
            session.execute("DELETE FROM roots WHERE scope = ? AND path = ?", (self.scope, path))

    def _add_source(
        self,
        session: Session,
        source: str,
        status: str,
        reason: str | None,
        version: str,
        size: int,
        fingerprint: str,
        given: Given,
    ) -> int:
        marks = ", ".join("?" * 18)
        ((source_id,),) = session.rows(
            f"""INSERT INTO sources (scope, source, status, reason, version, bytes, fingerprint,
                                     updated, kind, owner, session, given_by, given_at, origin,
                                     expires, publish, derived, local)
                VALUES ({marks}) RETURNING id""",
            (
                self.scope,
                source,
                status,
                reason,
                version,
                size,
                fingerprint,
                now(),
                *given.columns(),
            ),
        )
        return int(source_id)

    def _drop(self, session: Session, source: str) -> Supported:
        """Remove a source; what it supported of shared things is the caller's to release."""
        query = """SELECT s.id, v.id FROM sources s LEFT JOIN versions v ON v.source_id = s.id
                   WHERE s.scope = ? AND s.source = ?"""
        found = session.rows(query, (self.scope, source))
        if not found:
            return Supported()
        ((source_id, version_id),) = found
        if version_id is None:
            session.execute("DELETE FROM sources WHERE id = ?", (source_id,))
            return Supported()
        supported = Supported.by(session, version_id)
        self.dialect.unindex(session, version_id)
        tables = "SELECT id, columns FROM tables WHERE version_id = ?"
        for table_id, columns in session.rows(tables, (version_id,)):
            self.dialect.drop_rows(session, table_id, len(json.loads(columns)))
        session.execute("DELETE FROM sources WHERE id = ?", (source_id,))
        self._note(session, source, "remove", version_id)
        return supported

    def _note(self, session: Session, source: str, change: str, version_id: int | None) -> None:
        session.execute(
            "INSERT INTO changes (scope, source, change, version_id) VALUES (?, ?, ?, ?)",
            (self.scope, source, change, version_id),
        )
