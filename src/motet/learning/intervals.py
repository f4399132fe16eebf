"""95% intervals of means: Wilson for yes and no, the bootstrap for anything between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESAMPLES = 10_000
SEED = 20240501
"""Of the resampling, so that the same scores give the same interval."""
_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with the bounds between which it lies with a probability of 95%."""

    mean: float
    low: float
    high: float


def interval(scores: Sequence[float]) -> Interval:
    """Return the mean of scores from 0 to 1 and its interval. Raises ValueError on none."""
    if not scores:
        raise ValueError("no scores")
    mean = math.fsum(scores) / len(scores)
    if all(score in (0, 1) for score in scores) or len(set(scores)) == 1:
        return wilson(mean, len(scores))
    low, high = bootstrapped(scores)
    return Interval(mean, low, high)


def wilson(share: float, count: int) -> Interval:
    """Return the score interval of a share (Wilson 1927): right for few and for extremes too."""
    z = normal(0.975)
    centre = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    reach *= z / (1 + z * z / count)
    return Interval(share, max(0.0, centre - reach), min(1.0, centre + reach))


def bootstrapped(values: Sequence[float]) -> tuple[float, float]:
    """Return the 2.5% and 97.5% points of the mean over resamples (Efron 1979)."""
    import numpy as np

    low, high = np.quantile(resampled(np.asarray(values, float)), (0.025, 0.975))
    return float(low), float(high)


def resampled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the means of `RESAMPLES` samples with replacement."""
    import numpy as np

    rng = np.random.default_rng(SEED)
    size = len(values)
    rows = max(1, _AT_ONCE // size)
    means = [
        values[rng.integers(0, size, (min(rows, RESAMPLES - start), size))].mean(axis=1)
        for start in range(0, RESAMPLES, rows)
    ]
    return np.concatenate(means)


def normal(share: float) -> float:
    """Return the standard deviations below which this share of a normal distribution lies."""
    return NormalDist().inv_cdf(share)
