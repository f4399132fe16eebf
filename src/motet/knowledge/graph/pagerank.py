"""Personalised PageRank over chunks and the entities they name.

The walk is that of Page, Brin, Motwani and Winograd, "The PageRank Citation Ranking" (1998),
section 6, on a bipartite graph as in HippoRAG (Gutiérrez et al., 2024), without a model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESTART = 0.2
"""Probability of beginning anew at each step from chunk to chunk."""
ROUNDS = 12
"""Steps after which what is left to spread is below 7%."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Weighted edges from nodes of one kind to nodes of another, by their positions."""

    sources: NDArray[np.int64]
    targets: NDArray[np.int64]
    weights: NDArray[np.float64]
    shape: tuple[int, int]

    @classmethod
    def of(cls, weights: Mapping[tuple[int, int], float], shape: tuple[int, int]) -> Edges:
        """Return edges whose weights sum to 1 at each source that has any."""
        import numpy as np

        ends = np.array(sorted(weights), np.int64).reshape(-1, 2)
        given = np.array([weights[a, b] for a, b in ends.tolist()], np.float64)
        totals = np.bincount(ends[:, 0], given, shape[0])
        shares = given / totals[ends[:, 0]]
        return cls(ends[:, 0], ends[:, 1], shares, shape)

    def spread(self, mass: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where mass at the sources goes."""
        import numpy as np

        moved = mass[self.sources] * self.weights
        return np.bincount(self.targets, moved, self.shape[1]).astype(np.float64, copy=False)


def walk(
    restart: NDArray[np.float64], steps: Sequence[Edges], *, rounds: int = ROUNDS
) -> NDArray[np.float64]:
    """Return how often a walker is at each node who begins anew at `restart` now and then.

    `restart` sums to 1; `steps` lead from its nodes and back to them. Deterministic.
    """
    found = restart.copy()
    for _ in range(rounds):
        moved = found
        for edges in steps:
            moved = edges.spread(moved)
        found = RESTART * restart + (1 - RESTART) * moved
    return found
