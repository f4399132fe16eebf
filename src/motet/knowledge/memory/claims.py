"""Facts as rows: entities, and what an episode says of them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from motet.core.graph import Entity
from motet.core.json import dumps
from motet.core.store.sessions import Row, Session
from motet.core.text import normalised
from motet.knowledge.memory.facts import Fact
from motet.knowledge.store import Store, Written

OPERATOR = "memory"
VERSION = "statements/1"
"""The patterns that found the facts; a new number where they find others."""
USER = "user"
"""The label of whoever speaks."""
_ARTICLE = re.compile(r"(?:the|an?|my|our|his|her|their) ", re.IGNORECASE)
_PERSONAL = frozenset(("prefers", "likes", "loves", "dislikes", "hates", "does not prefer"))


class Claims:
    """Writes the facts of episodes into a store, and reads them back."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(
        self,
        session: Session,
        written: Written,
        facts: Sequence[Fact],
        at: float,
        speaker: str | None,
    ) -> None:
        """Write facts that were said at a time, in the transaction of their episode.

        Facts of whoever speaks are left out where nobody is known to. Whatever goes by the
        name of a value already (the oak table) is mentioned there.
        """
        producer = self._producer(session)
        chunk = written.chunk_ids[0]
        for fact in facts:
            subject = self._subject(session, fact, speaker)
            if subject is None:
                continue
            place = (written.version_id, chunk, fact.start, fact.end)
            begins, ends = (None, at) if fact.ends else (fact.valid_from or at, fact.valid_to)
            session.execute(
                """INSERT INTO claims (entity_id, property, type, value, valid_from, valid_to,
                                       known_from, version_id, chunk_id, start, "end", given,
                                       score, producer_id)
                   VALUES (?, ?, 'text', ?, ?, ?, ?, ?, ?, ?, ?, 1, 1, ?)""",
                (subject, fact.property, dumps(fact.value), begins, ends, at, *place, producer),
            )
            named = self._named(session, _bare(fact.value))
            if named is not None:
                self._mention(session, named, written, fact, producer)

    def _producer(self, session: Session) -> int:
        session.execute(
            "INSERT INTO producers (operator, version) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (OPERATOR, VERSION),
        )
        query = "SELECT id FROM producers WHERE operator = ? AND version = ?"
        return int(session.rows(query, (OPERATOR, VERSION))[0][0])

    def _subject(self, session: Session, fact: Fact, speaker: str | None) -> int | None:
        if fact.subject is None:
            return None if speaker is None else self._entity(session, USER, speaker)
        name = _bare(fact.subject)
        label = "person" if fact.property in _PERSONAL else "thing"
        return self._named(session, name) or self._entity(session, label, name)

    def _named(self, session: Session, name: str) -> int | None:
        """Return the entity that goes by a name already, whatever it is; users go by ids."""
        query = """SELECT id FROM entities WHERE scope = ? AND key = ? AND label <> ?
                   ORDER BY label, id LIMIT 1"""
        found = session.rows(query, (self._store.scope, normalised(name), USER))
        return int(found[0][0]) if found else None

    def _entity(self, session: Session, label: str, name: str) -> int:
        entity = Entity.named(label, name)
        query = "SELECT id FROM entities WHERE scope = ? AND uid = ?"
        found = session.rows(query, (self._store.scope, entity.uid))
        if found:
            return int(found[0][0])
        ((number,),) = session.rows(
            """INSERT INTO entities (scope, uid, label, key, name, canonical)
               VALUES (?, ?, ?, ?, ?, 0) RETURNING id""",
            (self._store.scope, entity.uid, label, entity.key, name),
        )
        session.execute("UPDATE entities SET canonical = id WHERE id = ?", (number,))
        return int(number)

    def _mention(
        self, session: Session, entity: int, written: Written, fact: Fact, producer: int
    ) -> None:
        bare = _bare(fact.value)
        start = written.prepared.text.find(bare, fact.start, fact.end)
        if start >= 0:
            session.execute(
                """INSERT INTO mentions (entity_id, version_id, chunk_id, start, "end", score,
                                         producer_id) VALUES (?, ?, ?, ?, ?, 1, ?)""",
                (
                    entity,
                    written.version_id,
                    written.chunk_ids[0],
                    start,
                    start + len(bare),
                    producer,
                ),
            )

    def of(self, session: Session, versions: Sequence[int]) -> dict[int, list[Fact]]:
        """Return the facts of versions, by version id, in the order they were said."""
        some, values = self._store.among(versions)
        query = f"""
            SELECT c.version_id, e.label, e.name, c.property, c.value, c.start, c."end",
                   c.valid_from, c.valid_to
            FROM claims c JOIN entities e ON e.id = c.entity_id
            JOIN producers p ON p.id = c.producer_id
            WHERE c.version_id IN {some} AND p.operator = ?
            ORDER BY c.version_id, c.start, c.id"""
        found: dict[int, list[Fact]] = {}
        for row in session.rows(query, (*values, OPERATOR)):
            found.setdefault(row[0], []).append(_fact(row))
        return found


def _fact(row: Row) -> Fact:
    _, label, name, property_, value, start, end, begins, ends = row
    return Fact(
        None if label == USER else name,
        property_,
        str(json.loads(value)),
        start,
        end,
        begins,
        ends,
        ends=begins is None and ends is not None,
    )


def _bare(name: str) -> str:
    """Return a name without the article it is used with."""
    found = _ARTICLE.match(name)
    return name[found.end() :] if found and found.end() < len(name) else name
