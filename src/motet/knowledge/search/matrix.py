"""Vectors in memory, all of which are compared with the query: exact, and enough for a while."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST = 256
"""Rows that are made room for at first."""


class Matrix:
    """The vectors of versions as rows of one array that grows in place.

    `chunks` and `versions`, of shape (n,), say whose each row is, in no order; rows of versions
    that went stay until half of the rows are dead.
    """

    def __init__(self) -> None:
        import numpy as np

        self._size = 0
        self._dead = 0
        self._chunks = np.empty(0, np.int64)
        self._versions = np.empty(0, np.int64)
        self._live = np.empty(0, bool)
        self._data: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return self._size - self._dead

    def add(self, parts: Iterable[tuple[int, NDArray[np.int64], NDArray[np.float16]]]) -> None:
        """Add vectors as (version, chunk ids of shape (n,), vectors of shape (n, d))."""
        for version, chunks, data in parts:
            first, self._size = self._size, self._size + len(chunks)
            self._make_room(data.shape[1])
            assert self._data is not None
            self._chunks[first : self._size] = chunks
            self._versions[first : self._size] = version
            self._live[first : self._size] = True
            self._data[first : self._size] = data

    def remove(self, versions: Sequence[int]) -> None:
        """Remove the vectors of versions."""
        import numpy as np

        if not versions or self._data is None:
            return
        size = self._size
        self._live[:size] &= ~np.isin(self._versions[:size], np.array(versions, np.int64))
        self._dead = size - int(np.count_nonzero(self._live[:size]))
        if self._dead > FEWEST and 2 * self._dead > size:
            kept = np.flatnonzero(self._live[:size])
            self._chunks, self._versions = self._chunks[kept], self._versions[kept]
            self._live, self._data = self._live[kept], self._data[kept]
            self._size, self._dead = len(kept), 0

    def cosines(
        self, query: NDArray[np.float32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Return the chunk ids, versions and cosines with the query, each of shape (n,)."""
        import numpy as np

        size = self._size
        if self._data is None:
            return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
        cosines = self._data[:size] @ query
        chunks, versions, live = self._chunks[:size], self._versions[:size], self._live[:size]
        if self._dead:
            return chunks[live], versions[live], cosines[live]
        return chunks, versions, cosines

    def _make_room(self, dimensions: int) -> None:
        import numpy as np

        room = len(self._chunks)
        if self._data is None:
            self._data = np.empty((room, dimensions), np.float32)
        if self._size <= room:
            return
        room = max(FEWEST, self._size + self._size // 2)
        self._chunks = _grown(self._chunks, room)
        self._versions = _grown(self._versions, room)
        self._live = _grown(self._live, room)
        self._data = _grown(self._data, room)


def _grown(array: Any, room: int) -> Any:  # noqa: ANN401 - of any type and shape
    import numpy as np

    made = np.empty((room, *array.shape[1:]), array.dtype)
    made[: len(array)] = array
    return made
