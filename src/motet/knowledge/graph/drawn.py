"""A part of the graph that is small enough to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.clock import now
from motet.core.errors import UsageError
from motet.knowledge.graph.conditions import Conditions
from motet.knowledge.provenance.viewer import Sights, Viewer

if TYPE_CHECKING:
    from collections.abc import Collection

    from motet.core.json import JSON
    from motet.core.store.sessions import Session
    from motet.knowledge.store import Store

MOST = 10_000
"""Entities that one drawing may have."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Entities (uid, name, label, relations) and relations (uid, uid, type, derived).

    `more` says that entities were left out since there are too many.
    """

    nodes: list[tuple[str, str, str, int]]
    edges: list[tuple[str, str, str, bool]]
    more: bool

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        nodes = ("uid", "name", "label", "weight")
        edges = ("source", "target", "type", "derived")
        return {
            "nodes": [dict(zip(nodes, each, strict=True)) for each in self.nodes],
            "edges": [dict(zip(edges, each, strict=True)) for each in self.edges],
            "more": self.more,
        }


class Drawing:
    """The graph as a viewer may see it, a part at a time."""

    def __init__(self, store: Store, viewer: Viewer) -> None:
        self._store = store
        self._viewer = viewer
        self._sights = Sights(store)

    def around(self, uid: str | None, *, hops: int, limit: int) -> Drawn:
        """Return an entity and what is within so many hops, the nearest first.

        Without a uid, the entities that most relations end at. Raises `UsageError` for a uid
        that nothing has.
        """
        limit = max(1, min(limit, MOST))
        conditions = Conditions(self._store.scope, self._sights.of(self._viewer), now())
        with self._store.read() as session:
            if uid is None:
                found, more = self._largest(session, conditions, limit)
            else:
                found, more = self._within(session, conditions, uid, hops, limit)
            return self._drawn(session, conditions, found, more)

    def _largest(self, session: Session, sees: Conditions, limit: int) -> tuple[list[int], bool]:
        ends = " UNION ALL ".join(
            f"SELECT r.{end} AS id FROM relations r WHERE r.scope = ? AND {sees.relation('r')}"
            for end in ("source", "target")
        )
        sql = f"""SELECT x.id FROM ({ends}) x JOIN entities e ON e.id = x.id
                  WHERE {sees.entity("e")}
                  GROUP BY x.id, e.uid ORDER BY count(*) DESC, e.uid LIMIT ?"""
        scope = self._store.scope
        found = [row[0] for row in session.rows(sql, (scope, scope, limit + 1))]
        return found[:limit], len(found) > limit

    def _within(
        self, session: Session, sees: Conditions, uid: str, hops: int, limit: int
    ) -> tuple[list[int], bool]:
        sql = f"""SELECT c.id FROM entities e JOIN entities c ON c.id = e.canonical
                  WHERE e.scope = ? AND e.uid = ? AND {sees.entity("c")}"""
        start = session.rows(sql, (self._store.scope, uid))
        if not start:
            raise UsageError("no such entity", where=uid, hint="it may have gone with its source")
        found = {start[0][0]: None}
        edge = list(found)
        for _ in range(hops):
            edge = [each for each in self._next(session, sees, edge) if each not in found]
            room = limit - len(found)
            found |= dict.fromkeys(edge[:room])
            if len(edge) > room:
                return list(found), True
        return list(found), False

    def _next(self, session: Session, sees: Conditions, ids: list[int]) -> list[int]:
        """Return what relations of entities lead to, those of the most relations first."""
        some, values = self._store.among(ids)
        steps = " UNION ALL ".join(
            f"SELECT r.{there} AS id FROM relations r WHERE r.{here} IN {some}"
            f" AND {sees.relation('r')}"
            for here, there in (("source", "target"), ("target", "source"))
        )
        sql = f"""SELECT x.id FROM ({steps}) x JOIN entities e ON e.id = x.id
                  WHERE {sees.entity("e")}
                  GROUP BY x.id, e.uid ORDER BY count(*) DESC, e.uid"""
        return [row[0] for row in session.rows(sql, (*values, *values))]

    def _drawn(self, session: Session, sees: Conditions, ids: Collection[int], more: bool) -> Drawn:
        some, values = self._store.among(list(ids))
        sql = f"""SELECT r.source, r.target, r.type, min(r.derived) FROM relations r
                  WHERE r.source IN {some} AND r.target IN {some} AND {sees.relation("r")}
                  GROUP BY r.source, r.target, r.type ORDER BY r.source, r.type, r.target"""
        links = session.rows(sql, (*values, *values))
        weight = dict.fromkeys(ids, 0)
        for source, target, _, _ in links:
            weight[source] += 1
            weight[target] += 1
        sql = f"SELECT e.id, e.uid, e.name, e.label FROM entities e WHERE e.id IN {some}"
        named = {row[0]: row[1:] for row in session.rows(sql, values)}
        nodes = [(*named[each], weight[each]) for each in ids if each in named]
        edges = [
            (named[source][0], named[target][0], kind, bool(derived))
            for source, target, kind, derived in links
        ]
        return Drawn(nodes, edges, more)
