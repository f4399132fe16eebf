"""What a choice among models aims at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from motet.core.money import PICO

Goal = Literal["balanced", "cheap", "fast", "best"]

_CHEAP_DOLLARS = 1e-4
_QUICK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Worth:
    """How many points of quality (of 1) a doubling of the price, or of the time, must bring."""

    price: float
    time: float


WORTHS: Mapping[Goal, Worth] = {
    "best": Worth(0.0005, 0.0005),
    "balanced": Worth(0.02, 0.02),
    "cheap": Worth(0.2, 0.002),
    "fast": Worth(0.002, 0.2),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The declared objective: what an answer must reach, None where nothing is demanded.

    `cost` is in dollars, `latency` in seconds to the answer's end.
    """

    quality: float | None = None
    cost: float | None = None
    latency: float | None = None


def utility(goal: Goal, quality: float, cost: float, seconds: float) -> float:
    """Return what an answer is worth; `cost` is in pico-USD.

    Doublings are counted from a hundredth of a cent and a fifth of a second: below these
    nobody cares.
    """
    worth = WORTHS[goal]
    dearer = math.log2(1 + cost / PICO / _CHEAP_DOLLARS)
    slower = math.log2(1 + seconds / _QUICK_SECONDS)
    return quality - worth.price * dearer - worth.time * slower
