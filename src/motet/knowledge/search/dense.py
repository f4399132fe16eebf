"""The dense signal: cosines, from the index and what is newer, or from all vectors."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.store.sessions import Session
from motet.knowledge.indexes.damage import Damaged
from motet.knowledge.indexes.feed import VERSIONS, changes
from motet.knowledge.search.matrix import Matrix
from motet.knowledge.search.restriction import Restriction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.knowledge.indexes import Indexes
    from motet.knowledge.indexes.vectors import VectorIndex
    from motet.knowledge.store import Store

    Found = tuple[NDArray[np.int64], NDArray[np.float32]]
    """Ids of chunks and their cosines, each of shape (n,)."""

SPARE = 25
"""Rows that the index is asked for beyond the limit, for its codes are not exact."""


class Dense:
    """Cosines of one scope and embedder. Safe to use from several threads."""

    def __init__(self, store: Store, indexes: Indexes | None, embedder: str) -> None:
        self._store = store
        self._indexes = indexes
        self._embedder = embedder
        self._lock = threading.Lock()
        self._view = _View(None, None, -1, Matrix())
        self._kept: tuple[_View, Restriction, NDArray[np.bool_]] | None = None

    def late(self) -> int:
        """Return how many vectors the index had not absorbed at the last search."""
        return len(self._view.late) if self._view.index is not None else 0

    def best(
        self,
        session: Session,
        sequence: int,
        query: NDArray[np.float32],
        limit: int,
        restriction: Restriction,
        others: NDArray[np.int64],
    ) -> Found:
        """Return the `limit` nearest chunks of those allowed, and `others` that have a vector.

        Cosines are rounded to five digits: beyond that they depend on a vector's place.
        """
        import numpy as np

        with self._lock:
            self._renew(session, sequence)
            view = self._view
            late, owners, cosines = view.late.cosines(query)
        kept = restriction.mask(late, owners)
        if view.index is not None:
            try:
                chunks, near, asked = self._indexed(
                    view, view.index, query, limit, restriction, others
                )
            except Damaged as damage:
                self._give_up(damage)
                return self.best(session, sequence, query, limit, restriction, others)
            if not len(late):
                return _nearest(chunks, near.round(5), limit, asked)
            if kept is not None:
                late, cosines = late[kept], cosines[kept]
            late, cosines = np.concatenate([chunks, late]), np.concatenate([near, cosines])
            kept = None
        cosines = cosines.round(5)
        asked = np.isin(late, others)
        if kept is not None:
            late, cosines, asked = late[kept], cosines[kept], asked[kept]
        return _nearest(late, cosines, limit, asked)

    def _indexed(
        self,
        view: _View,
        index: VectorIndex,
        query: NDArray[np.float32],
        limit: int,
        restriction: Restriction,
        others: NDArray[np.int64],
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.bool_]]:
        """Return chunks, their cosines and which of them are of `others`."""
        import numpy as np

        near = index.nearest(query, limit + SPARE, self._rows(view, index, restriction))
        known = index.rows(others)
        known = known[known >= 0]
        if view.live is not None:
            known = known[view.live[known]]
        there = {*known.tolist()}  # quicker than numpy for so few
        new = [row for row in near.tolist() if row not in there]
        rows = np.concatenate([known, np.array(new, np.int64)])
        asked = np.zeros(len(rows), bool)
        asked[: len(known)] = True
        return index.chunks[rows], index.cosines(query, rows), asked

    def _rows(
        self, view: _View, index: VectorIndex, restriction: Restriction
    ) -> NDArray[np.bool_] | None:
        """Return which rows of the index may be found; None where all may."""
        if restriction.is_none:
            return view.live
        kept = self._kept
        if kept is not None and kept[0] is view and kept[1] is restriction:
            return kept[2]
        mask = restriction.mask(index.chunks, index.versions)
        assert mask is not None
        if view.live is not None:
            mask = mask & view.live
        self._kept = view, restriction, mask
        return mask

    def _give_up(self, damage: Damaged) -> None:
        assert self._indexes is not None
        self._indexes.give_up_vectors(damage)
        with self._lock:
            self._view = _View(None, None, -1, Matrix())

    def _renew(self, session: Session, sequence: int) -> None:
        old = self._view
        if sequence <= old.sequence:
            return
        index = self._indexes.vectors(self._embedder) if self._indexes is not None else None
        if index is not None and index.sequence > sequence:
            index = None
        follows = old.sequence >= 0 and old.index is index
        late = old.late if follows else Matrix()
        since = old.sequence if follows else (0 if index is None else index.sequence)
        found = changes(session, self._store.scope, since)
        late.remove(found.gone)
        for first in range(0, len(found.come), VERSIONS):
            some = found.come[first : first + VERSIONS]
            late.add(self._store.dialect.vectors(session, self._embedder, some))
        live = None
        if index is not None:
            live = _alive(index, old.live if follows else index.live, found.gone)
        self._view = _View(index, live, sequence, late)


def _nearest(
    chunks: NDArray[np.int64],
    cosines: NDArray[np.float32],
    limit: int,
    asked: NDArray[np.bool_],
) -> Found:
    """Keep the nearest, those as near as the last of them, and those that are asked for."""
    import numpy as np

    if len(chunks) <= limit:
        return chunks, cosines
    kept = (cosines >= np.partition(cosines, -limit)[-limit]) | asked
    return chunks[kept], cosines[kept]


def _alive(
    index: VectorIndex, live: NDArray[np.bool_] | None, gone: tuple[int, ...]
) -> NDArray[np.bool_] | None:
    """Return which rows of the index are left once versions went; None where all are."""
    import numpy as np

    dead = np.isin(index.versions, np.array(gone, np.int64)) if gone else None
    if dead is None or not dead.any():
        return live
    return ~dead if live is None else live & ~dead


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """The index, its rows that are left (None: all), and what came since, up to `sequence`."""

    index: VectorIndex | None
    live: NDArray[np.bool_] | None
    sequence: int
    late: Matrix
