"""Facts as rows: entities, and what an episode says of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence

from motet.core.graph import Claim, Entity, Mention, Producer
from motet.core.store.sessions import Row, Session
from motet.core.text import normalised
from motet.knowledge.entities.naming import SEEN, rename
from motet.knowledge.entities.writing import Rows
from motet.knowledge.memory.facts import Fact
from motet.knowledge.store import Store, Written

PRODUCER = Producer("memory", "statements/1")
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
        entities, claims, mentions = Counter[tuple[Entity, str, str]](), [], []
        for fact in facts:
            subject = self._subject(session, fact, speaker)
            if subject is None:
                continue
            entities[subject, SEEN, _bare(fact.subject or speaker or "")] += 1
            claims.append(_claim(subject, fact, at))
            value = _bare(fact.value)
            start = written.prepared.text.find(value, fact.start, fact.end)
            named = self._named(session, value)
            if named is not None and start >= 0:
                entities[named, SEEN, value] += 1
                mentions.append(Mention(named, start, start + len(value), 1.0, PRODUCER))
        if claims:
            self._write(session, written, entities, claims, mentions)

    def _write(
        self,
        session: Session,
        written: Written,
        entities: Counter[tuple[Entity, str, str]],
        claims: Sequence[Claim],
        mentions: Sequence[Mention],
    ) -> None:
        dialect, chunk = self._store.dialect, written.chunk_ids[0]
        rows = Rows(session, dialect, self._store.scope, written.version_id, ())
        ids = rows.entities({entity for entity, _, _ in entities})
        rows.producers([PRODUCER])
        rows.claims(chunk, claims)
        rows.mentions(chunk, mentions)
        rows.names(entities)
        rename(session, dialect, ids.values())

    def _subject(self, session: Session, fact: Fact, speaker: str | None) -> Entity | None:
        if fact.subject is None:
            return None if speaker is None else Entity.named(USER, speaker)
        name = _bare(fact.subject)
        label = "person" if fact.property in _PERSONAL else "thing"
        return self._named(session, name) or Entity.named(label, name)

    def _named(self, session: Session, name: str) -> Entity | None:
        """Return what goes by a name already, whatever it is; users go by ids."""
        query = """SELECT label, key FROM entities WHERE scope = ? AND key = ? AND label <> ?
                   ORDER BY label, id LIMIT 1"""
        found = session.rows(query, (self._store.scope, normalised(name), USER))
        return Entity(*found[0]) if found else None

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
        for row in session.rows(query, (*values, PRODUCER.operator)):
            found.setdefault(row[0], []).append(_fact(row))
        return found


def _claim(subject: Entity, fact: Fact, at: float) -> Claim:
    """Return what a fact claims from when it was said; one that ends closes at that time."""
    begins, ends = (None, at) if fact.ends else (fact.valid_from or at, fact.valid_to)
    return Claim(
        subject,
        fact.property,
        "text",
        fact.value,
        fact.start,
        fact.end,
        1.0,
        PRODUCER,
        given=True,
        valid_from=begins,
        valid_to=ends,
    )


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
