"""How well a model writes tool calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, get_args

from motet.core.chat import ToolCall, ToolSpec
from motet.core.json import JSON, loads

CallOutcome = Literal["ok", "invalid_json", "unknown_name", "schema"]
Valid = Callable[[Mapping[str, JSON], JSON], bool]
"""Whether a value fits a JSON Schema."""

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


def outcome(call: ToolCall, tools: Sequence[ToolSpec], valid: Valid | None = None) -> CallOutcome:
    """Judge a call by the tools that were offered; by their schemas where `valid` is given.

    Some providers write nothing where a call has no arguments; that is an empty object.
    """
    tool = next((tool for tool in tools if tool.name == call.name), None)
    if tool is None:
        return "unknown_name"
    try:
        arguments = loads(call.arguments or "{}")
    except ValueError:
        return "invalid_json"
    if not isinstance(arguments, Mapping):
        return "invalid_json"
    return "ok" if valid is None or valid(tool.parameters, arguments) else "schema"
