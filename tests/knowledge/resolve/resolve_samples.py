"""Stores that hold named entities, for tests of their resolution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from motet.core.graph import Claim, Entity, Link, Mention, Producer, Relation, RowPlace
from motet.core.store.sessions import Row, Session
from motet.knowledge.entities.naming import rename
from motet.knowledge.entities.writing import Rows
from motet.knowledge.prepare import prepare
from motet.knowledge.store import Store, Written

MADE = Producer("tests", "1")
TABLES = ("entities", "relations", "verdicts", "pairs", "blocks", "mentions", "claims", "evidence")


def say(
    store: Store,
    source: str,
    names: Sequence[tuple[str, str]],
    *,
    claims: Mapping[str, str] | None = None,
    related: bool = False,
) -> None:
    """Put a document that mentions entities (label, name), and claims something of the first.

    With `related`, the first is related to all others.
    """
    text = f"{source}: " + "; ".join(name for _, name in names)
    entities = [Entity.named(label, name) for label, name in names]

    def write(session: Session, written: Written) -> None:
        rows = Rows(session, store.dialect, store.scope, written.version_id, written.table_ids)
        ids = rows.entities(set(entities))
        rows.producers([MADE])
        chunk = written.chunk_ids[0]
        rows.mentions(chunk, [Mention(each, 0, 3, 1.0, MADE) for each in entities])
        values = (claims or {}).items()
        rows.claims(
            chunk, [Claim(entities[0], n, "text", value, 0, 3, 1.0, MADE) for n, value in values]
        )
        if related:
            others = entities[1:]
            rows.relations(
                chunk, [Relation(entities[0], "knows", each, 0, 3, 1.0, MADE) for each in others]
            )
        named = zip(entities, names, strict=True)
        rows.names({(entity, "seen", name): 1 for entity, (_, name) in named})
        rename(session, store.dialect, ids.values())

    _put(store, source, text, write)


def rows(store: Store, source: str, label: str, people: Mapping[str, str]) -> None:
    """Put a table whose rows are entities: key to name."""
    text = "id,name\n" + "".join(f"{key},{name}\n" for key, name in people.items())

    def write(session: Session, written: Written) -> None:
        rows = Rows(session, store.dialect, store.scope, written.version_id, written.table_ids)
        entities = {key: Entity(label, key) for key in people}
        ids = rows.entities(set(entities.values()))
        rows.producers([MADE])
        rows.links(
            [
                Link(entities[key], RowPlace(0, number), "id", name, MADE)
                for number, (key, name) in enumerate(people.items(), 1)
            ]
        )
        rows.names({(entities[key], "name", name): 1 for key, name in people.items()})
        rename(session, store.dialect, ids.values())

    _put(store, source, text, write)


def _put(store: Store, source: str, text: str, write: object) -> None:
    store.put(
        source,
        version=sha256(text.encode()).hexdigest(),
        size=len(text),
        fingerprint="",
        prepared=prepare(text.encode(), source),
        vectors=None,
        also=[write],
    )


def groups(store: Store) -> set[frozenset[str]]:
    """Return the groups of more than one, by the names of their members."""
    sql = """SELECT c.uid, e.name, e.key FROM entities e JOIN entities c ON c.id = e.canonical
             WHERE e.scope = ?"""
    found: dict[str, set[str]] = {}
    with store.read() as session:
        for uid, name, key in session.rows(sql, (store.scope,)):
            found.setdefault(uid, set()).add(name if name.lower() == key else f"{name} {key}")
    return {frozenset(each) for each in found.values() if len(each) > 1}


def resolved(store: Store) -> dict[str, list[Row]]:
    """Return what resolution decides, without ids: who stands for whom, pairs, relations."""
    queries = {
        "entities": """SELECT e.uid, c.uid FROM entities e JOIN entities c ON c.id = e.canonical""",
        "pairs": """SELECT CASE WHEN l.uid < r.uid THEN l.uid ELSE r.uid END,
                    CASE WHEN l.uid < r.uid THEN r.uid ELSE l.uid END, p.score, p.reasons
                    FROM pairs p JOIN entities l ON l.id = p.left_id
                    JOIN entities r ON r.id = p.right_id""",
        "relations": """SELECT s.uid, r.type, o.uid, f.uid, t.uid FROM relations r
                        JOIN entities s ON s.id = r.subject JOIN entities o ON o.id = r.object
                        JOIN entities f ON f.id = r.source JOIN entities t ON t.id = r.target""",
    }
    with store.read() as session:
        return {name: sorted(session.rows(sql)) for name, sql in queries.items()}


def every_byte(store: Store) -> dict[str, list[Row]]:
    """Return all rows of the tables that a merge could touch."""
    with store.read() as session:
        return {name: sorted(session.rows(f"SELECT * FROM {name}"), key=repr) for name in TABLES}
