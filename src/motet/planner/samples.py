"""From an expectation and a few measurements to a better expectation, without a jump."""

from __future__ import annotations

import math
from collections.abc import Sequence

from motet.planner.durations import Z80, Duration

UNSEEN = 0.5
"""Spread of the logarithm of a duration between runs, assumed before any was seen."""
BETWEEN_TASKS = 0.3
"""How much the logarithm of a duration differs from one kind of task to another."""
PRIOR_SCORES = 10
"""How many evaluated answers an expected quality is worth."""
_LEAST = 1e-6


def median(values: Sequence[float]) -> float:
    """Return the middle of at least one value."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which this share of the ordered values lies."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def sharpened(prior: Duration, measured: Sequence[float], *, loosen: float = 0.0) -> Duration:
    """Return what to expect after these measurements, in seconds, more than none.

    A normal prior and normal measurements on the logarithm: the prior's weight is the
    uncertainty of the measured centre over the sum of both, so it falls with every
    measurement and the faster the more they agree. The centre is the median and the spread
    the median deviation, so that outliers move only the interval's end. `loosen` widens the
    result for another kind of task.
    """
    logs = [math.log(max(each, _LEAST)) for each in measured]
    count, centre = len(logs), median(logs)
    few = count / (count - 0.8)  # the median deviation of few is too small by about this
    deviation = 1.4826 * few * median([abs(each - centre) for each in logs])
    variance = ((count - 1) * deviation**2 + 2 * UNSEEN**2) / (count + 1)
    doubt = variance * (1.57 if count > 2 else 1.0) / count
    expected = math.log(max(prior.seconds, _LEAST))
    trust = (math.log(max(prior.high, _LEAST)) - math.log(max(prior.low, _LEAST))) / (2 * Z80)
    weight = doubt / (doubt + max(trust, 0.05) ** 2)
    middle = weight * expected + (1 - weight) * centre
    reach = Z80 * math.sqrt(variance + doubt * (1 - weight))
    seen = count / (count + 10)
    logs.sort()
    below = (1 - seen) * reach + seen * max(0.0, middle - quantile(logs, 0.1))
    above = (1 - seen) * reach + seen * max(0.0, quantile(logs, 0.9) - middle)
    return Duration(
        round(math.exp(middle), 6),
        round(math.exp(middle - math.hypot(below, Z80 * loosen)), 6),
        round(math.exp(middle + math.hypot(above, Z80 * loosen)), 6),
    )


def averaged(prior: float, measured: Sequence[float]) -> float:
    """Return the mean of an amount: the expected one counts as one of few.

    Its weight is 2 to the square of the number measured, since requests to one system are
    alike: two thirds after the first, a fortieth after nine.
    """
    count = len(measured)
    weight = 2 / (2 + count**2)
    return weight * prior + (1 - weight) * math.fsum(measured) / count


def proportion(share: float, count: float) -> tuple[float, float]:
    """Return the ends of the 80% interval of a share seen in `count` trials (Wilson 1927).

    For scores between 0 and 1 that are not only 0 and 1 it is wide enough and more.
    """
    square = Z80**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    spread = math.sqrt(share * (1 - share) / count + square / (4 * count**2))
    reach = Z80 / (1 + square / count) * spread
    return max(0.0, middle - reach), min(1.0, middle + reach)
