"""A graph as text that depends on what it says alone, and its hash."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

from motet.core.json import JSON, dumps

if TYPE_CHECKING:
    from motet.knowledge.store import Store

_VERSION = "JOIN versions v ON v.id = t.version_id JOIN sources s ON s.id = v.source_id"
_PRODUCER = "JOIN producers p ON p.id = t.producer_id"
_PLACE = "coalesce(b.name, ''), t.start, t.\"end\", t.number, t.given, t.score, p.operator"
_QUERIES = {
    "entity": """SELECT t.uid, t.label, t.key, t.name, c.uid FROM entities t
                 JOIN entities c ON c.id = t.canonical WHERE t.scope = ?""",
    "name": f"""SELECT s.source, v.version, e.uid, t.kind, t.form, t.count FROM names t {_VERSION}
                JOIN entities e ON e.id = t.entity_id WHERE s.scope = ?""",
    "mention": f"""SELECT s.source, v.version, t.start, t."end", e.uid, t.score, p.operator,
                   p.version FROM mentions t {_VERSION} {_PRODUCER}
                   JOIN entities e ON e.id = t.entity_id WHERE s.scope = ?""",
    "link": f"""SELECT s.source, v.version, b.name, b.page, t.number, t."column", e.uid FROM links t
                {_VERSION} JOIN tables b ON b.id = t.table_id
                JOIN entities e ON e.id = t.entity_id WHERE s.scope = ?""",
    "relation": """SELECT e.uid, t.type, o.uid, t.derived, f.uid, g.uid FROM relations t
                   JOIN entities e ON e.id = t.subject JOIN entities o ON o.id = t.object
                   JOIN entities f ON f.id = t.source JOIN entities g ON g.id = t.target
                   WHERE t.scope = ?""",
    "evidence": f"""SELECT s.source, v.version, e.uid, r.type, o.uid, {_PLACE}, p.version
                    FROM evidence t {_VERSION} {_PRODUCER} JOIN relations r ON r.id = t.relation_id
                    JOIN entities e ON e.id = r.subject JOIN entities o ON o.id = r.object
                    LEFT JOIN tables b ON b.id = t.table_id WHERE s.scope = ?""",
    "claim": f"""SELECT s.source, v.version, e.uid, t.property, t.type, t.value, t.valid_from,
                 t.valid_to, {_PLACE}, p.version FROM claims t {_VERSION} {_PRODUCER}
                 JOIN entities e ON e.id = t.entity_id
                 LEFT JOIN tables b ON b.id = t.table_id WHERE s.scope = ?""",
}


def canonical_lines(store: Store) -> Iterator[str]:
    """Yield the graph of a store's scope as sorted lines of JSON.

    There are no ids of rows and no times of the clock in it, so that the same documents give
    the same lines in every store, whatever the order they came in.
    """
    with store.read() as session:
        for kind, query in _QUERIES.items():
            rows: list[list[JSON]] = [[*each] for each in session.rows(query, (store.scope,))]
            yield from sorted(dumps([kind, *each]) for each in rows)


def graph_hash(store: Store) -> str:
    """Return the SHA-256 of a store's graph: equal where the graphs are."""
    digest = sha256()
    for line in canonical_lines(store):
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()
