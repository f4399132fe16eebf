"""Exact vector search over what the store holds; the matrix is a disposable copy."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from motet.core.store import Database, rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class VectorIndex:
    """The unit vectors of one scope and embedder in memory.

    It knows the sequence number it has absorbed; each search first takes in what is newer,
    reading only the versions that changed.
    """

    def __init__(self, database: Database, scope: str, embedder: str) -> None:
        self._database = database
        self._scope = scope
        self._embedder = embedder
        self._lock = threading.Lock()
        self._absorbed = -1
        self._versions: dict[int, tuple[NDArray[np.int64], NDArray[np.float32]]] = {}
        self._chunks: NDArray[np.int64] | None = None
        self._matrix: NDArray[np.float32] | None = None

    def scores(
        self, query: NDArray[np.float32], sequence: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return (ascending chunk ids of shape (n,), cosines of shape (n,)).

        `query` has shape (d,); `sequence` is the store's, told by the caller. Cosines are
        rounded to five digits: beyond that they depend on a vector's place in the matrix.
        """
        import numpy as np

        with self._lock:
            if sequence != self._absorbed:
                self._absorb(query.shape[0])
                self._absorbed = sequence
            chunks, matrix = self._chunks, self._matrix
        if chunks is None or matrix is None:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        return chunks, (matrix @ query).round(5)

    def _absorb(self, dimensions: int) -> None:
        import numpy as np

        query = """SELECT e.version_id FROM vectors e JOIN versions v ON v.id = e.version_id
                   JOIN sources s ON s.id = v.source_id
                   WHERE s.scope = ? AND e.embedder = ? AND s.kind <> 'memory'
                   ORDER BY e.version_id"""
        with self._database.read() as db, db:
            current = [r[0] for r in rows(db, query, (self._scope, self._embedder))]
            kept = {i: self._versions[i] for i in current if i in self._versions}
            for version_id in current:
                if version_id in kept:
                    continue
                ((chunks, packed),) = rows(
                    db, "SELECT chunks, data FROM vectors WHERE version_id = ?", (version_id,)
                )
                data = np.frombuffer(packed, np.float16).reshape(-1, dimensions)
                kept[version_id] = (np.frombuffer(chunks, np.int64), data.astype(np.float32))
        self._versions = {i: kept[i] for i in current}
        parts = list(self._versions.values())
        self._chunks = np.concatenate([p[0] for p in parts]) if parts else None
        self._matrix = np.concatenate([p[1] for p in parts]) if parts else None
        if self._matrix is not None and len(parts) > 1:
            self._slice_again()

    def _slice_again(self) -> None:
        """Let the parts be views of the matrix, so that vectors are held once."""
        assert self._matrix is not None
        first = 0
        for version_id, (chunks, data) in self._versions.items():
            self._versions[version_id] = (chunks, self._matrix[first : first + len(data)])
            first += len(data)
