"""What must hold of a plan between any two passes, checked before anything is spent.

The checks are general over nodes with ids: plans that people write pass through the same
ones. They raise `PlanError`; a plan of our own that fails one is our mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from motet.core.errors import MotetBug, PlanError, RunError
from motet.planner.objective import Figures, Limits, excesses, figures_of
from motet.planner.operators import OPERATORS
from motet.planner.order import ordered
from motet.planner.plan import (
    QUESTION,
    Effect,
    LogicalPlan,
    Node,
    Part,
    PhysicalNode,
    PhysicalPlan,
    parts_of,
)

Repeat = Literal["retry", "map with retries", "hedge", "speculation", "aggregate", "cascade"]
"""Why something may happen more than once, or in vain."""
_HARMLESS: Mapping[Repeat, frozenset[Effect]] = {
    "retry": frozenset({"pure", "read", "idempotent"}),
    "map with retries": frozenset({"pure", "read", "idempotent"}),
    "hedge": frozenset({"pure", "read"}),
    "speculation": frozenset({"pure", "read"}),
    "aggregate": frozenset({"pure", "read"}),
    "cascade": frozenset({"pure", "read"}),
}


def check_graph(
    nodes: Iterable[tuple[str, Sequence[str]]], output: str | None = None, *, given: str = ""
) -> tuple[str, ...]:
    """Check ids and edges, and return the ids in an order in which inputs come first.

    `nodes` are ids with the ids they need; `given` is an input that is no node.
    Raises `PlanError` for an id taken twice, a missing input, a cycle (named), an output
    that is no node, and nodes that the output does not need.
    """
    needs: dict[str, Sequence[str]] = {}
    for name, needed in nodes:
        if name in needs or name == given:
            raise PlanError("the id is taken", where=name)
        needs[name] = [each for each in needed if each != given]
    for name, needed in needs.items():
        if missing := [each for each in needed if each not in needs]:
            raise PlanError(f"it needs what is no node: {', '.join(missing)}", where=name)
    order = ordered(needs, needs.__getitem__, " needs ".join)
    if output is None:
        return order
    if output not in needs:
        raise PlanError(f"the output {output!r} is no node")
    reached = ancestors(needs, output) | {output}
    if loose := [name for name in needs if name not in reached]:
        raise PlanError(f"nodes feed nothing: {', '.join(sorted(loose))}")
    return order


def ancestors(needs: Mapping[str, Sequence[str]], name: str) -> set[str]:
    """Return all nodes that a node needs, directly or not."""
    found: set[str] = set()
    waiting = list(needs.get(name, ()))
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(needs.get(current, ()))
    return found


def check_types(name: str, expected: Sequence[str], got: Sequence[str]) -> None:
    """Raise `PlanError` unless the inputs' types are the expected ones, in order."""
    if tuple(got) != tuple(expected):
        raise PlanError(f"expected inputs {tuple(expected)}, got {tuple(got)}", where=name)


def check_repeated(name: str, effect: Effect, by: Repeat) -> None:
    """Raise `PlanError` when an effect stands where it may happen more often than it may."""
    if effect not in _HARMLESS[by]:
        raise PlanError(
            f"its effect is '{effect}', so it cannot stand under {by}",
            where=name,
            hint=f"allowed there: {', '.join(sorted(_HARMLESS[by]))}",
        )


def check_before(needs: Mapping[str, Sequence[str]], first: str, then: str) -> None:
    """Raise `PlanError` unless `then` waits for `first`, the one that guards it."""
    if first not in ancestors(needs, then):
        raise PlanError(f"it must wait for '{first}', which guards it", where=then)


def validate(plan: LogicalPlan | PhysicalPlan, *, after: str) -> None:
    """Check a plan; `after` names the pass that made it.

    Raises `MotetBug` when an input is missing or comes later (a cycle), when types do not
    agree along an edge, when a node feeds nothing, or when effects stand in a wrong order.
    """
    try:
        check_graph([(node.id, node.inputs) for node in plan.nodes], plan.output, given=QUESTION)
        types = {QUESTION: "question"}
        for node in plan.nodes:
            _check_node(node, types)
            types[node.id] = OPERATORS[node.operator].output
    except PlanError as error:
        raise MotetBug(str(error), where=after) from error


def _check_node(node: Node | PhysicalNode, types: Mapping[str, str]) -> None:
    operator = OPERATORS.get(node.operator)
    if operator is None:
        raise PlanError(f"unknown operator {node.operator!r}", where=node.id)
    if late := [each for each in node.inputs if each not in types]:
        raise PlanError(f"its input comes later: {', '.join(late)}", where=node.id)
    check_types(node.id, operator.inputs, [types[each] for each in node.inputs])
    if isinstance(node, PhysicalNode):
        if node.method not in operator.methods:
            raise PlanError(f"{node.method} does not carry out {node.operator}", where=node.id)
        check_parts(node.id, node.method, parts_of(node.arguments))


def check_parts(name: str, method: str, parts: Sequence[Part]) -> None:
    """Check the parts of a composite node: edges, effects, and approval before calls.

    Raises `PlanError`.
    """
    check_graph([(part.id, part.needs) for part in parts])
    needs = {part.id: part.needs for part in parts}
    for part in parts:
        inner = parts_of(part.arguments)
        place = f"{name}/{part.id}"
        check_parts(place, part.method, inner)
        if method == "answer.aggregate" and part.times > 1:
            _check_all_repeated(place, (part, *inner), "aggregate")
        if method == "answer.cascade" and part.id == "cheap":
            _check_all_repeated(place, (part, *inner), "cascade")
        if part.operator == "approve":
            for guarded in parts:
                if guarded.operator == "call":
                    check_before(needs, part.id, guarded.id)


def _check_all_repeated(name: str, parts: Iterable[Part], by: Repeat) -> None:
    for part in parts:
        if part.operator != "approve":
            check_repeated(f"{name}/{part.id}", part.effect, by)


def check_budget(plan: PhysicalPlan, limits: Limits) -> list[str]:
    """Return warnings about what the plan may spend at most.

    Raises `RunError` when it is expected to spend more than a run is allowed to.
    """
    each = [figures_of(node.estimate, parts_of(node.arguments)) for node in plan.nodes]
    estimate = plan.estimate
    spent = Figures(
        estimate.quality,
        estimate.seconds,
        estimate.cost,
        sum(found.bill for found in each),
        sum(found.tokens for found in each),
        sum(found.calls for found in each),
    )
    if over := excesses(spent, limits):
        raise RunError(
            f"the plan may cost {', '.join(over)}, the budget is {', '.join(_words(limits))}",
            where="guard.budget",
            hint="raise the budget or declare a cheaper model",
        )
    most = max(estimate.cost, estimate.cost_high)
    if limits.cost is not None and most > limits.cost:
        return [f"it may cost up to ${most:.4f}, the budget of ${limits.cost:.4f} would stop it"]
    return []


def _words(limits: Limits) -> list[str]:
    return [
        text
        for value, text in (
            (limits.cost, f"${limits.cost or 0:.4f}"),
            (limits.tokens, f"{limits.tokens} tokens"),
            (limits.seconds, f"{limits.seconds or 0:.2f} s"),
            (limits.calls, f"{limits.calls} calls"),
        )
        if value is not None
    ]
