"""Entities of a store as records to compare."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.knowledge.resolve.conflicts import KEYED
from motet.knowledge.resolve.records import Record

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.core.store.sessions import Session, Value
    from motet.knowledge.store.dialect import Dialect

MOST = 48
"""Values of one entity that are compared, the first in the order of their text."""
_PUBLIC = """JOIN versions v ON v.id = t.version_id JOIN sources s ON s.id = v.source_id
             AND s.owner IS NULL AND s.derived = 'everyone'"""


@dataclass(frozen=True, slots=True)
class Held:
    """An entity's row with its record; `canonical` is the id that stands for it now."""

    id: int
    canonical: int
    record: Record

    @property
    def rank(self) -> tuple[bool, int, str]:
        """Sorts first what stands for a group: a row of a table, then the longest name."""
        name = self.record.fields["name"]
        return KEYED not in self.record.fields, -len(name), self.record.uid


def held(session: Session, dialect: Dialect, ids: Collection[int]) -> dict[int, Held]:
    """Return entities by id with what anybody may know of them; those that are gone are left out.

    What only some may see plays no part, since reasons are shown.
    """
    if not ids:
        return {}
    some, values = dialect.among(sorted(ids))
    fields = _claimed(session, some, values)
    for entity_id, tables, key in _rows(session, some, values):
        fields[entity_id][KEYED] = f"{tables}={key}"
    sql = f"SELECT id, canonical, uid, label, name FROM entities WHERE id IN {some} ORDER BY id"
    return {
        own: Held(own, canonical, Record(uid, label, {"name": name, **fields[own]}))
        for own, canonical, uid, label, name in session.rows(sql, values)
    }


def _claimed(
    session: Session, some: str, values: Sequence[Value]
) -> defaultdict[int, dict[str, str]]:
    sql = f"""SELECT DISTINCT t.entity_id, t.property, t.value FROM claims t {_PUBLIC}
              WHERE t.entity_id IN {some} AND t.known_to IS NULL AND t.property <> 'name'
              ORDER BY t.entity_id, t.property, t.value"""
    found: defaultdict[int, dict[str, list[str]]] = defaultdict(dict)
    for entity_id, name, value in session.rows(sql, values):
        said = found[entity_id].setdefault(name, [])
        if len(said) < MOST:
            said.append(_plain(json.loads(value)))
    joined: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for entity_id, properties in found.items():
        first = sorted(properties.items())[:MOST]
        joined[entity_id] = {name: "; ".join(said) for name, said in first}
    return joined


def _plain(value: JSON) -> str:
    """Return a claim's value as text: see `motet.core.graph.Claim`."""
    if isinstance(value, Mapping):
        return " ".join(str(each) for each in value.values())
    return str(value)


def _rows(session: Session, some: str, values: Sequence[Value]) -> list[tuple[int, str, str]]:
    sql = f"""SELECT DISTINCT t.entity_id, s.source, b.name, t."column", e.key
              FROM links t {_PUBLIC}
              JOIN tables b ON b.id = t.table_id JOIN entities e ON e.id = t.entity_id
              WHERE t.entity_id IN {some}"""
    places: defaultdict[tuple[int, str], set[str]] = defaultdict(set)
    for entity_id, source, table, column, key in session.rows(sql, values):
        places[entity_id, key].add(f"{source} {table} {column}")
    return [(own, "\n".join(sorted(each)), key) for (own, key), each in sorted(places.items())]
