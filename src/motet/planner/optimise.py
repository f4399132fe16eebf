"""Choosing an alternative for every node: constraints first, then preference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.errors import ObjectiveError
from motet.planner.combine import Combining, Options
from motet.planner.compose import LIGHT, whole
from motet.planner.objective import Figures, Limits, Objective, misses
from motet.planner.operators import OPERATORS
from motet.planner.plan import (
    QUESTION,
    Alternative,
    Estimate,
    LogicalPlan,
    Node,
    PhysicalNode,
    PhysicalPlan,
)
from motet.planner.reasons import Weighing

_NOTHING = Estimate(1.0, 0.0, 0.0, 0.0, 0.0, 0, "prior")
"""What was not measured might take: it is never refused."""


def optimise(
    plan: LogicalPlan,
    alternatives: Mapping[str, Sequence[Alternative]],
    objective: Objective,
    pins: Mapping[str, str],
    limits: Limits,
) -> PhysicalPlan:
    """Choose an alternative for every node of a logical plan.

    `alternatives` by node id, at least one available each; `pins` maps node ids to choices.
    What exceeds the limits is chosen only where nothing else is left.
    Raises `ObjectiveError` when measurements leave no way to satisfy a constraint; when only
    priors say so, the best plan there is carries a warning.
    """
    options = [_options(alternatives[node.id], pins.get(node.id)) for node in plan.nodes]
    combining = Combining(plan.nodes)
    _refuse_if_measured(plan.nodes, combining, options, objective)
    chosen = combining.best(options, objective, limits)
    weighing = Weighing(objective, limits, combining.figures, chosen)
    nodes = tuple(
        _decided(node, position, weighing, alternatives[node.id], node.id in pins)
        for position, node in enumerate(plan.nodes)
    )
    warnings = tuple(
        f"{each.text}, as {'past runs measured' if _measured(chosen) else 'priors have it'}"
        for each in misses(combining.figures(chosen), objective)
    )
    estimate = whole(plan.nodes, [each.estimate for each in chosen])
    return PhysicalPlan(plan.skill, nodes, plan.output, estimate, warnings)


def _options(choices: Sequence[Alternative], pin: str | None) -> list[Alternative]:
    if pin is not None:
        return [each for each in choices if each.choice == pin]
    return [each for each in choices if each.unavailable is None]


def _measured(choices: Sequence[Alternative]) -> bool:
    """Whether time and money of every choice that weighs were measured."""
    return all(e.estimate.basis == "measured" or e.estimate.seconds < LIGHT for e in choices)


def _refuse_if_measured(
    nodes: Sequence[Node], combining: Combining, options: Options, objective: Objective
) -> None:
    """Raise where measurements leave no way to meet a constraint.

    What was not measured might take nothing and always be right; a composite takes at least
    what the simple ones take.
    """
    simple = [[e for e in each if not e.parts] or each for each in options]
    ends: dict[str, float] = {QUESTION: 0.0}
    quality, cost = 1.0, 0.0
    for node, plain, every in zip(nodes, simple, options, strict=True):
        sure = [e.estimate for e in plain if e.estimate.basis == "measured"]
        if len(sure) < len(plain):
            sure = [_NOTHING]
        fastest = min(each.seconds for each in sure)
        ends[node.id] = max((ends[i] for i in node.inputs), default=0.0) + fastest
        cost += min(each.cost for each in sure)
        quality *= max(e.estimate.quality_high if e.estimate.scored else 1.0 for e in every)
    bound = Figures(quality, max(ends.values()), cost)
    for missed in misses(bound, objective):
        only = Objective(**{missed.goal: getattr(objective, missed.goal)}, prefer=(missed.goal,))
        nearest = combining.best(options, only, Limits())
        found = misses(combining.figures(nearest), only)
        text = found[0].text if found else missed.text
        raise ObjectiveError(
            f"no plan can meet it: the best one's {text}, as past runs measured",
            where=f"objective.{missed.goal}",
            hint="relax the constraint, or declare a model that meets it",
        )


def _decided(
    node: Node,
    position: int,
    weighing: Weighing,
    choices: Sequence[Alternative],
    pinned: bool,
) -> PhysicalNode:
    chosen = weighing.chosen[position]
    return PhysicalNode(
        id=node.id,
        operator=node.operator,
        method=chosen.method,
        choice=chosen.choice,
        inputs=node.inputs,
        arguments={**node.arguments, **chosen.recorded()},
        effect=OPERATORS[node.operator].effect,
        estimate=chosen.estimate,
        reason=weighing.why(position, choices, pinned),
        rejected=weighing.rejections(position, choices, pinned),
        pinned=pinned,
    )
