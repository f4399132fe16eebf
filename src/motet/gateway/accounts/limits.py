"""What an account may use."""

from __future__ import annotations

from dataclasses import dataclass

from motet.core.json import JSON
from motet.core.money import dollars
from motet.gateway.ledger.periods import Period


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a key or a team; None: no limit.

    `budget` is in pico-dollars and counts anew each `period`; `requests` and `tokens` are for
    each minute of the clock.
    """

    budget: int | None = None
    period: Period = "total"
    requests: int | None = None
    tokens: int | None = None

    def __bool__(self) -> bool:
        return self.budget is not None or self.requests is not None or self.tokens is not None

    def to_json(self) -> dict[str, JSON]:
        """Return the documented members."""
        return {
            "budget_usd": None if self.budget is None else dollars(self.budget),
            "period": self.period,
            "requests_per_minute": self.requests,
            "tokens_per_minute": self.tokens,
        }
