"""Nearest vectors of one scope and embedder: an inverted file (faiss) over unit vectors.

Coarse cells by k-means and 8-bit codes (IVF, SQ8) say which vectors are near; their cosines
are then computed from the float16 vectors as the store holds them, so that scores are those
of exact search. See docs/design/search.md for what was measured against it.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motet.knowledge.indexes.damage import watched
from motet.knowledge.indexes.generation import Generation, Rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PROBES = 32
"""Cells that are looked into where nothing is filtered away."""
FEW = 512
"""Rows up to which all are compared."""
SAMPLES = 40
"""Vectors of each cell that k-means learns from."""


class VectorIndex:
    """What one state of the folder holds; `sequence` is the change that it absorbed last.

    `chunks` and `versions`, of shape (n,), say whose vector each row is; `live` (n,) which
    rows still count, None where all do. Raises `Damaged`.
    """

    def __init__(self, folder: Path, state: Generation) -> None:
        import faiss
        import numpy as np

        with watched(folder):
            rows = Rows(folder, state)
            self._cells = read_cells(state.cells(folder), rows.data)
        self.chunks, self.versions, self.live = rows.chunks, rows.versions, rows.live
        self._data = np.asarray(rows.data)
        self._decoder: Any = faiss.ScalarQuantizer(state.dimensions, faiss.ScalarQuantizer.QT_fp16)
        self.sequence = state.sequence
        self.embedder = state.embedder
        steps = np.diff(self.chunks)
        self._gapless = bool((steps == 1).all())
        self._sorter = None if bool((steps > 0).all()) else self.chunks.argsort()

    def nearest(
        self, query: NDArray[np.float32], limit: int, keep: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        """Return about `limit` rows that are nearest, of those that `keep` (n,) says."""
        import faiss
        import numpy as np

        faiss.omp_set_num_threads(1)
        if keep is None:
            return self._probed(query, limit, len(self.chunks), {})
        left = int(np.count_nonzero(keep))
        if left <= max(FEW, limit):
            return keep.nonzero()[0]
        bits: Any = np.packbits(keep, bitorder="little")
        bitmap: Any = faiss.IDSelectorBitmap
        return self._probed(query, limit, left, {"sel": bitmap(bits)})

    def _probed(
        self, query: NDArray[np.float32], limit: int, left: int, chosen: dict[str, object]
    ) -> NDArray[np.int64]:
        """Look into ever more cells, until there is enough of the rows that are left."""
        import faiss

        made: Any = faiss.SearchParametersIVF
        probes = self._probes(left / len(self.chunks))
        while True:
            _, found = self._cells.search(query[None], limit, params=made(nprobe=probes, **chosen))
            rows: NDArray[np.int64] = found[0][found[0] >= 0]
            if len(rows) >= min(limit, left) or probes == self._cells.nlist:
                return rows
            probes = min(4 * probes, int(self._cells.nlist))

    def _probes(self, share: float) -> int:
        """Return the cells to look into where so many rows are left: the rarer, the more."""
        return min(int(self._cells.nlist), round(PROBES / math.sqrt(share)))

    def rows(self, chunks: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the row of each chunk, -1 where it has none."""
        import numpy as np

        if self._gapless:
            rows = chunks - self.chunks[0]
            return np.where((rows >= 0) & (rows < len(self.chunks)), rows, -1)
        places = np.searchsorted(self.chunks, chunks, sorter=self._sorter)
        places = places.clip(max=len(self.chunks) - 1)
        if self._sorter is not None:
            places = self._sorter[places]
        return np.where(self.chunks[places] == chunks, places, -1)

    def cosines(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the cosine of each row with the query."""
        import numpy as np

        # Decodes float16 ten times as fast as numpy, with the threads that `nearest` set.
        found: NDArray[np.float32] = self._decoder.decode(
            self._data.take(rows, axis=0).view(np.uint8)
        )
        return found @ query


def read_cells(path: Path, data: NDArray[np.float16]) -> Any:  # noqa: ANN401 - faiss has no types
    """Return the faiss index of a file, with the rows added that came after it was written."""
    import faiss

    cells = faiss.read_index(str(path))
    add(cells, data[cells.ntotal :])
    return cells


def learn_cells(data: NDArray[np.float16]) -> Any:  # noqa: ANN401 - faiss has no types
    """Return a faiss index of all rows of an array of shape (n, d). Deterministic."""
    import faiss
    import numpy as np

    count, dimensions = data.shape
    most = int(math.log2(max(count / SAMPLES, 1)))
    cells = 1 << min(round(math.log2(4 * math.sqrt(count))), most)
    made = faiss.index_factory(dimensions, f"IVF{cells},SQ8", faiss.METRIC_INNER_PRODUCT)
    sample = np.random.default_rng(0).permutation(count)[: SAMPLES * cells]
    made.train(data[np.sort(sample)].astype(np.float32))
    add(made, data)
    return made


def add(cells: Any, data: NDArray[np.float16]) -> None:  # noqa: ANN401 - faiss has no types
    """Add rows, a few at a time: each is made float32 on the way."""
    import numpy as np

    for first in range(0, len(data), 10_000):
        cells.add(data[first : first + 10_000].astype(np.float32))
