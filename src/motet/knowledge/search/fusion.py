"""Joining signals: each is divided by its best value, then they are weighed and summed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

WEIGHTS: Mapping[str, float] = {"lexical": 0.5, "dense": 0.5, "graph": 3.5}
"""What each signal counts for; of those that found something, the sum is made 1.

The graph's is by bench/knowledge/multihop.py: it finds what the others do not, and begins at
what they find.
"""


@dataclass(frozen=True, slots=True)
class Fused:
    """Chunks (n,) in no order, their scores (n,), and what each signal says: NaN is nothing."""

    chunks: NDArray[np.int64]
    scores: NDArray[np.float64]
    signals: Mapping[str, NDArray[np.float64]]
    shares: Mapping[str, NDArray[np.float64]]

    def told(self, place: int) -> dict[str, float]:
        """Return what each signal that found a chunk says of it."""
        found = {name: float(values[place]) for name, values in self.signals.items()}
        return {name: value for name, value in found.items() if value == value}

    def best(self, k: int) -> NDArray[np.int64]:
        """Return the places of the k best, and of those that are as good as the last of them."""
        import numpy as np

        if len(self.scores) <= k:
            return np.arange(len(self.scores))
        return np.flatnonzero(self.scores >= np.partition(self.scores, -k)[-k])


def fuse(signals: Mapping[str, tuple[NDArray[np.int64], NDArray[Any]]]) -> Fused:
    """Return the fused scores of all chunks; with one signal they are that signal."""
    import numpy as np

    chunks = np.unique(np.concatenate([ids for ids, _ in signals.values()]))
    tops = {name: float(found.max()) for name, (ids, found) in signals.items() if len(ids)}
    told = [name for name, top in tops.items() if top > 0]
    whole = sum(WEIGHTS[name] for name in told)
    values, shares, scores = {}, {}, np.zeros(len(chunks))
    for name, (ids, found) in signals.items():
        values[name] = np.full(len(chunks), np.nan)
        at = np.searchsorted(chunks, ids)
        values[name][at] = found
        if len(told) > 1 and name in told:
            shares[name] = np.zeros(len(chunks))
            shares[name][at] = np.maximum(found, 0.0) * (WEIGHTS[name] / whole / tops[name])
            scores += shares[name]
    if len(told) < 2:  # scores keep the measure of the one signal that there is
        scores = np.fmax.reduce([*values.values()])
        shares = dict(values)
    return Fused(chunks, scores, values, shares)
