"""What must hold of a plan between any two passes, checked before anything is spent."""

from __future__ import annotations

from collections.abc import Sequence

from motet.core.errors import MotetBug, RunError
from motet.planner.operators import OPERATORS
from motet.planner.plan import QUESTION, LogicalPlan, Node, PhysicalNode, PhysicalPlan


def validate(plan: LogicalPlan | PhysicalPlan, *, after: str) -> None:
    """Check a plan; `after` names the pass that made it.

    Raises `MotetBug` when an input is missing or comes later (a cycle), when types do not
    agree along an edge, or when a node feeds nothing.
    """
    types = {QUESTION: "question"}
    for node in plan.nodes:
        _check_node(node, types, after)
        types[node.id] = OPERATORS[node.operator].output
    if plan.output not in types:
        raise MotetBug(f"the output {plan.output!r} is no node", where=after)
    loose = {node.id for node in plan.nodes} - _needed(plan.nodes, plan.output)
    if loose:
        raise MotetBug(f"nodes feed nothing: {', '.join(sorted(loose))}", where=after)


def _check_node(node: Node | PhysicalNode, types: dict[str, str], after: str) -> None:
    operator = OPERATORS.get(node.operator)
    if operator is None:
        raise MotetBug(f"{node.id}: unknown operator {node.operator!r}", where=after)
    if node.id in types:
        raise MotetBug(f"{node.id}: the id is taken", where=after)
    missing = [each for each in node.inputs if each not in types]
    if missing:
        raise MotetBug(f"{node.id}: no such input before it: {', '.join(missing)}", where=after)
    got = tuple(types[each] for each in node.inputs)
    if got != operator.inputs:
        raise MotetBug(
            f"{node.id}: expected inputs {operator.inputs}, got {got}",
            where=after,
        )


def _needed(nodes: Sequence[Node | PhysicalNode], output: str) -> set[str]:
    inputs = {node.id: node.inputs for node in nodes}
    needed: set[str] = set()
    waiting = [output]
    while waiting:
        current = waiting.pop()
        if current in inputs and current not in needed:
            needed.add(current)
            waiting.extend(inputs[current])
    return needed


def check_budget(plan: PhysicalPlan, budget_usd: float | None) -> None:
    """Raise `RunError` when the plan may cost more than a run is allowed to."""
    if budget_usd is not None and plan.estimate.cost > budget_usd:
        raise RunError(
            f"the plan may cost ${plan.estimate.cost:.4f}, the budget is ${budget_usd:.4f}",
            where="guard.budget",
            hint="raise the budget or declare a cheaper model",
        )
