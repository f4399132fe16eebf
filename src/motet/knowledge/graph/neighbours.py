"""Who is around an entity: breadth first over relations, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from motet.knowledge.graph.conditions import Conditions

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.core.store.sessions import Session, Value

Way = Literal["out", "in", "both"]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An entity and the least number of relations to it."""

    uid: str
    label: str
    name: str
    hops: int

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {"uid": self.uid, "label": self.label, "name": self.name, "hops": self.hops}


def neighbours(
    session: Session,
    conditions: Conditions,
    uid: str,
    *,
    hops: int,
    types: Sequence[str],
    first_party: bool,
    way: Way,
    limit: int,
) -> list[Neighbour]:
    """Return who is within `hops` of the entity with a uid, the nearest first, then by uid."""
    values: list[Value] = [conditions.scope, uid]
    asked = []
    if types:
        asked.append(f"r.type IN ({', '.join('?' for _ in types)})")
    if first_party:
        asked.append("r.derived = 0")
    asked.append(conditions.relation("r"))
    values += types
    reached, end = _STEPS[way]
    where = " AND ".join([reached, f"around.hops < {int(hops)}", *asked])
    values.append(limit)
    sql = f"""WITH RECURSIVE around (id, hops) AS (
                  SELECT canonical, 0 FROM entities WHERE scope = ? AND uid = ?
                  UNION
                  SELECT {end}, around.hops + 1 FROM around CROSS JOIN relations r WHERE {where})
              SELECT e.uid, e.label, e.name, a.hops
              FROM (SELECT id, min(hops) AS hops FROM around GROUP BY id) a
              CROSS JOIN entities e WHERE e.id = a.id AND a.hops > 0
              ORDER BY a.hops, e.uid LIMIT ?"""
    return [Neighbour(*row) for row in session.rows(sql, values)]


_STEPS: dict[Way, tuple[str, str]] = {
    "out": ("r.source = around.id", "r.target"),
    "in": ("r.target = around.id", "r.source"),
    "both": (
        "(r.source = around.id OR r.target = around.id)",
        "CASE WHEN r.source = around.id THEN r.target ELSE r.source END",
    ),
}
"""How a relation is reached from an entity, and where it leads."""
