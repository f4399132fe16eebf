"""What a run may spend: reserved before, settled after."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from motet.core.errors import BudgetSpent
from motet.core.json import JSON


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one run: USD, tokens, wall seconds, calls of operators. None: no limit."""

    cost: float | None = None
    tokens: int | None = None
    seconds: float | None = None
    calls: int | None = None

    def to_json(self) -> dict[str, JSON]:
        """Return the limits there are."""
        found = {name: getattr(self, name) for name in ("cost", "tokens", "seconds", "calls")}
        return {name: value for name, value in found.items() if value is not None}

    @staticmethod
    def from_json(value: Mapping[str, float]) -> Budget:
        """Return what `to_json` wrote."""
        tokens, calls = value.get("tokens"), value.get("calls")
        return Budget(
            cost=value.get("cost"),
            tokens=None if tokens is None else int(tokens),
            seconds=value.get("seconds"),
            calls=None if calls is None else int(calls),
        )


@dataclass(slots=True)
class Amount:
    """Money in USD, tokens, and calls."""

    cost: float = 0.0
    tokens: int = 0
    calls: int = 0


class Purse:
    """One run's money, tokens and calls: what is spent and what is reserved.

    A call reserves the most it may take; what it really took is settled when it ends, however
    it ends, and the rest returns. Who does not fit waits while others hold reservations
    that may return, and fails when nobody does.
    """

    def __init__(self, budget: Budget, spent: Amount | None = None) -> None:
        self.budget = budget
        self.spent = spent or Amount()
        self.reserved = Amount()
        self._returned: list[asyncio.Future[None]] = []

    async def reserve(self, amount: Amount, where: str) -> None:
        """Set an amount aside. Raises `BudgetSpent`."""
        while (short := self._short(amount)) is not None:
            if self.reserved.calls == 0:
                raise BudgetSpent(short, where=where, hint="raise the budget to go on")
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._returned.append(turn)
            await turn
        self.reserved.cost += amount.cost
        self.reserved.tokens += amount.tokens
        self.reserved.calls += amount.calls

    def settle(self, reserved: Amount, used: Amount) -> None:
        """Give a reservation back and book what was used."""
        self.reserved.cost -= reserved.cost
        self.reserved.tokens -= reserved.tokens
        self.reserved.calls -= reserved.calls
        if self.reserved.calls == 0:
            self.reserved.cost = 0.0  # what adding and taking away fractions left
        self.spent.cost += used.cost
        self.spent.tokens += used.tokens
        self.spent.calls += used.calls
        waiting, self._returned = self._returned, []
        for turn in waiting:
            if not turn.done():
                turn.set_result(None)

    def _short(self, amount: Amount) -> str | None:
        limits = self.budget
        cost = self.spent.cost + self.reserved.cost + amount.cost
        if limits.cost is not None and cost > limits.cost + 1e-12:
            return f"the budget of ${limits.cost:.4f} does not hold ${cost:.4f}"
        tokens = self.spent.tokens + self.reserved.tokens + amount.tokens
        if limits.tokens is not None and tokens > limits.tokens:
            return f"the budget of {limits.tokens} tokens does not hold {tokens}"
        calls = self.spent.calls + self.reserved.calls + amount.calls
        if limits.calls is not None and calls > limits.calls:
            return f"the budget of {limits.calls} calls is spent"
        return None
