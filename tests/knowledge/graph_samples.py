"""Small graphs in a store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from motet.core.graph import Entity
from motet.core.json import JSON
from motet.knowledge.store import Store

Relations = Iterable[tuple[str, str, str, bool]]
"""Subject, type, object, derived."""


def add_graph(
    store: Store,
    nodes: Iterable[tuple[str, str]],
    relations: Relations,
    claims: Mapping[tuple[str, str], JSON] | None = None,
    source: str = "notes.txt",
) -> dict[str, int]:
    """Write (label, name) nodes, relations and claims of a source; return the nodes' ids."""
    scope = store.scope
    ids: dict[str, int] = {}
    with store.write() as session:
        ((source_id,),) = session.rows(
            """INSERT INTO sources (scope, source, status, version, bytes, fingerprint, updated)
               VALUES (?, ?, 'ready', 'v', 1, 'f', 0) RETURNING id""",
            (scope, source),
        )
        ((version,),) = session.rows(
            """INSERT INTO versions (source_id, version, media_type, text, regions, notes,
                                     extractor)
               VALUES (?, 'v', 'text/plain', 'x', '[]', '[]', 'e') RETURNING id""",
            (source_id,),
        )
        ((producer,),) = session.rows(
            """INSERT INTO producers (operator, version) VALUES ('test', '1')
               ON CONFLICT (operator, version) DO UPDATE SET version = '1' RETURNING id"""
        )
        for label, name in nodes:
            ((ids[name],),) = session.rows(
                """INSERT INTO entities (scope, uid, label, key, name, canonical)
                   VALUES (?, ?, ?, ?, ?, 0) RETURNING id""",
                (scope, Entity(label, name).uid, label, name, name),
            )
        session.execute("UPDATE entities SET canonical = id WHERE scope = ?", (scope,))
        for subject, kind, object_, derived in relations:
            ends = (ids[subject], ids[object_])
            ((relation,),) = session.rows(
                """INSERT INTO relations (scope, subject, type, object, source, target, derived)
                   VALUES (?1, ?2, ?3, ?4, ?2, ?4, ?5) RETURNING id""",
                (scope, ends[0], kind, ends[1], int(derived)),
            )
            session.execute(
                """INSERT INTO evidence (relation_id, version_id, start, "end", given, score,
                                         producer_id) VALUES (?, ?, 0, 1, ?, 0.5, ?)""",
                (relation, version, int(not derived), producer),
            )
        for (name, property_), value in (claims or {}).items():
            session.execute(
                """INSERT INTO claims (entity_id, property, type, value, known_from, version_id,
                                       start, "end", given, score, producer_id)
                   VALUES (?, ?, 'text', ?, 0, ?, 0, 1, 1, 1.0, ?)""",
                (ids[name], property_, json.dumps(value), version, producer),
            )
    return ids
