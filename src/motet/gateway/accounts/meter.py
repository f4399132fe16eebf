"""What this process may give out of one account's limits without asking the store."""

from __future__ import annotations

from dataclasses import dataclass

from motet.core.clock import tick
from motet.gateway.accounts.leases import Short
from motet.gateway.accounts.limits import Limits


@dataclass(slots=True, eq=False)
class Meter:
    """Leases of one account: `left` pico-dollars; `requests` and `tokens` of one `minute`.

    Not safe for threads: whoever uses one holds the lock of its accounts.
    """

    account: str
    limits: Limits
    left: int = 0
    requests: int = 0
    tokens: int = 0
    minute: int = 0
    used: float = 0.0
    """When it was last asked, in ticks."""
    leased: float = 0.0
    """When money was last leased, in ticks."""
    size: int = 0
    """How much money to lease at a time."""
    scarce: float = 0.0
    """Up to when others want some of it too, in ticks: no more is leased than is needed."""
    short: Short | None = None
    """What the store had too little of, when it was asked last; up to `short_until`, in ticks."""
    short_until: float = 0.0

    def turn(self, minute: int) -> None:
        """Begin a minute of the clock, unless it has begun."""
        if self.minute != minute:
            self.minute, self.requests, self.tokens = minute, 0, 0

    def has(self, bound: int, tokens: int, minute: int) -> bool:
        """Whether a call fits in."""
        limits = self.limits
        if limits.budget is not None and self.left < bound:
            return False
        if limits.requests is None and limits.tokens is None:
            return True
        self.turn(minute)
        return (limits.requests is None or self.requests > 0) and (
            limits.tokens is None or self.tokens >= tokens
        )

    def lacks(self, bound: int, tokens: int) -> Short | None:
        """Return what there is too little of for a call that does not fit, if that is known."""
        short = self.short
        if short is None or tick() >= self.short_until:
            return None
        needed = {"budget": bound - self.left, "requests": 1, "tokens": tokens - self.tokens}
        return short if needed[short.what] > short.free else None

    def take(self, bound: int, tokens: int) -> int:
        """Take a call out of it; return what it holds of the lease."""
        self.used = tick()
        limits = self.limits
        if limits.requests is not None:
            self.requests -= 1
        if limits.tokens is not None:
            self.tokens -= tokens
        if limits.budget is None:
            return 0
        self.left -= bound
        return bound

    def give_back(self, held: int, tokens: int, minute: int) -> None:
        """Take back what a call did not use."""
        self.left += held
        if self.minute == minute and self.limits.tokens is not None:
            self.tokens += tokens


def budgeted(meter: Meter | None) -> bool:
    """Whether there is a hard budget."""
    return meter is not None and meter.limits.budget is not None
