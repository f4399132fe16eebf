"""Which of two is better on the same questions: paired, corrected for many comparisons."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from motet.learning.intervals import SEED, Interval, bootstrapped, normal

LEVEL = 0.05
POWER = 0.8
"""The chance with which the detectable difference would be found."""
FLIPS = 20_000
EXACT = 14
"""Up to so many questions that differ, all signs are tried."""
_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better `first` is than `second`; `p` is corrected for all pairs compared.

    `detectable` is the difference that so many questions would have shown with a
    probability of 80%.
    """

    first: str
    second: str
    difference: Interval
    p: float
    detectable: float

    @property
    def significant(self) -> bool:
        """Whether so large a difference would rarely come about by chance."""
        return self.p < LEVEL


def differences(scores: Mapping[str, Sequence[float]]) -> list[Difference]:
    """Compare every pair; `scores` are of the same questions in the same order."""
    pairs = list(combinations(scores, 2))
    found = [_difference(one, other, scores, len(pairs)) for one, other in pairs]
    corrected = holm([each.p for each in found])
    return [replace(each, p=p) for each, p in zip(found, corrected, strict=True)]


def _difference(
    one: str, other: str, scores: Mapping[str, Sequence[float]], pairs: int
) -> Difference:
    apart = [a - b for a, b in zip(scores[one], scores[other], strict=True)]
    mean = math.fsum(apart) / len(apart)
    # Where none differs, still up to three of the questions may (the rule of three).
    low, high = bootstrapped(apart) if any(apart) else (-_missed(apart), _missed(apart))
    return Difference(
        one, other, Interval(mean, low, high), permuted(apart), detectable(apart, pairs)
    )


def _missed(apart: Sequence[float]) -> float:
    return min(1.0, 3 / len(apart))


def permuted(apart: Sequence[float]) -> float:
    """Return the chance of a mean difference this large if signs were arbitrary, two-sided.

    The paired permutation test (Fisher 1935): exact where few differ, else by random signs.
    """
    import numpy as np

    values = np.asarray([each for each in apart if each], float)
    if not len(values):
        return 1.0
    seen = abs(values.sum()) - 1e-9
    size = len(values)
    if size <= EXACT:
        signs = 1 - 2 * ((np.arange(2**size)[:, None] >> np.arange(size)) & 1)
        return float((np.abs(signs @ values) >= seen).mean())
    rng = np.random.default_rng(SEED)
    rows = max(1, _AT_ONCE // size)
    as_large = 0
    for start in range(0, FLIPS, rows):
        flips = rng.integers(0, 2, (min(rows, FLIPS - start), size)) * 2 - 1
        as_large += int((np.abs(flips @ values) >= seen).sum())
    return (as_large + 1) / (FLIPS + 1)


def holm(chances: Sequence[float]) -> list[float]:
    """Return p-values corrected for being several (Holm 1979)."""
    order = sorted(range(len(chances)), key=chances.__getitem__)
    corrected = [0.0] * len(chances)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(chances) - rank) * chances[place]))
        corrected[place] = highest
    return corrected


def detectable(apart: Sequence[float], pairs: int = 1) -> float:
    """Return the mean difference that would be found with a probability of 80%.

    By the spread of the differences that were seen; where none was, as many as could have
    been missed (three of the questions) count as different.
    """
    size = len(apart)
    mean = math.fsum(apart) / size
    spread = math.fsum((each - mean) ** 2 for each in apart) / max(1, size - 1)
    spread = spread if any(apart) else _missed(apart)
    reach = normal(1 - LEVEL / (2 * pairs)) + normal(POWER)
    return min(1.0, reach * math.sqrt(spread / size))
