"""Choosing: constraints first, then preference, among all combinations of alternatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from motet.core.errors import ObjectiveError
from motet.planner.operators import OPERATORS
from motet.planner.plan import (
    Alternative,
    Estimate,
    LogicalPlan,
    Node,
    PhysicalNode,
    PhysicalPlan,
    Rejection,
)

Goal = Literal["quality", "latency", "cost"]


@dataclass(frozen=True, slots=True)
class Objective:
    """Constraints (None: none) and what to prefer among the plans that satisfy them."""

    quality: float | None = None
    latency: float | None = None
    cost: float | None = None
    prefer: tuple[Goal, ...] = ("quality", "latency", "cost")


@dataclass(frozen=True, slots=True)
class _Combination:
    """`excess` is 1 where the total is above the budget, else 0."""

    choices: tuple[Alternative, ...]
    total: Estimate
    misses: tuple[tuple[Goal, float, str], ...]
    excess: int


def optimise(
    plan: LogicalPlan,
    alternatives: Mapping[str, Sequence[Alternative]],
    objective: Objective,
    pins: Mapping[str, str],
    budget_usd: float | None = None,
) -> PhysicalPlan:
    """Choose an alternative for every node of a logical plan.

    `alternatives` by node id, at least one available each; `pins` maps node ids to choices.
    What costs more than `budget_usd` is chosen only where nothing else is left.
    Raises `ObjectiveError` when every alternative was measured and none satisfies a
    constraint; when only priors say so, the best plan there is carries a warning.
    """
    options = [_options(node, alternatives[node.id], pins.get(node.id)) for node in plan.nodes]
    ranked = sorted(
        (_combine(choices, objective, budget_usd) for choices in product(*options)),
        key=lambda each: _rank(each, objective),
    )
    best = ranked[0]
    _refuse_if_measured(ranked, objective)
    nodes = tuple(
        _decide(node, best, ranked, alternatives[node.id], position, objective, node.id in pins)
        for position, node in enumerate(plan.nodes)
    )
    warnings = tuple(_warning(best, goal, text) for goal, _, text in best.misses)
    return PhysicalPlan(plan.skill, nodes, plan.output, best.total, warnings)


def _warning(best: _Combination, goal: Goal, text: str) -> str:
    return f"{text}, as {'past runs measured' if _measured(best, goal) else 'priors have it'}"


def _options(node: Node, choices: Sequence[Alternative], pin: str | None) -> list[Alternative]:
    if pin is not None:
        return [each for each in choices if each.choice == pin]
    return [each for each in choices if each.unavailable is None]


def _combine(
    choices: tuple[Alternative, ...], objective: Objective, budget_usd: float | None
) -> _Combination:
    estimates = [each.estimate for each in choices]
    quality = 1.0
    for estimate in estimates:
        quality *= estimate.quality
    weighty = [e for e in estimates if e.seconds >= 0.005] or estimates
    total = Estimate(
        quality=round(quality, 6),
        seconds=round(sum(e.seconds for e in estimates), 6),
        low=round(sum(e.low for e in estimates), 6),
        high=round(sum(e.high for e in estimates), 6),
        cost=round(sum(e.cost for e in estimates), 9),
        tokens=sum(e.tokens for e in estimates),
        basis="measured" if all(e.basis == "measured" for e in weighty) else "prior",
        samples=min((e.samples for e in weighty), default=0),
    )
    excess = int(budget_usd is not None and total.cost > budget_usd)
    return _Combination(choices, total, tuple(_misses(total, objective)), excess)


def _misses(total: Estimate, objective: Objective) -> list[tuple[Goal, float, str]]:
    """Return each missed constraint with the relative distance and a sentence."""
    found: list[tuple[Goal, float, str]] = []
    if objective.quality is not None and total.quality < objective.quality:
        gap = (objective.quality - total.quality) / max(objective.quality, 1e-9)
        text = f"quality {total.quality:.2f} is below the constraint {objective.quality:.2f}"
        found.append(("quality", gap, text))
    if objective.latency is not None and total.seconds > objective.latency:
        gap = total.seconds / max(objective.latency, 1e-9) - 1
        text = f"latency {total.seconds:.2f} s is above the constraint {objective.latency:.2f} s"
        found.append(("latency", gap, text))
    if objective.cost is not None and total.cost > objective.cost:
        gap = total.cost / max(objective.cost, 1e-9) - 1
        text = f"cost ${total.cost:.4f} is above the constraint ${objective.cost:.4f}"
        found.append(("cost", gap, text))
    return found


def _rank(each: _Combination, objective: Objective) -> tuple[object, ...]:
    """Within the budget, fewest missed constraints, smallest distance, preference, names."""
    value = {
        "quality": -round(each.total.quality, 3),
        "latency": round(each.total.seconds, 3),
        "cost": round(each.total.cost, 6),
    }
    goals = [*objective.prefer, *(g for g in value if g not in objective.prefer)]
    distance = sum(gap for _, gap, _ in each.misses)
    names = tuple(choice.choice for choice in each.choices)
    return (each.excess, len(each.misses), distance, *(value[goal] for goal in goals), names)


def _refuse_if_measured(ranked: Sequence[_Combination], objective: Objective) -> None:
    """Raise where measurements leave no way to meet a constraint."""
    for goal in ("quality", "latency", "cost"):
        missing = [c for c in ranked if any(m[0] == goal for m in c.misses)]
        if len(missing) == len(ranked) and all(_measured(c, goal) for c in ranked):
            nearest = min(missing, key=lambda c: next(m[1] for m in c.misses if m[0] == goal))
            text = next(m[2] for m in nearest.misses if m[0] == goal)
            raise ObjectiveError(
                f"no plan can meet it: the best one's {text}, as past runs measured",
                where=f"objective.{goal}",
                hint="relax the constraint, or declare a model that meets it",
            )


def _measured(each: _Combination, goal: Goal) -> bool:
    # Quality counts as measured only once evaluations say so; runs alone measure the others.
    return goal != "quality" and each.total.basis == "measured"


def _decide(
    node: Node,
    best: _Combination,
    ranked: Sequence[_Combination],
    choices: Sequence[Alternative],
    position: int,
    objective: Objective,
    pinned: bool,
) -> PhysicalNode:
    chosen = best.choices[position]
    rejected = tuple(
        Rejection(other.choice, _why_not(other, best, ranked, position, objective, pinned), e)
        for other in choices
        if other.choice != chosen.choice
        for e in (None if other.unavailable else other.estimate,)
    )
    return PhysicalNode(
        id=node.id,
        operator=node.operator,
        method=chosen.method,
        choice=chosen.choice,
        inputs=node.inputs,
        arguments={**node.arguments, **chosen.arguments},
        effect=OPERATORS[node.operator].effect,
        estimate=chosen.estimate,
        reason=_why(chosen, choices, best, objective, pinned),
        rejected=rejected,
        pinned=pinned,
    )


def _why(
    chosen: Alternative,
    choices: Sequence[Alternative],
    best: _Combination,
    objective: Objective,
    pinned: bool,
) -> str:
    if pinned:
        return "pinned"
    if len(choices) == 1:
        return "the only way"
    if all(each.unavailable for each in choices if each is not chosen):
        return "the only one available"
    if best.misses:
        return "nearest to the objective"
    if not objective.prefer:
        return "best among the plans that meet the objective"
    return f"best {objective.prefer[0]} among the plans that meet the objective"


def _why_not(
    other: Alternative,
    best: _Combination,
    ranked: Sequence[_Combination],
    position: int,
    objective: Objective,
    pinned: bool,
) -> str:
    if other.unavailable is not None:
        return other.unavailable
    if pinned:
        return "another choice is pinned"
    rival = next(c for c in ranked if c.choices[position] is other)
    if rival.excess > best.excess:
        return f"above the budget: ${rival.total.cost:.4f}"
    fresh = [m for m in rival.misses if m[0] not in {miss[0] for miss in best.misses}]
    if fresh:
        return fresh[0][2]
    return _compared(rival.total, best.total, objective)


def _compared(rival: Estimate, best: Estimate, objective: Objective) -> str:
    for goal in (*objective.prefer, "quality", "latency", "cost"):
        if goal == "quality" and rival.quality < best.quality - 5e-4:
            return f"lower quality: {rival.quality:.2f} < {best.quality:.2f}"
        if goal == "latency" and rival.seconds > best.seconds + 5e-4:
            return f"slower: {rival.seconds:.2f} s > {best.seconds:.2f} s"
        if goal == "cost" and rival.cost > best.cost + 5e-7:
            return f"dearer: ${rival.cost:.4f} > ${best.cost:.4f}"
    return "no better; the first by name is taken"
