"""In how many chunks a term stands; remembered until the store changes."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence

from motet.core.store import rows
from motet.knowledge.analysis import term_expression
from motet.knowledge.store import Store

COMMON_CHUNKS = 2000
COMMON_SHARE = 0.05
"""A term in more chunks than both the number and the share is common."""

_ANYWHERE = "SELECT count(*) FROM fulltext WHERE fulltext MATCH :term"
_IN_SCOPE = """SELECT count(*) FROM fulltext f JOIN chunks c ON c.id = f.rowid
               JOIN versions v ON v.id = c.version_id JOIN sources s ON s.id = v.source_id
               WHERE fulltext MATCH :term AND s.scope = :scope"""


class Frequencies:
    """Document frequencies of the full-text index of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._sequence = -1
        self._total = 0
        self._known: dict[str, int] = {}

    def total(self) -> int:
        """Return the number of chunks of the scope."""
        with self._lock:
            self._renew()
            return self._total

    def of(self, terms: Sequence[str]) -> list[int]:
        """Return in how many chunks each term stands (a CJK bigram or a word, stemmed)."""
        with self._lock, self._store.database.read() as db:
            self._renew()
            sql = _IN_SCOPE if self._store.is_shared() else _ANYWHERE
            for term in terms:
                if term not in self._known:
                    values = {"term": term_expression(term), "scope": self._store.scope}
                    self._known[term] = rows(db, sql, values)[0][0]
            return [self._known[term] for term in terms]

    def rarity(self, terms: Sequence[str]) -> list[float]:
        """Return each term's inverse document frequency (BM25's, in nats)."""
        total = self.total()
        return [
            math.log(1 + max(total - count + 0.5, 0.5) / (count + 0.5)) for count in self.of(terms)
        ]

    def telling(self, terms: Sequence[str]) -> list[str]:
        """Return the terms worth looking up: common ones only where there is none other.

        In a large store a common term costs most of the search and hardly moves the ranking.
        """
        limit = max(COMMON_CHUNKS, COMMON_SHARE * self.total())
        counted = sorted(zip(self.of(terms), terms, strict=True))
        rare = [term for count, term in counted if 0 < count <= limit]
        present = [term for count, term in counted if count]
        return rare or present[:2]

    def _renew(self) -> None:
        sequence = self._store.sequence()
        if sequence != self._sequence:
            self._known.clear()
            self._total = self._store.count()
            self._sequence = sequence
