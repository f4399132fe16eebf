"""The lexical signal: BM25 from the store's own full text, or from the index and what is newer."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from motet.core.store.sessions import Session
from motet.knowledge.indexes.damage import Damaged
from motet.knowledge.indexes.feed import changes, texts
from motet.knowledge.search.restriction import Restriction
from motet.knowledge.search.tail import Statistics, Tail
from motet.knowledge.store.terms import tokens

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.knowledge.indexes import Indexes
    from motet.knowledge.indexes.text import Ranked, TextIndex
    from motet.knowledge.store import Store

    Found = tuple[NDArray[np.int64], NDArray[np.float64]]
    """Ids of chunks and their scores, each of shape (n,), best first."""

COMMON_CHUNKS = 2000
COMMON_SHARE = 0.05
"""A term in more chunks than both the number and the share is common."""
EQUALS = 32
"""Chunks asked for beyond the limit, so that those as good as the last one are all there."""
LATE = 20_000
"""Chunks outside the index from which on the store's own full text is asked instead."""
_PLACED = """JOIN chunks c ON c.id = m.chunk_id JOIN versions v ON v.id = c.version_id
             JOIN sources s ON s.id = v.source_id"""


class Lexical:
    """BM25 over one scope of a store. Safe to use from several threads."""

    def __init__(self, store: Store, indexes: Indexes | None) -> None:
        self._store = store
        self._indexes = indexes
        self._lock = threading.Lock()
        self._total: int | None = None
        self._known: dict[str, int] = {}
        self._view = _View(None, -1, Tail(), ())

    def total(self, session: Session, sequence: int) -> int:
        """Return the number of chunks of the scope, as far as BM25 is concerned."""
        with self._lock:
            self._renew(session, sequence)
            view = self._view
            if view.index is not None:
                return view.index.chunks + len(view.tail)
            if self._total is None:
                self._total = self._store.count()
            return self._total

    def late(self) -> int:
        """Return how many chunks the index had not absorbed at the last search."""
        return len(self._view.tail)

    def counts(self, session: Session, sequence: int, terms: Sequence[str]) -> list[int]:
        """Return in how many chunks each term stands (a CJK bigram or a word, stemmed)."""
        with self._lock:
            self._renew(session, sequence)
            for term in terms:
                if term not in self._known:
                    self._known[term] = self._count(session, term)
            return [self._known[term] for term in terms]

    def rarity(self, session: Session, sequence: int, terms: Sequence[str]) -> list[float]:
        """Return each term's inverse document frequency (BM25's, in nats)."""
        total = self.total(session, sequence)
        return [
            math.log(1 + max(total - count + 0.5, 0.5) / (count + 0.5))
            for count in self.counts(session, sequence, terms)
        ]

    def telling(self, session: Session, sequence: int, terms: Sequence[str]) -> dict[str, int]:
        """Return the terms worth looking up, and their counts.

        Common ones are looked up only where there is none other: in a large store they cost
        most of the search and hardly move the ranking.
        """
        counts = self.counts(session, sequence, terms)
        limit = max(COMMON_CHUNKS, COMMON_SHARE * self.total(session, sequence))
        present = [each for each in sorted(zip(counts, terms, strict=True)) if each[0]]
        rare = {term: count for count, term in present if count <= limit}
        return rare or {term: count for count, term in present[:2]}

    def best(
        self,
        session: Session,
        sequence: int,
        terms: Sequence[str],
        limit: int,
        restriction: Restriction,
    ) -> Found:
        """Return about `limit` of the best chunks allowed, fewer only where fewer match."""
        import numpy as np

        telling = self.telling(session, sequence, terms)
        if not telling:
            return np.empty(0, np.int64), np.empty(0, np.float64)
        view = self._view
        if view.index is not None:
            try:
                return self._indexed(view, view.index, telling, limit, restriction)
            except Damaged as damage:
                self._give_up(damage)
        return self._exact(session, telling, limit, restriction)

    def _renew(self, session: Session, sequence: int) -> None:
        """Look at the store as the session sees it, at the change numbered `sequence`."""
        if sequence <= self._view.sequence:
            return
        self._known.clear()
        self._total = None
        self._view = self._viewed(session, sequence)

    def _viewed(self, session: Session, sequence: int) -> _View:
        index = self._indexes.text() if self._indexes is not None else None
        if index is None or index.sequence > sequence:
            return _View(None, sequence, Tail(), ())
        old = self._view
        follows = old.index is index
        tail, since = (old.tail, old.sequence) if follows else (Tail(), index.sequence)
        found = changes(session, self._store.scope, since)
        gone = (*old.gone, *found.gone) if follows else found.gone
        tail.remove(found.gone)
        for version in found.come:
            read = texts(session, version)
            tail.add(version, ((chunk, tokens(text)) for chunk, text in read))
            if len(tail) > LATE:
                return _View(None, sequence, Tail(), ())
        return _View(index, sequence, tail, gone)

    def _give_up(self, damage: Damaged) -> None:
        """Go on without the index, from this search on."""
        assert self._indexes is not None
        self._indexes.give_up_text(damage)
        with self._lock:
            self._view = _View(None, -1, Tail(), ())

    def _count(self, session: Session, term: str) -> int:
        view = self._view
        if view.index is not None:
            found = _analysed(term)
            return view.index.count(found) + view.tail.count(found)
        sql, values = self._store.dialect.containing(term)
        count = f"SELECT count(*) FROM ({sql}) m"
        if not self._store.is_shared():
            return int(session.rows(count, values)[0][0])
        sql = f"{count} {_PLACED} WHERE s.scope = ?"
        return int(session.rows(sql, (*values, self._store.scope))[0][0])

    # With the index

    def _indexed(
        self,
        view: _View,
        index: TextIndex,
        terms: dict[str, int],
        limit: int,
        restriction: Restriction,
    ) -> Found:
        import numpy as np

        wanted = [(_analysed(term), count) for term, count in terms.items()]
        phrases = [each for each, _ in wanted]
        chunks, scores = self._absorbed(view, index, phrases, limit, restriction)
        if not len(view.tail):
            return chunks, scores
        whole = Statistics(index.chunks + len(view.tail), index.mean)
        with self._lock:
            late, values, owners = view.tail.best(wanted, whole)
        kept = restriction.mask(late, owners)
        if kept is not None:
            late, values = late[kept], values[kept]
        chunks, scores = np.concatenate([chunks, late]), np.concatenate([scores, values])
        order = np.argsort(-scores, kind="stable")[: limit + EQUALS]
        return chunks[order], scores[order]

    def _absorbed(
        self,
        view: _View,
        index: TextIndex,
        terms: Sequence[Sequence[str]],
        limit: int,
        restriction: Restriction,
    ) -> Found:
        """Ask the index for more and more, until enough of it is allowed or all was seen."""
        import numpy as np

        gone = np.array(view.gone, np.int64)
        share = 1.0 if restriction.few else max(restriction.share, 1 / max(index.chunks, 1))
        ask = math.ceil((limit + EQUALS) * (1.0 if share == 1 else 1.2 / share))
        while True:
            found = index.best(terms, min(ask, index.chunks + 1), restriction.few)
            chunks, scores = _without_last(found, limit)
            if restriction.is_none and not len(gone):
                return chunks, scores
            versions = found.versions()[: len(chunks)]
            kept = ~np.isin(versions, gone)
            if (allowed := restriction.mask(chunks, versions)) is not None:
                kept &= allowed
            if found.complete or np.count_nonzero(kept) >= limit:
                best = np.flatnonzero(kept)[: limit + EQUALS]
                return chunks[best], scores[best]
            ask *= 4

    def _cut(
        self, session: Session, chunks: NDArray[np.int64], scores: NDArray[np.float64], limit: int
    ) -> Found:
        """Keep the best; which of equals stay must not depend on when they were ingested."""
        import numpy as np

        if len(chunks) <= limit:
            order = np.argsort(-scores, kind="stable")
            return chunks[order], scores[order]
        least = np.partition(scores, -limit)[-limit]
        sure, tied = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
        missing = limit - len(sure)
        if missing < len(tied):
            some, values = self._store.among(chunks[tied].tolist())
            sql = f"""SELECT c.id FROM chunks c JOIN versions v ON v.id = c.version_id
                      JOIN sources s ON s.id = v.source_id WHERE c.id IN {some}
                      ORDER BY s.source, c.start, c.id LIMIT ?"""
            first = [each[0] for each in session.rows(sql, (*values, missing))]
            tied = tied[np.isin(chunks[tied], first)]
        kept = np.concatenate([sure, tied])
        kept = kept[np.argsort(-scores[kept], kind="stable")]
        return chunks[kept], scores[kept]

    # Without

    def _exact(
        self, session: Session, terms: dict[str, int], limit: int, restriction: Restriction
    ) -> Found:
        import numpy as np

        sql, values = self._store.dialect.matching([*terms], terms)
        sql = f"""SELECT m.chunk_id, m.score, c.version_id FROM ({sql}) m {_PLACED}
                  WHERE s.scope = ? ORDER BY m.score DESC"""
        values = (*values, self._store.scope)
        if restriction.is_none:
            found = session.rows(f"{sql} LIMIT ?", (*values, limit + 1))
            if len(found) > limit and found[-1][1] == found[-2][1]:
                found = session.rows(f"{sql}, s.source, c.start, c.id LIMIT ?", (*values, limit))
        else:
            found = session.rows(sql, values)
        chunks = np.array([each[0] for each in found], np.int64)
        scores = np.array([each[1] for each in found], np.float64)
        kept = restriction.mask(chunks, np.array([each[2] for each in found], np.int64))
        if kept is not None:
            chunks, scores = chunks[kept], scores[kept]
            return self._cut(session, chunks, scores, limit)
        return chunks[:limit], scores[:limit]


@lru_cache(maxsize=4096)
def _analysed(term: str) -> tuple[str, ...]:
    return tuple(tokens(term))


def _without_last(found: Ranked, limit: int) -> Found:
    """Leave out those that are as good as the last one: others may be, which were not seen.

    Not where little would be left of what was asked for.
    """
    import numpy as np

    if found.complete:
        return found.chunks, found.scores
    better = int(np.searchsorted(-found.scores, -found.scores[-1]))
    if better < limit // 2:
        return found.chunks, found.scores
    return found.chunks[:better], found.scores[:better]


@dataclass(frozen=True, slots=True)
class _View:
    """The index, if one is used, and what came and went since, up to the change `sequence`."""

    index: TextIndex | None
    sequence: int
    tail: Tail
    gone: Sequence[int]
