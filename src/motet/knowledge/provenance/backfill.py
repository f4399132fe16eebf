"""Deriving anew what an older version of an operator derived, and nothing else.

`derivations` says which operator, in which version of itself, was applied to which version of
a source. Each version is one transaction, so whoever comes after a kill finds the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from motet.core.clock import tick
from motet.knowledge.provenance.stored import written
from motet.knowledge.store.support import Supported

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.core.store.sessions import Session
    from motet.knowledge.entities.graph import Graph
    from motet.knowledge.prepare import Prepared
    from motet.knowledge.store import Store
    from motet.knowledge.store.store import Also

KEPT = "memory"
"""The operator whose facts stay: they were said, or given by hand."""
_DERIVED = ("mentions", "evidence", "claims", "links")


@dataclass(frozen=True, slots=True)
class Due:
    """A version of a source that is to be derived anew: `was` made it, None where nothing did."""

    version_id: int
    source: str
    was: str | None
    now: str

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {"source": self.source, "was": self.was, "now": self.now}


@dataclass(slots=True)
class BackfillReport:
    """What a backfill did: the sources derived anew, chunks of others read again, seconds."""

    sources: list[str] = field(default_factory=list)
    reread: int = 0
    seconds: float = 0.0

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {"sources": [*self.sources], "reread": self.reread, "seconds": self.seconds}


Report = Callable[[int, int, str], None]
"""Takes how many are done, of how many, and the last one's source."""


class Backfill:
    """Brings what is derived in a store in line with the operators as they are now."""

    def __init__(self, store: Store, graph: Graph) -> None:
        self._store = store
        self._graph = graph

    def due(self) -> list[Due]:
        """Return what was derived by another version of the operators, or not at all, by source."""
        producer = self._graph.producer
        query = """
            SELECT v.id, s.source, p.version FROM sources s JOIN versions v ON v.source_id = s.id
            LEFT JOIN derivations d ON d.version_id = v.id AND d.operator = ?
            LEFT JOIN producers p ON p.id = d.producer_id
            WHERE s.scope = ? AND (p.version IS NULL OR p.version <> ?) ORDER BY s.source"""
        with self._store.read() as session:
            rows = session.rows(query, (producer.operator, self._store.scope, producer.version))
        return [Due(row[0], row[1], row[2], producer.version) for row in rows]

    def run(self, report: Report | None = None) -> BackfillReport:
        """Derive anew what is due, each version in a transaction of its own.

        A kill loses the version it hits and nothing before. Raises `StoreError`.
        """
        began, result, due = tick(), BackfillReport(), self.due()
        for done, each in enumerate(due, 1):
            if self._derive(each.version_id):
                result.sources.append(each.source)
            if report is not None:
                report(done, len(due), each.source)
        result.reread = self._graph.settle()
        result.seconds = tick() - began
        return result

    def _derive(self, version_id: int) -> bool:
        """Derive a version anew, False where it is gone by now."""
        with self._store.read() as session:
            found = written(session, version_id)
        if found is None:
            return False
        writers = self._writers(found.prepared, found.source)  # reading takes long: outside
        with self._store.write() as session:
            query = "SELECT 1 FROM versions WHERE id = ?"
            if not session.rows(query, (version_id,)):
                return False
            supported = Supported.by(session, version_id)
            self._withdraw(session, version_id)
            for write in writers:
                write(session, found)
            supported.renamed(session, self._store.dialect, self._store.scope, version_id)
            supported.release(session, self._store.dialect)
            for change in ("remove", "put"):
                session.execute(
                    "INSERT INTO changes (scope, source, change, version_id) VALUES (?, ?, ?, ?)",
                    (self._store.scope, found.source, change, version_id),
                )
        return True

    def _writers(self, prepared: Prepared, source: str) -> Sequence[Also]:
        """Return what writes a version's graph, as ingest does: of texts, then of its tables."""
        from motet.knowledge.structure.build import Build

        graph = self._graph.writer(prepared, source)
        return [graph, Build(self._store).writer()] if prepared.tables else [graph]

    def _withdraw(self, session: Session, version_id: int) -> None:
        """Delete all that was derived from a version, but for what was said."""
        said = "producer_id IN (SELECT id FROM producers WHERE operator = ?)"
        for table in _DERIVED:
            session.execute(
                f"DELETE FROM {table} WHERE version_id = ? AND NOT {said}", (version_id, KEPT)
            )
        session.execute(
            f"""DELETE FROM names WHERE version_id = ?1 AND entity_id NOT IN (
                    SELECT entity_id FROM claims WHERE version_id = ?1 AND {said.replace("?", "?2")}
                    UNION
                    SELECT entity_id FROM mentions WHERE version_id = ?1
                    AND {said.replace("?", "?2")})""",
            (version_id, KEPT),
        )
        session.execute("DELETE FROM derivations WHERE version_id = ?", (version_id,))
