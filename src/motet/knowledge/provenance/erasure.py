"""True deletion from the store: no byte of a source stays, and it does not come back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.clock import now
from motet.core.errors import UsageError
from motet.core.ids import sha256
from motet.core.traces import Traces

if TYPE_CHECKING:
    from motet.core.store.sessions import Session
    from motet.knowledge.store import Store

_SAMPLES = 40
"""Phrases, and vectors, by which what is left of a source is looked for."""
_PHRASE = 32
"""Characters of a phrase; bytes of a vector."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a store holds of a source that is to go: its version (SHA-256), its text.

    `signs` are bytes that nothing else holds: phrases in several encodings, vectors.
    """

    source: str
    version: str
    title: str
    text: str
    signs: tuple[bytes, ...]


class Erasure:
    """Deletes sources of one scope for good."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def held(self, source: str) -> Held | None:
        """Return what is held of a source, None where it was deleted before.

        Raises `UsageError` for one that was never there.
        """
        query = """SELECT s.version, v.id, v.title, v.text FROM sources s
                   LEFT JOIN versions v ON v.source_id = s.id
                   WHERE s.scope = ? AND s.source = ?"""
        with self._store.read() as session:
            found = session.rows(query, (self._store.scope, source))
            if found:
                version, number, title, text = found[0]
                signs = tuple(self._signs(session, number, text or ""))
                return Held(source, version, title or "", text or "", signs)
        if self._is_away(source):
            return None
        self._store.text(source)  # says what is near
        raise UsageError("no such source", where=source)

    def _signs(self, session: Session, version_id: int | None, text: str) -> Iterator[bytes]:
        step = max(1, (len(text) - _PHRASE) // _SAMPLES)
        starts = range(0, max(1, len(text) - _PHRASE + 1), step)
        phrases = {text[start : start + _PHRASE] for start in starts}
        phrases = {each for each in phrases if len(each.strip()) >= _PHRASE // 2}
        query = "SELECT id, text FROM chunks WHERE version_id = ?"
        chunks = {row[0]: row[1] for row in session.rows(query, (version_id,))}
        for other in self._others(session, version_id):
            phrases = {each for each in phrases if each not in other}
            chunks = {number: each for number, each in chunks.items() if each not in other}
        for phrase in sorted(phrases):
            yield from encodings(phrase)
        query = "SELECT min(embedder) FROM vectors WHERE version_id = ?"
        embedder = session.rows(query, (version_id,))[0][0]
        if version_id is None or embedder is None:
            return
        for _, numbers, data in self._store.dialect.vectors(session, embedder, [version_id]):
            alone = [place for place, each in enumerate(numbers.tolist()) if each in chunks]
            yield from (data[place].tobytes()[:_PHRASE] for place in alone[:_SAMPLES])

    def traces(self, held: Held) -> Traces:
        """Return what tells texts that quote a source, and no other source."""
        with self._store.read() as session:
            query = "SELECT id FROM versions WHERE version = ?"
            own = session.rows(query, (held.version,))
            kept = self._others(session, own[0][0] if own else None)
            return Traces([held.text], [held.version], kept)

    def _others(self, session: Session, version_id: int | None) -> Iterator[str]:
        """Yield the texts of all other documents of the place, one at a time."""
        query = """SELECT v.id FROM versions v JOIN sources s ON s.id = v.source_id
                   WHERE v.id <> ? AND s.kind <> 'memory'"""
        for (other,) in session.rows(query, (version_id or 0,)):
            for (text,) in session.rows("SELECT text FROM versions WHERE id = ?", (other,)):
                yield text

    def hide(self, source: str) -> None:
        """Let nobody find a source from now on, and keep its file out."""
        scope = self._store.scope
        with self._store.write() as session:
            session.execute(
                "UPDATE sources SET expires = 0 WHERE scope = ? AND source = ?", (scope, source)
            )
            session.execute(
                "INSERT INTO deleted (scope, name, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                (scope, _name(source), now()),
            )
            session.execute(
                "INSERT INTO changes (scope, source, change) VALUES (?, ?, 'put')", (scope, source)
            )

    def remove(self, held: Held, traces: Traces) -> None:
        """Delete a source, all that was derived only from it, and its name."""
        scope, source = self._store.scope, held.source
        with self._store.write() as session:
            self._store.remove(source)
            session.execute(
                "UPDATE changes SET source = ? WHERE scope = ? AND source = ?",
                (_name(source), scope, source),
            )
            session.execute("DELETE FROM roots WHERE scope = ? AND path = ?", (scope, source))
            for table, text in (("proposals", "body"), ("pairs", "reasons")):
                rows = session.rows(
                    f"SELECT DISTINCT {text} FROM {table} WHERE scope = ?", (scope,)
                )
                for (quoting,) in rows:
                    if traces.stand_in(quoting):
                        session.execute(f"DELETE FROM {table} WHERE {text} = ?", (quoting,))

    def compact(self) -> None:
        """Rewrite the store without what was deleted from it. Raises `StoreError`."""
        if self._store.engine == "sqlite":
            with self._store.write() as session:
                session.execute("INSERT INTO fulltext (fulltext) VALUES ('optimize')")
        self._store.compact()

    def _is_away(self, source: str) -> bool:
        return _name(source) in away(self._store)


def away(store: Store) -> frozenset[str]:
    """Return the SHA-256 of the names of sources that were deleted and stay away."""
    with store.read() as session:
        query = "SELECT name FROM deleted WHERE scope = ?"
        return frozenset(row[0] for row in session.rows(query, (store.scope,)))


def is_away(names: frozenset[str], source: str) -> bool:
    """Whether a source is among those that `away` returned."""
    return bool(names) and _name(source) in names


def bring_back(store: Store, source: str) -> None:
    """Let a source in again that was deleted, because somebody asks for it by its name."""
    with store.write() as session:
        session.execute(
            "DELETE FROM deleted WHERE scope = ? AND name = ?", (store.scope, _name(source))
        )


def encodings(phrase: str) -> set[bytes]:
    """Return a phrase as files may hold it: UTF-8, UTF-16, and inside JSON."""
    import json

    escaped = json.dumps(phrase)[1:-1].encode()
    plain = json.dumps(phrase, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")
    wide = {phrase.encode(each, "surrogatepass") for each in ("utf-16-le", "utf-16-be")}
    return {phrase.encode("utf-8", "surrogatepass"), escaped, plain, *wide}


def _name(source: str) -> str:
    return sha256(source.encode("utf-8", "surrogatepass"))
