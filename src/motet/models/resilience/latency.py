"""How long answers take: a moving mean and the quantiles of the last ones."""

from __future__ import annotations

import math
from collections import deque

_LAST = 64
_WEIGHT = 0.1
_MANY = 1 / _WEIGHT
ENOUGH = 8
"""Measurements from which on a quantile means something."""


class Latency:
    """Durations in seconds, in constant memory."""

    __slots__ = ("_last", "count", "mean")

    def __init__(self) -> None:
        self.count = 0
        self.mean: float | None = None
        self._last: deque[float] = deque(maxlen=_LAST)

    def add(self, seconds: float) -> None:
        """Add a measurement; the mean forgets old ones exponentially, the quantiles after 64."""
        self.count += 1
        if self.mean is None:
            self.mean = seconds
        else:
            # Until there are enough, the plain mean: the first one would weigh too much.
            weight = _WEIGHT if self.count >= _MANY else 1 / self.count
            self.mean += weight * (seconds - self.mean)
        self._last.append(seconds)

    def quantile(self, share: float) -> float | None:
        """Return the nearest-rank quantile of the last ones, None where they are too few."""
        if len(self._last) < ENOUGH:
            return None
        ordered = sorted(self._last)
        return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]
