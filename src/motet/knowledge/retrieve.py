"""Hybrid retrieval: BM25 over the full-text index, cosine over vectors, fused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from motet.core.clock import now
from motet.core.errors import SetupNeeded
from motet.core.passages import Passage, RetrievalMode, Segment
from motet.core.protocols import Embedder
from motet.core.store import Row, rows
from motet.knowledge.analysis import any_of, query_terms
from motet.knowledge.frequencies import Frequencies
from motet.knowledge.store import Store
from motet.knowledge.vectors import VectorIndex

if TYPE_CHECKING:
    from collections.abc import Callable

CANDIDATES = 100
"""Passages each signal contributes to the fusion."""
LEXICAL_SHARE = 0.5
"""Weight of BM25 in the fusion; the rest is cosine, each divided by its best value."""


class HybridRetriever:
    """Implements `Retriever` over a `Store` and, where there is one, an `Embedder`.

    `embedder` is called once, when a search first needs it; it raises `SetupNeeded`
    where the base encoder is not installed, and then only lexical search is offered.
    """

    def __init__(self, store: Store, embedder: Callable[[], Embedder]) -> None:
        self._store = store
        self._supply = embedder
        self._embedder: Embedder | None = None
        self._missing: str | None = None
        self._index: VectorIndex | None = None
        self._frequencies = Frequencies(store)

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
                self._index = VectorIndex(
                    self._store.database, self._store.scope, self._embedder.name
                )
        return self._embedder

    def count(self) -> int:
        """Return the number of chunks of this scope."""
        return self._frequencies.total()

    def rarity(self, terms: Sequence[str]) -> Sequence[float]:
        """Return each term's inverse document frequency, in nats, at least 0."""
        return self._frequencies.rarity(terms)

    def search(self, query: str, *, k: int, mode: RetrievalMode) -> Sequence[Passage]:
        """Return the k best passages, best first. Deterministic: ties go by place.

        Raises `SetupNeeded` when `mode` needs the base encoder and it is not installed.
        """
        if k <= 0:
            return []
        signals: dict[int, dict[str, float]] = {}
        if mode != "dense":
            for chunk, score in self._lexical(query, max(k, CANDIDATES)):
                signals.setdefault(chunk, {})["lexical"] = score
        if mode != "lexical":
            self._add_dense(query, max(k, CANDIDATES), signals)
        scores = _fuse(signals)
        cut = sorted(scores.values(), reverse=True)[:k][-1] if scores else 0.0
        passages = self._load(
            {chunk: score for chunk, score in scores.items() if score >= cut}, signals
        )
        return sorted(passages, key=lambda p: (-p.score, p.source, p.start, p.chunk))[:k]

    def recall(self, chunks: Sequence[int]) -> Sequence[Passage]:
        """Return the passages of chunks that are still there, in no order, with score 0."""
        return self._load(dict.fromkeys(chunks, 0.0), {each: {} for each in chunks})

    def _lexical(self, query: str, limit: int) -> list[tuple[int, float]]:
        terms = self._frequencies.telling(query_terms(query))
        if not terms:
            return []
        sql = """SELECT f.rowid, -f.rank FROM fulltext f JOIN chunks c ON c.id = f.rowid
                 JOIN versions v ON v.id = c.version_id JOIN sources s ON s.id = v.source_id
                 WHERE fulltext MATCH ? AND s.scope = ? AND s.kind <> 'memory' ORDER BY f.rank"""
        values = (any_of(terms), self._store.scope)
        with self._store.database.read() as db:
            found = rows(db, f"{sql} LIMIT ?", (*values, limit + 1))
            if len(found) > limit and found[-1][1] == found[-2][1]:
                # Which of the equals stay must not depend on when they were ingested.
                found = rows(db, f"{sql}, s.source, c.start, c.id LIMIT ?", (*values, limit))
        return [(each[0], each[1]) for each in found[:limit]]

    def _add_dense(self, query: str, limit: int, signals: dict[int, dict[str, float]]) -> None:
        import numpy as np

        embedder = self._encoder()
        if embedder is None or self._index is None:
            raise SetupNeeded(self._missing or "the base encoder is not installed")
        vector = embedder.embed([query])[0]
        chunks, cosines = self._index.scores(vector, self._store.sequence())
        if len(chunks) == 0:
            return
        least = np.partition(cosines, -min(limit, len(chunks)))[-min(limit, len(chunks))]
        best = chunks[cosines >= least]
        wanted = np.unique(np.concatenate([best, np.array([*signals], np.int64)]))
        places = np.searchsorted(chunks, wanted).clip(max=len(chunks) - 1)
        for chunk, place in zip(wanted.tolist(), places.tolist(), strict=True):
            if chunks[place] == chunk:
                signals.setdefault(chunk, {})["dense"] = float(cosines[place])

    def _load(
        self, scores: Mapping[int, float], signals: Mapping[int, Mapping[str, float]]
    ) -> list[Passage]:
        sql = """SELECT c.id, s.source, v.version, v.media_type, c.kind, c.page, c.start,
                         c."end", c.text, c.body, c.context, c.segments
                  FROM chunks c JOIN versions v ON v.id = c.version_id
                  JOIN sources s ON s.id = v.source_id
                  WHERE c.id IN (SELECT value FROM json_each(?))
                  AND (s.expires IS NULL OR s.expires > ?)"""
        with self._store.database.read() as db:
            return [
                _passage(each, scores[each[0]], signals[each[0]])
                for each in rows(db, sql, (json.dumps([*scores]), now()))
            ]


def _fuse(signals: Mapping[int, Mapping[str, float]]) -> dict[int, float]:
    """Weigh each signal against its best value; with one signal it is that signal."""
    best = {
        name: max((s.get(name, 0.0) for s in signals.values()), default=0.0)
        for name in ("lexical", "dense")
    }
    if best["lexical"] <= 0 or best["dense"] <= 0:
        return {chunk: max(each.values()) for chunk, each in signals.items()}
    return {
        chunk: LEXICAL_SHARE * each.get("lexical", 0.0) / best["lexical"]
        + (1 - LEXICAL_SHARE) * max(each.get("dense", 0.0), 0.0) / best["dense"]
        for chunk, each in signals.items()
    }


def _passage(row: Row, score: float, signals: Mapping[str, float]) -> Passage:
    chunk, source, version, media_type, kind, page, start, end, text, body, context, packed = row
    return Passage(
        chunk=chunk,
        source=source,
        version=version,
        media_type=media_type,
        kind=kind,
        page=page,
        start=start,
        end=end,
        text=text,
        body=text if body is None else body,
        context=context,
        segments=_segments(packed),
        score=score,
        signals=dict(signals),
    )


def _segments(packed: str | None) -> tuple[Segment, ...] | None:
    if packed is None:
        return None
    numbers: list[tuple[int, int, int, int]] = json.loads(packed)
    return tuple(Segment(*each) for each in numbers)
