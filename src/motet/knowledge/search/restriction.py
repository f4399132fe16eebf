"""Which chunks a search may return, as tables looked up by id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Restriction:
    """What may be returned: of `versions` and of `chunks`, tables of bool by id; None is all.

    `share` says about how much of everything that is; `few` names the versions where they are
    few. Ids beyond a table's end came after it was made and are left out.
    """

    versions: NDArray[np.bool_] | None = None
    chunks: NDArray[np.bool_] | None = None
    share: float = 1.0
    few: tuple[int, ...] | None = None

    @property
    def is_none(self) -> bool:
        """Whether everything may be returned."""
        return self.versions is None and self.chunks is None

    def mask(
        self, chunks: NDArray[np.int64], versions: NDArray[np.int64]
    ) -> NDArray[np.bool_] | None:
        """Return which of some chunks (n,), of these versions (n,), remain; None where all do."""
        if self.is_none:
            return None
        if self.chunks is None:
            assert self.versions is not None
            return looked_up(self.versions, versions)
        kept = looked_up(self.chunks, chunks)
        return kept if self.versions is None else kept & looked_up(self.versions, versions)


def looked_up(table: NDArray[np.bool_], ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return what a table says of ids; False beyond its end."""
    import numpy as np

    found: NDArray[np.bool_] = table[np.minimum(ids, len(table) - 1)]
    return found & (ids < len(table))


def table(ids: NDArray[np.int64], size: int) -> NDArray[np.bool_]:
    """Return a table of `size` that is True of some ids."""
    import numpy as np

    made = np.zeros(max(size, 1), bool)
    made[ids[ids < size]] = True
    return made
