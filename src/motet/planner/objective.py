"""What a plan must keep to, and what is preferred among those that do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from motet.planner.plan import Estimate, Part

Goal = Literal["quality", "latency", "cost"]
GOALS: tuple[Goal, ...] = ("quality", "latency", "cost")


@dataclass(frozen=True, slots=True)
class Objective:
    """Constraints (None: none) and what to prefer among the plans that satisfy them."""

    quality: float | None = None
    latency: float | None = None
    cost: float | None = None
    prefer: tuple[Goal, ...] = GOALS

    @property
    def order(self) -> tuple[Goal, ...]:
        """All goals, the preferred ones first."""
        return (*self.prefer, *(goal for goal in GOALS if goal not in self.prefer))


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may spend at most: USD, tokens, seconds, calls of models and tools."""

    cost: float | None = None
    tokens: int | None = None
    seconds: float | None = None
    calls: int | None = None


class Figures(NamedTuple):
    """The figures of a plan, or of a part of one, by which plans are compared.

    `bill` (USD), `tokens` and `calls` count every part, also those run in some cases only:
    they are what the limits of a run are held against.
    """

    quality: float
    seconds: float
    cost: float
    bill: float = 0.0
    tokens: int = 0
    calls: int = 0


class Miss(NamedTuple):
    """A constraint that is missed, by which share of it, in a sentence."""

    goal: Goal
    gap: float
    text: str


def figures_of(estimate: Estimate, parts: Sequence[Part]) -> Figures:
    """Return the figures of one node."""
    spent = [(each.estimate, each.times) for each in parts if each.estimate] or [(estimate, 1)]
    return Figures(
        estimate.quality,
        estimate.seconds,
        estimate.cost,
        math.fsum(each.cost * times for each, times in spent),
        sum(each.tokens * times for each, times in spent),
        sum(each.calls * times for each, times in spent),
    )


def misses(found: Figures, objective: Objective) -> list[Miss]:
    """Return the constraints that are missed."""
    missed = []
    if objective.quality is not None and found.quality < objective.quality:
        gap = (objective.quality - found.quality) / max(objective.quality, 1e-9)
        text = f"quality {found.quality:.2f} is below the constraint {objective.quality:.2f}"
        missed.append(Miss("quality", gap, text))
    if objective.latency is not None and found.seconds > objective.latency:
        gap = found.seconds / max(objective.latency, 1e-9) - 1
        text = f"latency {found.seconds:.2f} s is above the constraint {objective.latency:.2f} s"
        missed.append(Miss("latency", gap, text))
    if objective.cost is not None and found.cost > objective.cost:
        gap = found.cost / max(objective.cost, 1e-9) - 1
        text = f"cost ${found.cost:.4f} is above the constraint ${objective.cost:.4f}"
        missed.append(Miss("cost", gap, text))
    return missed


def excesses(found: Figures, limits: Limits) -> list[str]:
    """Return in words which limits of the budget are exceeded."""
    pairs: Sequence[tuple[float, float | None, str]] = (
        (found.bill, limits.cost, f"${found.bill:.4f}"),
        (found.tokens, limits.tokens, f"{found.tokens} tokens"),
        (found.seconds, limits.seconds, f"{found.seconds:.2f} s"),
        (found.calls, limits.calls, f"{found.calls} calls"),
    )
    return [text for value, limit, text in pairs if limit is not None and value > limit]


def rank(found: Figures, objective: Objective, limits: Limits) -> tuple[float, ...]:
    """Return the key to sort plans by, best first.

    Within the budget, fewest missed constraints, smallest distance, then the preferred
    goals: first as finely as people would tell them apart, then exactly; last what is
    limited. No plan comes before one that is at least as good in every figure.
    """
    missed = misses(found, objective)
    coarse = {
        "quality": -round(found.quality, 3),
        "latency": round(found.seconds, 3),
        "cost": round(found.cost, 6),
    }
    fine = {"quality": -found.quality, "latency": found.seconds, "cost": found.cost}
    distance = sum(each.gap for each in missed)
    first = (len(excesses(found, limits)), len(missed), distance)
    goals = objective.order
    chosen = (*(coarse[goal] for goal in goals), *(fine[goal] for goal in goals))
    return (*first, *chosen, *limited(found, limits))


def limited(found: Figures, limits: Limits) -> list[float]:
    """Return the figures that a limit is held against and no goal tells."""
    pairs = ((found.bill, limits.cost), (found.tokens, limits.tokens), (found.calls, limits.calls))
    return [value for value, limit in pairs if limit is not None]
