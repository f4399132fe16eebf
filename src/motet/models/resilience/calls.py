"""How well a model writes tool calls."""

from __future__ import annotations

from typing import Literal, get_args

CallOutcome = Literal["ok", "invalid_json", "unknown_name", "schema"]
OUTCOMES: tuple[CallOutcome, ...] = get_args(CallOutcome)

PRIOR_RATE = 0.02
PRIOR_WEIGHT = 20.0
_MEMORY = 1000.0


class CallHealth:
    """Counts of tool calls by outcome; old ones fade, so that a repaired provider recovers."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[CallOutcome, float] = dict.fromkeys(OUTCOMES, 0.0)

    def add(self, outcome: CallOutcome) -> None:
        """Count one call."""
        self._counts[outcome] += 1
        if sum(self._counts.values()) > _MEMORY:
            for name in OUTCOMES:
                self._counts[name] /= 2

    @property
    def seen(self) -> float:
        """How many calls the rate rests on."""
        return sum(self._counts.values())

    @property
    def failure_rate(self) -> float:
        """The expected share of bad calls: a prior of 2% that weighs as much as 20 calls."""
        bad = self.seen - self._counts["ok"]
        return (bad + PRIOR_RATE * PRIOR_WEIGHT) / (self.seen + PRIOR_WEIGHT)

    @property
    def counts(self) -> dict[CallOutcome, float]:
        """The counts by outcome."""
        return dict(self._counts)
