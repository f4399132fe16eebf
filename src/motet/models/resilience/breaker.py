"""A circuit breaker: after failures a provider is left alone for a while, then tried once."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

State = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """When a breaker opens, and for how many seconds.

    It opens after `failures` in a row, or when in the last `window` seconds at least `calls`
    ended and the share `rate` of them failed. Each time it opens again without a success
    between, it stays open `growth` times as long, at most `longest`.
    """

    failures: int = 5
    calls: int = 20
    rate: float = 0.5
    window: float = 30.0
    cool_down: float = 5.0
    growth: float = 2.0
    longest: float = 120.0


class Breaker:
    """The breaker of one provider. Times are seconds on any clock that never jumps back."""

    __slots__ = ("_cool_down", "_probing", "_recent", "_row", "_rules", "_until")

    def __init__(self, rules: BreakerRules) -> None:
        self._rules = rules
        self._row = 0
        self._until: float | None = None
        self._probing = False
        self._cool_down = rules.cool_down
        # One entry a second: the second, successes, failures.
        self._recent: deque[list[int]] = deque()

    def state(self, now: float) -> State:
        """Return the state."""
        if self._until is None:
            return "closed"
        return "open" if now < self._until else "half-open"

    def allows(self, now: float) -> bool:
        """Whether a call may begin: always when closed, one at a time when half-open."""
        return self._until is None or (now >= self._until and not self._probing)

    def remaining(self, now: float) -> float:
        """Return the seconds for which no call may begin."""
        return max(self._until - now, 0.0) if self._until is not None else 0.0

    def begin(self, now: float) -> None:
        """Note that a call begins; the first one of a half-open breaker is its probe."""
        if self._until is not None and now >= self._until:
            self._probing = True

    def answered(self) -> None:
        """Note that an answer has begun: a probe that gets so far closes the breaker.

        It stays on probation: the next failure opens it again, until an answer is whole.
        """
        if self._until is not None:
            self._until = None
            self._row = self._rules.failures - 1
            self._recent.clear()
        self._probing = False

    def abandon(self) -> None:
        """Note that a call ended without saying anything about the provider."""
        self._probing = False

    def succeed(self, now: float) -> None:
        """Note a whole answer."""
        self.answered()
        self._row = 0
        self._cool_down = self._rules.cool_down
        self._bucket(now)[1] += 1

    def fail(self, now: float) -> bool:
        """Note a failure; return whether the breaker opened by it."""
        if self._until is not None and not self._probing:
            return False  # a call that began before the breaker opened
        self._row += 1
        self._bucket(now)[2] += 1
        if not (self._probing or self._row >= self._rules.failures or self._rate_is_bad()):
            return False
        self._probing = False
        self._until = now + self._cool_down
        self._cool_down = min(self._cool_down * self._rules.growth, self._rules.longest)
        return True

    def _bucket(self, now: float) -> list[int]:
        second = int(now)
        if self._recent and self._recent[-1][0] == second:
            return self._recent[-1]
        while self._recent and self._recent[0][0] <= second - self._rules.window:
            self._recent.popleft()
        self._recent.append([second, 0, 0])
        return self._recent[-1]

    def _rate_is_bad(self) -> bool:
        failed = sum(bucket[2] for bucket in self._recent)
        ended = failed + sum(bucket[1] for bucket in self._recent)
        return ended >= self._rules.calls and failed >= self._rules.rate * ended
