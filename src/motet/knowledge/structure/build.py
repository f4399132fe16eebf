"""The build: what the approved plan makes of each version's tables, in one transaction each.

A version's graph is recorded under the hashes of the parts of the plan that it was built with,
so that a build goes on after a kill where it stood, and a changed plan builds only what changed.
What rows say under an approved plan takes the place of what extraction had judged by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from motet.core.clock import now
from motet.core.graph import Entity, Extraction
from motet.knowledge.entities import naming
from motet.knowledge.entities.rows import ROWS
from motet.knowledge.entities.writing import Rows
from motet.knowledge.store.support import Supported
from motet.knowledge.structure.plan import Plan, TablePlan
from motet.knowledge.structure.proposals import Proposals
from motet.knowledge.structure.rows import OPERATOR, PlacedTable, graph_of, names_of, producer
from motet.knowledge.structure.stored import StoredTable, placed, stored_tables

if TYPE_CHECKING:
    from motet.core.store.sessions import Session
    from motet.knowledge.store import Store, Written

Planned = tuple[StoredTable, TablePlan]
Names = Counter[tuple[Entity, str, str]]


@dataclass(slots=True)
class BuildReport:
    """What a build did: sources written anew, those left, tables the plan does not fit."""

    built: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    unchanged: int = 0
    unplanned: list[str] = field(default_factory=list)


class Build:
    """Builds the graph of a store's tables as its approved plan says."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._proposals = Proposals(store)

    def plan(self) -> Plan:
        """Return the plan in force; one of nothing where none was approved."""
        approved = self._proposals.approved()
        return approved.plan if approved is not None else Plan(())

    def writer(self) -> Callable[[Session, Written], None]:
        """Return what writes the tables of a version that is being put, after extraction."""
        plan = self.plan()

        def write(session: Session, written: Written) -> None:
            for tables in self._planned(session, plan, written.version_id).values():
                self._write(session, written.version_id, tables)

        return write

    def run(self, report: Callable[[str], None] | None = None) -> BuildReport:
        """Bring every version in line with the plan, each in a transaction of its own."""
        plan, result = self.plan(), BuildReport()
        with self._store.read() as session:
            wanted = self._planned(session, plan)
            names = {each.version_id: each.source for each in self._tables(session)}
            held = self._held(session)
            result.unplanned = [t.name for t in self._tables(session) if not plan.table(t.name)]
        for version_id, source in names.items():
            tables = wanted.get(version_id, [])
            if held.get(version_id) == (_version(tables) if tables else None):
                result.unchanged += 1
                continue
            with self._store.write() as session:
                if self._replaced(session, version_id, tables):
                    (result.built if tables else result.withdrawn).append(source)
            if report is not None:
                report(source)
        return result

    def _replaced(self, session: Session, version_id: int, tables: Sequence[Planned]) -> bool:
        """Build a version again; False where it is gone by now."""
        found = session.rows(
            """SELECT s.source FROM sources s JOIN versions v ON v.source_id = s.id
               WHERE v.id = ?""",
            (version_id,),
        )
        if not found:
            return False
        if tables:
            self._write(session, version_id, tables)
        else:
            self._withdraw(session, version_id)
        session.executemany(
            "INSERT INTO changes (scope, source, change, version_id) VALUES (?, ?, ?, ?)",
            [(self._store.scope, found[0][0], each, version_id) for each in ("remove", "put")],
        )
        return True

    def _tables(self, session: Session) -> list[StoredTable]:
        return stored_tables(session, self._store.scope)

    def _planned(
        self, session: Session, plan: Plan, only: int | None = None
    ) -> Mapping[int, list[Planned]]:
        """Return the tables that the plan knows, by version."""
        found: dict[int, list[Planned]] = defaultdict(list)
        tables = stored_tables(session, self._store.scope, only) if plan.tables else []
        for table in tables:
            part = plan.table(table.name)
            if part is not None:
                found[table.version_id].append((table, part))
        return found

    def _held(self, session: Session) -> Mapping[int, str]:
        """Return what each version was built with."""
        rows = session.rows(
            """SELECT d.version_id, p.version FROM derivations d
               JOIN producers p ON p.id = d.producer_id WHERE d.operator = ?""",
            (OPERATOR,),
        )
        return dict(rows)

    def _write(self, session: Session, version_id: int, tables: Sequence[Planned]) -> None:
        """Put what the plan says in place of what stood there before."""
        dialect, scope = self._store.dialect, self._store.scope
        before = naming.declared_by(session, version_id)
        supported = Supported.by(session, version_id)
        self._clear(session, version_id)
        rows = [(placed(session, table), plan) for table, plan in tables]
        found, names = graph_of(rows), _names(rows)
        ids = [
            each[0]
            for each in session.rows(
                "SELECT id FROM tables WHERE version_id = ? ORDER BY id", (version_id,)
            )
        ]
        writer = Rows(session, dialect, scope, version_id, ids)
        known = writer.entities(_entities(found, names))
        made_by = producer([plan for _, plan in tables])
        producers = writer.producers([made_by])
        writer.links(found.links)
        writer.relations(None, found.relations)
        writer.claims(None, found.claims)
        writer.names(names)
        session.execute(
            "INSERT INTO derivations (version_id, operator, producer_id, at) VALUES (?, ?, ?, ?)",
            (version_id, OPERATOR, producers[made_by], now()),
        )
        supported.release(session, dialect)
        naming.rename(session, dialect, known.values())
        self._reread(session, version_id, before)

    def _withdraw(self, session: Session, version_id: int) -> None:
        """Take back what a plan said; extraction will judge the version's rows again."""
        before = naming.declared_by(session, version_id)
        supported = Supported.by(session, version_id)
        self._clear(session, version_id)
        session.execute(
            "DELETE FROM derivations WHERE version_id = ? AND operator = 'extraction'",
            (version_id,),
        )
        supported.release(session, self._store.dialect)
        self._reread(session, version_id, before)

    def _clear(self, session: Session, version_id: int) -> None:
        """Delete what rows said so far: by a plan, or as extraction judged them."""
        ours = "SELECT id FROM producers WHERE operator IN (?, ?)"
        for table in ("links", "claims", "evidence"):
            session.execute(
                f"DELETE FROM {table} WHERE version_id = ? AND producer_id IN ({ours})",
                (version_id, OPERATOR, ROWS.operator),
            )
        session.execute(
            """DELETE FROM names WHERE version_id = ? AND kind IN ('key', 'name', 'reference')""",
            (version_id,),
        )
        session.execute(
            "DELETE FROM derivations WHERE version_id = ? AND operator = ?",
            (version_id, OPERATOR),
        )

    def _reread(self, session: Session, version_id: int, before: frozenset[naming.Named]) -> None:
        """Mark chunks, here and elsewhere, whose names mean something else now."""
        naming.reread(session, self._store.dialect, self._store.scope, before, version_id)
        session.execute(
            """INSERT INTO stale (chunk_id, version_id)
               SELECT id, version_id FROM chunks WHERE version_id = ? ON CONFLICT DO NOTHING""",
            (version_id,),
        )


def _version(tables: Sequence[Planned]) -> str:
    return producer([plan for _, plan in tables]).version


def _entities(found: Extraction, names: Names) -> set[Entity]:
    entities = {link.entity for link in found.links} | {claim.entity for claim in found.claims}
    for relation in found.relations:
        entities |= {relation.subject, relation.object}
    return entities | {entity for entity, _, _ in names}


def _names(tables: Sequence[tuple[PlacedTable, TablePlan]]) -> Names:
    """Count what rows call things: by key, by name, or by referring to them."""
    counted: Names = Counter()
    for table, plan in tables:
        counted.update(names_of(table, plan))
    return counted
