"""What a run may spend: reserved before, settled after."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from motet.core.errors import BudgetSpent, UsageError
from motet.core.json import JSON
from motet.planner.objective import Limits
from motet.runtime.records import Usage


@dataclass(frozen=True, slots=True)
class Budget(Limits):
    """Limits of one run, as its record keeps them. None: no limit."""

    def __post_init__(self) -> None:
        for name, limit in self.to_json().items():
            if not isinstance(limit, (int, float)) or not 0 <= limit < float("inf"):
                raise UsageError(f"`{name}` is a limit from 0 on, got {limit!r}", where="budget")

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


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in USD, tokens, and calls."""

    cost: float = 0.0
    tokens: int = 0
    calls: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.cost + other.cost, self.tokens + other.tokens, self.calls + other.calls)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.cost - other.cost, self.tokens - other.tokens, self.calls - other.calls)


def amount(used: Usage, calls: int) -> Amount:
    """Return what was used as an amount."""
    return Amount(used.cost_usd, used.input_tokens + used.output_tokens, calls)


class Purse:
    """One run's money, tokens and calls: what is spent and what is reserved.

    Every attempt reserves the most it may take; what its node really took is booked when the
    attempt ends, however it ends, and the rest returns. Who does not fit waits while somebody
    holds a reservation that may return, and fails when nobody does: a node that holds one and
    waits for its own child can return nothing.
    """

    def __init__(self, budget: Budget, spent: Amount | None = None) -> None:
        self.budget = budget
        self.spent = spent or Amount()
        self.reserved = Amount()
        self._holders: Counter[str] = Counter()
        self._waiting: dict[asyncio.Future[None], tuple[Amount, str]] = {}
        self._stuck: Counter[str] = Counter()
        """The nodes of which a child waits."""

    async def reserve(self, amount: Amount, node: str) -> None:
        """Set an amount aside for a node, by its id. Raises `BudgetSpent`."""
        if self._short(amount) is None:
            self._hold(amount, node)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[turn] = (amount, node)
        self._stuck.update(_above(node))
        self._deal()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.settle(amount, node, Amount())  # it came too late
            else:
                self._leave(turn)
                self._deal()
            raise

    def settle(self, reserved: Amount, node: str, used: Amount) -> None:
        """Give a reservation back and book what was used."""
        self.reserved -= reserved
        self._holders[node] -= 1
        if self._holders[node] == 0:
            del self._holders[node]
        if not self._holders:
            self.reserved = Amount()  # nothing is left of adding and taking away fractions
        self.spent += used
        self._deal()

    def _hold(self, amount: Amount, node: str) -> None:
        self.reserved += amount
        self._holders[node] += 1

    def _deal(self) -> None:
        """Serve those who wait and fit; the first of the others fails if nobody can return."""
        for turn, (amount, node) in list(self._waiting.items()):
            if turn.done():
                self._leave(turn)
            elif self._short(amount) is None:
                self._leave(turn)
                self._hold(amount, node)
                turn.set_result(None)
        while self._waiting and all(each in self._stuck for each in self._holders):
            turn, (amount, node) = next(iter(self._waiting.items()))
            self._leave(turn)
            short = self._short(amount) or ""
            hint = "raise the budget to go on"
            turn.set_exception(BudgetSpent(short, where=node, hint=hint))

    def _leave(self, turn: asyncio.Future[None]) -> None:
        found = self._waiting.pop(turn, None)
        if found is not None:
            self._stuck.subtract(_above(found[1]))
            self._stuck += Counter()  # without those of which none waits any more

    def _short(self, amount: Amount) -> str | None:
        limits = self.budget
        after = self.spent + self.reserved + amount
        if limits.cost is not None and after.cost > limits.cost + 1e-12:
            return f"the budget of ${limits.cost:.4f} does not hold ${after.cost:.4f}"
        if limits.tokens is not None and after.tokens > limits.tokens:
            return f"the budget of {limits.tokens} tokens does not hold {after.tokens}"
        if limits.calls is not None and after.calls > limits.calls:
            return f"the budget of {limits.calls} calls is spent"
        return None


def _above(node: str) -> list[str]:
    """Return the ids of the nodes that a node is within."""
    parts = node.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
