"""Chunks that entities lead to, from what a question names and from what other signals found."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from motet.core.clock import now
from motet.core.graph import entity_uid
from motet.core.text import normalised
from motet.knowledge.entities.forms import RANKS
from motet.knowledge.entities.known import KnownNames
from motet.knowledge.entities.patterns import capitalised, sure
from motet.knowledge.graph.conditions import Conditions
from motet.knowledge.graph.flow import Flow
from motet.knowledge.graph.paths import Paths
from motet.knowledge.graph.surroundings import Reader, Surroundings
from motet.knowledge.provenance.viewer import DOCUMENTS, Sights
from motet.knowledge.search.query import Reached

if TYPE_CHECKING:
    from motet.core.store.sessions import Session
    from motet.knowledge.store import Store

SEEDS = 10
"""Chunks of other signals that the walk begins at, beside what the question names."""
SHARPNESS = 3
"""Power of a seed's score: the walk begins mostly at the best."""
NAMED = 1 / 6
"""What it adds that the question itself names what a chunk is about; the walk gives up to 1."""
_SURE = {RANKS["key"]: 1.0, RANKS["title"]: 1.0, RANKS["head"]: 0.5}
_RECOGNISED = 0.5


class MentionWalk:
    """Implements `GraphSignal`: personalised PageRank over chunks and the entities they mention.

    Mentions are derived, so nothing is found where only what is first-party counts. Safe to
    use from several threads.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names = KnownNames(store.scope)
        self._sights = Sights(store)
        self._lock = threading.Lock()

    def rank(
        self, session: Session, text: str, seeds: Mapping[int, float], limit: int, *, given: bool
    ) -> Sequence[Reached]:
        """Return at most `limit` chunks, best first, found from what a question says."""
        if given:
            return ()
        named = self._named(session, text)
        best = sorted(seeds, key=lambda chunk: (-seeds[chunk], chunk))[:SEEDS]
        conditions = Conditions(self._store.scope, self._sights.of(DOCUMENTS), now())
        last = "SELECT coalesce(max(id), 0) FROM chunks"  # about how many there are
        total = int(session.rows(last)[0][0])
        around = Reader(self._store, session, conditions).around(best, named, total)
        begun = {chunk: seeds[chunk] ** SHARPNESS for chunk in best}
        ranking = _Ranking(around, begun, named, seeds)
        if not ranking.chunks:
            return ()
        found = ranking.best(limit)
        paths = Paths(session, self._store, around, ranking.flow, named)
        return [Reached(chunk, score, paths.to(chunk)) for chunk, score in found]

    def _named(self, session: Session, text: str) -> dict[int, float]:
        """Return the entities that a question names, with how sure that is."""
        with self._lock:
            hits = self._names.current(session).find(text)
        by_uid: dict[str, float] = {}
        for hit in hits:
            share = _SURE.get(hit.rank, 0.8) / len(hit.entities)
            for each in hit.entities:
                uid = entity_uid(each.label, each.key)
                by_uid[uid] = max(by_uid.get(uid, 0.0), share)
        found = self._canonical(session, "uid", by_uid)
        keys = [normalised(text[n.start : n.end]) for n in (*sure(text), *capitalised(text))]
        recognised = self._canonical(session, "key", dict.fromkeys(keys, _RECOGNISED))
        return {**recognised, **found}

    def _canonical(
        self, session: Session, column: str, wanted: Mapping[str, float]
    ) -> dict[int, float]:
        among, values = self._store.among(sorted(wanted))
        sql = f"SELECT {column}, canonical FROM entities WHERE scope = ? AND {column} IN {among}"
        found: dict[int, float] = {}
        for value, entity in session.rows(sql, (self._store.scope, *values)):
            found[entity] = max(found.get(entity, 0.0), wanted[value])
        return found


class _Ranking:
    """Scores of chunks: what the walk says, and whether the question names what they are about.

    What a document as a whole is given goes to the part of it that other signals like best,
    else to its beginning.
    """

    def __init__(
        self,
        around: Surroundings,
        begun: Mapping[int, float],
        named: Mapping[int, float],
        liked: Mapping[int, float],
    ) -> None:
        self.flow = Flow(around, begun, named)
        self.chunks = self.flow.chunks
        self._walked = self.flow.at_chunks.copy()
        self._named = self.flow.named.copy()
        parts: dict[int, list[int]] = {}
        for chunk, entity in around.about:
            parts.setdefault(entity, []).append(chunk)
        for entity, chunks in parts.items():
            shown = max(chunks, key=lambda chunk: (liked.get(chunk, 0.0), -chunk))
            here, thing = self.flow.chunk_at[shown], self.flow.thing_at[entity]
            self._walked[here] = max(self._walked[here], self.flow.at_things[thing])
            self._named[here] = max(self._named[here], self.flow.named_things[thing])

    def best(self, limit: int) -> list[tuple[int, float]]:
        """Return the best chunks with their scores."""
        highest = float(self._walked.max()) or 1.0
        scores = self._walked / highest + NAMED * self._named
        pairs = zip(self.chunks, scores.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:limit]
