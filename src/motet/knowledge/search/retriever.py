"""Hybrid retrieval: BM25, cosine and the graph, fused, over what filters leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from motet.core.errors import SetupNeeded
from motet.core.passages import Passage, RetrievalMode, Signal
from motet.core.protocols import Embedder
from motet.core.store.sessions import Session
from motet.knowledge.analysis import query_terms
from motet.knowledge.indexes.feed import sequence_of
from motet.knowledge.provenance.viewer import DOCUMENTS, Sights, Viewer
from motet.knowledge.search.dense import Dense
from motet.knowledge.search.filters import Restrictions
from motet.knowledge.search.fusion import Fused, fuse
from motet.knowledge.search.lexical import Lexical
from motet.knowledge.search.loading import explanations, load, scored
from motet.knowledge.search.query import GraphSignal, Query, Reached, RowsMatching
from motet.knowledge.search.restriction import Restriction

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from motet.knowledge.indexes import Indexes
    from motet.knowledge.store import Store

    Signals = dict[str, tuple[NDArray[np.int64], NDArray[np.float64] | NDArray[np.float32]]]

CANDIDATES = 100
"""Passages each signal contributes to the fusion."""
LATE = 2000
"""Chunks that the indexes had not absorbed from which on somebody should."""


class HybridRetriever:
    """Implements `Retriever` over a `Store` and, where there is one, an `Embedder`.

    `embedder` is called once, when a search first needs it; it raises `SetupNeeded`
    where the base encoder is not installed, and then only lexical search is offered.
    Without `indexes` all search is exact. `graph` ranks by entities, `rows` finds the rows of
    tables that a predicate holds for.
    """

    def __init__(
        self,
        store: Store,
        embedder: Callable[[], Embedder],
        *,
        indexes: Indexes | None = None,
        graph: GraphSignal | None = None,
        rows: RowsMatching | None = None,
    ) -> None:
        self._store = store
        self._supply = embedder
        self._indexes = indexes
        self._graph = graph
        self._embedder: Embedder | None = None
        self._missing: str | None = None
        self._dense: Dense | None = None
        self._lexical = Lexical(store, indexes)
        self._sights = Sights(store)
        self._restrictions = Restrictions(store, rows)
        self._counted = -1, 0

    def modes(self, query: str) -> Mapping[RetrievalMode, str | None]:
        """Return each mode with None when it can serve the query, else why not."""
        why = self._why_not_dense(query)
        return {"lexical": None, "dense": why, "hybrid": why}

    def _why_not_dense(self, query: str) -> str | None:
        embedder = self._encoder()
        if embedder is None:
            return self._missing
        if not embedder.can_read(query):
            return "the base encoder cannot read this script"
        return None

    def _encoder(self) -> Embedder | None:
        if self._embedder is None and self._missing is None:
            try:
                self._embedder = self._supply()
            except SetupNeeded as error:
                self._missing = str(error)
            else:
                self._dense = Dense(self._store, self._indexes, self._embedder.name)
        return self._embedder

    def count(self) -> int:
        """Return the number of chunks of this scope."""
        sequence = self._store.sequence()
        if self._counted[0] != sequence:
            self._counted = sequence, self._store.count()
        return self._counted[1]

    def rarity(self, terms: Sequence[str]) -> Sequence[float]:
        """Return each term's inverse document frequency, in nats, at least 0."""
        with self._store.read() as session:
            sequence = sequence_of(session, self._store.scope)
            return self._lexical.rarity(session, sequence, terms)

    def recall(self, chunks: Sequence[int]) -> Sequence[Passage]:
        """Return the passages of chunks that are still there, in no order, with score 0."""
        with self._store.read() as session:
            return load(session, self._store, chunks)

    def search(self, query: str, *, k: int, mode: RetrievalMode) -> Sequence[Passage]:
        """Return the k best passages of documents, best first. Deterministic: ties go by place.

        Raises `SetupNeeded` when `mode` needs the base encoder and it is not installed.
        """
        return self.find(Query(query, k=k, mode=mode))

    def find(self, query: Query) -> list[Passage]:
        """Return the k best passages that pass the filters, best first: k where there are k.

        Raises `SetupNeeded` as `search`, and `UsageError` for a predicate that no table takes.
        """
        if query.k <= 0:
            return []
        mode = query.mode or ("hybrid" if self._dense_can(query) else "lexical")
        vector = self._vector(query) if mode != "lexical" else None
        viewer = DOCUMENTS
        if "memory" in query.filters.kinds:
            viewer = Viewer(query.user, query.session)
        with self._store.read() as session:
            sequence = sequence_of(session, self._store.scope)
            sight = self._sights.of(viewer, sequence)
            restriction = self._restrictions.of(session, sequence, query.filters, sight)
            signals = self._signals(session, sequence, query, mode, vector, restriction)
            reached: Sequence[Reached] = ()
            if query.graph and self._graph is not None:
                reached = self._reached(session, self._graph, query, signals, restriction)
            if not any(len(ids) for ids, _ in signals.values()):
                return []
            found = self._passages(session, query, fuse(signals), reached)
        self._look_after()
        return found

    def _dense_can(self, query: Query) -> bool:
        if query.vector is not None:
            return self._encoder() is not None
        return self._why_not_dense(query.text) is None

    def _vector(self, query: Query) -> NDArray[np.float32]:
        embedder = self._encoder()
        if embedder is None:
            raise SetupNeeded(self._missing or "the base encoder is not installed")
        return query.vector if query.vector is not None else embedder.embed([query.text])[0]

    def _signals(
        self,
        session: Session,
        sequence: int,
        query: Query,
        mode: RetrievalMode,
        vector: NDArray[np.float32] | None,
        restriction: Restriction,
    ) -> Signals:
        import numpy as np

        limit = max(query.k, CANDIDATES)
        signals: Signals = {}
        others = np.empty(0, np.int64)
        if mode != "dense":
            terms = query_terms(query.text)
            signals["lexical"] = self._lexical.best(session, sequence, terms, limit, restriction)
            others = signals["lexical"][0]
        if vector is not None and self._dense is not None:
            signals["dense"] = self._dense.best(
                session, sequence, vector, limit, restriction, others
            )
        return signals

    def _reached(
        self,
        session: Session,
        graph: GraphSignal,
        query: Query,
        signals: Signals,
        restriction: Restriction,
    ) -> Sequence[Reached]:
        """Add the graph's signal, found from the best of the others."""
        import numpy as np

        limit = max(query.k, CANDIDATES)
        fused = fuse(signals)
        best = fused.best(limit)
        seeds = dict(zip(fused.chunks[best].tolist(), fused.scores[best].tolist(), strict=True))
        found = graph.rank(session, query.text, seeds, limit, given=query.filters.given)
        chunks = np.array([each.chunk for each in found], np.int64)
        kept = self._allowed(session, chunks, restriction)
        scores = np.array([each.score for each in found], np.float64)
        signals["graph"] = chunks[kept], scores[kept]
        return found

    def _allowed(
        self, session: Session, chunks: NDArray[np.int64], restriction: Restriction
    ) -> NDArray[np.bool_]:
        import numpy as np

        some, values = self._store.among(chunks.tolist())
        found = session.rows(f"SELECT id, version_id FROM chunks WHERE id IN {some}", values)
        owners = {int(chunk): int(version) for chunk, version in found}
        versions = np.array([owners.get(each, -1) for each in chunks.tolist()], np.int64)
        kept = restriction.mask(chunks, versions.clip(min=0))
        return versions >= 0 if kept is None else kept & (versions >= 0)

    def _passages(
        self, session: Session, query: Query, fused: Fused, reached: Sequence[Reached]
    ) -> list[Passage]:
        places = fused.best(query.k).tolist()
        found = {
            int(fused.chunks[place]): (float(fused.scores[place]), fused.told(place))
            for place in places
        }
        passages = scored(session, self._store, found)[: query.k]
        if not query.explain:
            return passages
        at = {int(fused.chunks[place]): place for place in places}
        signals = {each.chunk: _signals_of(fused, at[each.chunk]) for each in passages}
        paths = {each.chunk: each.path for each in reached}
        why = explanations(session, self._store, signals, paths)
        return [replace(each, explanation=why[each.chunk]) for each in passages]

    def _look_after(self) -> None:
        """Have the indexes brought up to date where much is outside them."""
        if self._indexes is None:
            return
        late = self._lexical.late(), self._dense.late() if self._dense is not None else 0
        if max(late) > LATE:
            self._indexes.absorb_soon(self._embedder.name if self._embedder else None)


def _signals_of(fused: Fused, place: int) -> tuple[Signal, ...]:
    return tuple(
        Signal(
            name,
            value,
            1 + int((fused.signals[name] > value).sum()),
            float(fused.shares[name][place]) if name in fused.shares else 0.0,
        )
        for name, value in fused.told(place).items()
    )
