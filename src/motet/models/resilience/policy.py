"""How hard to try."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Policy:
    """How often, how long and how broadly to try before giving up; times are in seconds.

    retries: further tries of each candidate, where asking again can help.
    longest_wait: the longest single wait before a try, whatever `Retry-After` says; where
        every candidate asks for more, the request fails with what they said.
    patience: a candidate that must be waited for longer than this comes after the others.
    first_delay, longest_delay: exponential backoff with full jitter grows from the one to
        the other (source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    hedge: the seconds without a first event after which a second attempt starts beside the
        first; "p95" takes what was learned; None never. It costs money twice.
    hedge_elsewhere: whether the second attempt goes to the next candidate, so that another
        model may answer; else to the same.
    deadline: all tries together, up to the first event of the answer.
    """

    retries: int = 2
    longest_wait: float = 30.0
    patience: float = 1.0
    first_delay: float = 0.25
    longest_delay: float = 8.0
    hedge: float | Literal["p95"] | None = None
    hedge_elsewhere: bool = False
    deadline: float | None = None
    jitter: Callable[[], float] = random.random

    def backoff(self, failures: int) -> float:
        """Return the wait after so many failures of one candidate (1 or more)."""
        longest = min(self.first_delay * 2.0 ** min(failures - 1, 16), self.longest_delay)
        return longest * self.jitter()
