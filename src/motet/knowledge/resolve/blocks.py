"""The blocks of a store's entities, and which of them are small enough to compare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from motet.knowledge.resolve.blocking import keys
from motet.knowledge.resolve.lists import among_texts

if TYPE_CHECKING:
    from motet.core.store.sessions import Session
    from motet.knowledge.resolve.stored import Held
    from motet.knowledge.store.dialect import Dialect

LIMIT = 20
"""Entities in a block, beyond which its members are not compared with each other."""


class StoredBlocks:
    """The inverted index of one scope inside a write transaction."""

    def __init__(self, session: Session, dialect: Dialect, scope: str) -> None:
        self._session = session
        self._dialect = dialect
        self._scope = scope

    def update(self, entities: Mapping[int, Held]) -> set[int]:
        """Index entities as they are now; return who else's candidates that changes.

        These are the members of blocks that grew beyond the limit or fell back to it.
        """
        before = self._keys(entities)
        added, dropped = [], []
        for own, each in entities.items():
            now = keys(each.record)
            added += [(self._scope, key, own) for key in sorted(now - before[own])]
            dropped += [(self._scope, key, own) for key in sorted(before[own] - now)]
        self._session.executemany(
            "DELETE FROM blocks WHERE scope = ? AND key = ? AND entity_id = ?", dropped
        )
        self._session.executemany(
            "INSERT INTO blocks (scope, key, entity_id) VALUES (?, ?, ?)", added
        )
        change: defaultdict[str, int] = defaultdict(int)
        for _, key, _ in added:
            change[key] += 1
        for _, key, _ in dropped:
            change[key] -= 1
        return self.turned({key: count for key, count in change.items() if count})

    def turned(self, change: Mapping[str, int]) -> set[int]:
        """Return the members of blocks that a change of their sizes brought across the limit."""
        most = LIMIT + max((abs(count) for count in change.values()), default=0) + 1
        turned = [
            key
            for key, size in self.sizes(change, most).items()
            if (size <= LIMIT) != (size - change[key] <= LIMIT)
        ]
        some, values = among_texts(self._dialect, turned)
        sql = f"SELECT DISTINCT entity_id FROM blocks WHERE scope = ? AND key IN {some}"
        return {row[0] for row in self._session.rows(sql, (self._scope, *values))}

    def sizes(self, wanted: Iterable[str], most: int) -> dict[str, int]:
        """Return how many entities have each key, counting no further than `most`."""
        sql = """SELECT count(*) FROM
                 (SELECT 1 FROM blocks WHERE scope = ? AND key = ? LIMIT ?) AS found"""
        return {
            key: int(self._session.rows(sql, (self._scope, key, most))[0][0])
            for key in sorted(set(wanted))
        }

    def candidates(self, ids: Collection[int]) -> dict[int, set[int]]:
        """Return whom each entity shares a small enough block with."""
        held = self._keys(ids)
        sizes = self.sizes((key for each in held.values() for key in each), LIMIT + 1)
        small = [key for key, size in sizes.items() if 1 < size <= LIMIT]
        some, values = among_texts(self._dialect, small)
        sql = f"SELECT key, entity_id FROM blocks WHERE scope = ? AND key IN {some}"
        members: defaultdict[str, set[int]] = defaultdict(set)
        for key, own in self._session.rows(sql, (self._scope, *values)):
            members[key].add(own)
        return {own: set().union(*(members[key] for key in held[own])) - {own} for own in ids}

    def _keys(self, ids: Collection[int]) -> dict[int, set[str]]:
        some, values = self._dialect.among(sorted(ids))
        found: dict[int, set[str]] = {own: set() for own in ids}
        sql = f"SELECT entity_id, key FROM blocks WHERE entity_id IN {some}"
        for own, key in self._session.rows(sql, values):
            found[own].add(key)
        return found
