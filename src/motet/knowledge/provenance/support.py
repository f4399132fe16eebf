"""What entities and relations stand on, and taking away those that stand on nothing.

A mention, link, claim or piece of evidence belongs to one version of a source and goes with
it. Entities and relations are shared: they go with their last support.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motet.core.store.sessions import Session, Value

Among = Callable[[Iterable[int]], tuple[str, list["Value"]]]
"""Gives SQL that follows a column, and its values, for "is one of these numbers"."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Entities and relations that a version supports: what may fall with it, by id."""

    entities: frozenset[int] = frozenset()
    relations: frozenset[int] = frozenset()

    def __or__(self, other: Touched) -> Touched:
        return Touched(self.entities | other.entities, self.relations | other.relations)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many relations and entities went."""

    relations: int = 0
    entities: int = 0


def touched_by(session: Session, version_id: int) -> Touched:
    """Return what a version supports; look before it goes."""
    query = """
        SELECT entity_id FROM mentions WHERE version_id = ?1
        UNION SELECT entity_id FROM links WHERE version_id = ?1
        UNION SELECT entity_id FROM claims WHERE version_id = ?1"""
    entities = {row[0] for row in session.rows(query, (version_id,))}
    query = """
        SELECT DISTINCT r.id, r.subject, r.object
        FROM evidence e JOIN relations r ON r.id = e.relation_id WHERE e.version_id = ?"""
    relations = session.rows(query, (version_id,))
    entities.update(end for _, *ends in relations for end in ends)
    return Touched(frozenset(entities), frozenset(row[0] for row in relations))


def sweep(session: Session, touched: Touched, among: Among) -> Swept:
    """Delete of these relations and entities what nothing supports any more.

    A relation whose first-party evidence went is derived from now on. A cluster of entities
    that loses the one that stood for it gets another: the one that was named first.
    """
    relations = _sweep_relations(session, touched, among)
    return Swept(relations, _sweep_entities(session, touched, among))


def _sweep_relations(session: Session, touched: Touched, among: Among) -> int:
    if not touched.relations:
        return 0
    these, values = among(touched.relations)
    session.execute(
        f"""UPDATE relations SET derived = 1 WHERE id {these} AND derived = 0 AND NOT EXISTS (
                SELECT 1 FROM evidence e WHERE e.relation_id = relations.id AND e.given = 1)""",
        values,
    )
    gone = session.rows(
        f"""DELETE FROM relations WHERE id {these} AND NOT EXISTS (
                SELECT 1 FROM evidence e WHERE e.relation_id = relations.id) RETURNING id""",
        values,
    )
    return len(gone)


def _sweep_entities(session: Session, touched: Touched, among: Among) -> int:
    if not touched.entities:
        return 0
    these, values = among(touched.entities)
    query = f"""
        SELECT e.id FROM entities e WHERE e.id {these}
        AND NOT EXISTS (SELECT 1 FROM mentions m WHERE m.entity_id = e.id)
        AND NOT EXISTS (SELECT 1 FROM links l WHERE l.entity_id = e.id)
        AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.entity_id = e.id)
        AND NOT EXISTS (SELECT 1 FROM relations r WHERE r.subject = e.id)
        AND NOT EXISTS (SELECT 1 FROM relations r WHERE r.object = e.id)"""
    gone = [row[0] for row in session.rows(query, values)]
    if not gone:
        return 0
    _pass_on(session, gone, among)
    these, values = among(gone)
    session.execute(f"DELETE FROM entities WHERE id {these}", values)
    return len(gone)


def _pass_on(session: Session, gone: Iterable[int], among: Among) -> None:
    """Let another member stand for each cluster whose canonical entity goes."""
    these, values = among(gone)
    clusters: dict[int, list[int]] = defaultdict(list)
    query = f"SELECT canonical, id FROM entities WHERE canonical {these} AND canonical <> id"
    leaving = set(gone)
    for canonical, member in session.rows(query, values):
        if member not in leaving:
            clusters[canonical].append(member)
    for old, members in clusters.items():
        new = min(members)
        for table, column in (
            ("entities", "canonical"),
            ("relations", "source"),
            ("relations", "target"),
        ):
            session.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (new, old))
