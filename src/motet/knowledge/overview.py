"""How much a store knows, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.knowledge.store import Store

_COUNTS = {
    "sources": "SELECT count(*) FROM sources WHERE scope = ? AND kind <> 'memory'",
    "memories": "SELECT count(*) FROM sources WHERE scope = ? AND kind = 'memory'",
    "chunks": """SELECT count(*) FROM chunks c JOIN versions v ON v.id = c.version_id
                 JOIN sources s ON s.id = v.source_id WHERE s.scope = ? AND s.kind <> 'memory'""",
    "tables": """SELECT count(*) FROM tables t JOIN versions v ON v.id = t.version_id
                 JOIN sources s ON s.id = v.source_id WHERE s.scope = ?""",
    "entities": "SELECT count(*) FROM entities WHERE scope = ? AND canonical = id",
    "relations": "SELECT count(*) FROM relations WHERE scope = ?",
    "proposals": """SELECT count(*) FROM proposals
                    WHERE scope = ? AND approved_by IS NULL AND rejected_by IS NULL""",
}
_SHARES = {
    "labels": """SELECT label, count(*) FROM entities WHERE scope = ? AND canonical = id
                 GROUP BY label ORDER BY count(*) DESC, label""",
    "types": """SELECT type, count(*) FROM relations WHERE scope = ?
                GROUP BY type ORDER BY count(*) DESC, type""",
}


def overview(store: Store) -> dict[str, JSON]:
    """Return counts of all a scope holds, and of entities and relations by what they are."""
    with store.read() as session:
        found: dict[str, JSON] = {
            name: int(session.rows(sql, (store.scope,))[0][0]) for name, sql in _COUNTS.items()
        }
        for name, sql in _SHARES.items():
            rows = session.rows(sql, (store.scope,))
            shares: list[JSON] = [{"name": row[0], "count": int(row[1])} for row in rows]
            found[name] = shares
    return found
