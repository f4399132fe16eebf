"""Chain: from scores of tags to the best sequence of them, and how probable its names are.

A linear-chain conditional random field (Lafferty et al. 2001).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.models.experts.ner.tags import goes_on

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Chain:
    """Scores of a tag after another, (tag before, tag), and of a tag first, (tags)."""

    transitions: NDArray[np.float32]
    first: NDArray[np.float32]

    def best(self, scores: NDArray[np.float32]) -> list[int]:
        """Return the best sequence of tags (Viterbi 1967) for scores (units, tags)."""
        import numpy as np

        if not len(scores):
            return []
        total = self.first + scores[0]
        origins = np.empty(scores.shape, np.int8)
        for place in range(1, len(scores)):
            paths = total[:, None] + self.transitions
            origins[place] = paths.argmax(axis=0)
            total = paths.max(axis=0) + scores[place]
        tags = [int(total.argmax())]
        for place in range(len(scores) - 1, 0, -1):
            tags.append(int(origins[place, tags[-1]]))
        return tags[::-1]

    def odds(
        self, scores: NDArray[np.float32], tags: Sequence[int], spans: Sequence[tuple[int, int]]
    ) -> list[float]:
        """Return for spans of units the log-odds that there is such a name with these ends.

        All other units may have any tags (forward and backward sums).
        """
        import numpy as np

        links = np.exp(self.transitions.astype(np.float64))
        weights = np.exp((scores - scores.max(axis=1, keepdims=True)).astype(np.float64))
        forward, sums = self._forward(weights, links)
        follow = _backward(weights, links, sums)
        found = []
        for begin, end in spans:
            chance = float(forward[begin, tags[begin]])
            for place in range(begin + 1, end):
                step = links[tags[place - 1], tags[place]] * weights[place, tags[place]]
                chance *= float(step / sums[place])
            if end < len(tags):
                after = links[tags[end - 1]] * weights[end] * follow[end] / sums[end]
                chance *= float(after.sum() - after[goes_on(tags[end - 1])])
            chance = min(1 - _LEAST, max(_LEAST, chance))
            found.append(math.log(chance / (1 - chance)))
        return found

    def _forward(
        self, weights: NDArray[np.float64], links: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the chances of tags given all units up to theirs, and what they were of."""
        import numpy as np

        chances, sums = np.empty_like(weights), np.empty(len(weights))
        here = np.exp(self.first.astype(np.float64)) * weights[0]
        for place in range(len(weights)):
            if place:
                here = (here @ links) * weights[place]
            sums[place] = here.sum()
            here = chances[place] = here / sums[place]
        return chances, sums


def _backward(
    weights: NDArray[np.float64], links: NDArray[np.float64], sums: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how much likelier the units after theirs are, given a tag, than without it."""
    import numpy as np

    follow = np.ones_like(weights)
    for place in range(len(weights) - 2, -1, -1):
        follow[place] = links @ (weights[place + 1] * follow[place + 1]) / sums[place + 1]
    return follow
