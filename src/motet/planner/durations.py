"""How long steps take together: one after the other, side by side, the longest of several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

Z80 = 1.2815515655446004
"""Standard deviations from the median within which 80% of a normal distribution lie."""
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Duration:
    """Seconds: the median, with `low` to `high` holding 80%.

    Read as a log-normal distribution with a width of its own on either side of the median.
    """

    seconds: float
    low: float
    high: float

    def below(self, seconds: float) -> float:
        """Return the probability of taking no longer than this."""
        if seconds <= 0:
            return 0.0
        offset = math.log(seconds) - math.log(max(self.seconds, _LEAST))
        end = self.low if offset < 0 else self.high
        width = abs(math.log(max(end, _LEAST)) - math.log(max(self.seconds, _LEAST))) / Z80
        if width < 1e-9:
            return 0.5 if offset == 0 else float(offset > 0)
        return 0.5 * (1 + math.erf(offset / width / math.sqrt(2)))


NOTHING = Duration(0.0, 0.0, 0.0)


def in_turn(steps: Sequence[Duration]) -> Duration:
    """Return the duration of steps one after the other.

    Medians add. Steps err independently, so the distances to the ends of their intervals
    add as squares: not every step is slow in the same run.
    """
    seconds = sum(each.seconds for each in steps)
    below = math.sqrt(sum((each.seconds - each.low) ** 2 for each in steps))
    above = math.sqrt(sum((each.high - each.seconds) ** 2 for each in steps))
    return Duration(seconds, max(0.0, seconds - below), seconds + above)


def at_once(branches: Sequence[Duration]) -> Duration:
    """Return the duration of independent branches that start together and are all awaited."""
    waited = tuple(each for each in branches if each.high > 0)
    if not waited:
        return NOTHING
    return waited[0] if len(waited) == 1 else _last(waited, 1)


def longest_of(count: int, step: Duration) -> Duration:
    """Return the duration of the same step taken `count` times at once."""
    return step if count == 1 or step.high <= 0 else _last((step,), count)


@lru_cache(maxsize=4096)
def _last(branches: tuple[Duration, ...], count: int) -> Duration:
    """Return the duration of all branches, each taken `count` times."""
    return Duration(*(_quantile(branches, share ** (1 / count)) for share in (0.5, 0.1, 0.9)))


def _quantile(branches: Sequence[Duration], share: float) -> float:
    """Find the time by which all branches are through with this probability, by bisection."""
    low, high = 0.0, max(each.high for each in branches) * 8
    for _ in range(32):
        middle = (low + high) / 2
        through = math.prod(each.below(middle) for each in branches)
        low, high = (middle, high) if through < share else (low, middle)
    return high
