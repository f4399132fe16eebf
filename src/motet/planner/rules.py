"""Rewrite rules: small named functions from plan to plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from motet.planner.plan import QUESTION, LogicalPlan, Node, PhysicalPlan


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules may ask about the system and the request."""

    cite: str
    has_knowledge: bool


LogicalRule = Callable[[LogicalPlan, Facts], LogicalPlan]
PhysicalRule = Callable[[PhysicalPlan], PhysicalPlan]


def first_plan(skill: str) -> LogicalPlan:
    """Return the plan every question starts with."""
    nodes = (
        Node("retrieve", "retrieve", (QUESTION,), {"k": 8}),
        Node("answer", "answer", (QUESTION, "retrieve")),
        Node("cite", "cite", ("answer",)),
    )
    return LogicalPlan(skill, nodes, "cite")


def answer_without_passages(plan: LogicalPlan, facts: Facts) -> LogicalPlan:
    """Where there is no knowledge, nothing is retrieved."""
    if facts.has_knowledge:
        return plan
    return _replaced(plan, "retrieve", lambda node: Node(node.id, "nothing", ()))


def set_citation_policy(plan: LogicalPlan, facts: Facts) -> LogicalPlan:
    """The guard decides what becomes of an answer without a citation.

    The answering operator knows it too: it must hold text back until one is verified.
    """
    policy = {"policy": facts.cite}
    for operator in ("answer", "cite"):
        plan = _replaced(
            plan, operator, lambda node: replace(node, arguments={**node.arguments, **policy})
        )
    return plan


def _replaced(plan: LogicalPlan, operator: str, rewrite: Callable[[Node], Node]) -> LogicalPlan:
    nodes = tuple(rewrite(n) if n.operator == operator else n for n in plan.nodes)
    return replace(plan, nodes=nodes)


READER_PASSAGES = 10


def widen_for_reading(plan: PhysicalPlan) -> PhysicalPlan:
    """A reader that scores every passage gains from many; a prompt pays for each."""
    reads = any(node.method == "answer.read" for node in plan.nodes)
    if not reads:
        return plan
    nodes = tuple(
        replace(node, arguments={**node.arguments, "k": READER_PASSAGES})
        if node.operator == "retrieve"
        else node
        for node in plan.nodes
    )
    return replace(plan, nodes=nodes)


LOGICAL: tuple[LogicalRule, ...] = (answer_without_passages, set_citation_policy)
PHYSICAL: tuple[PhysicalRule, ...] = (widen_for_reading,)
