"""Rewrite rules: small named functions from plan to plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from motet.core.json import JSON
from motet.planner.plan import QUESTION, LogicalPlan, Node, PhysicalPlan, parts_of
from motet.planner.request import Typed


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules may ask about the system and the request."""

    cite: str
    has_knowledge: bool
    recalls: bool = False
    typed: Typed | None = None


RECALLED = 4
"""Passages of what was said before."""

LogicalRule = Callable[[LogicalPlan, Facts], LogicalPlan]
PhysicalRule = Callable[[PhysicalPlan], PhysicalPlan]


def first_plan(skill: str) -> LogicalPlan:
    """Return the plan every request starts with."""
    nodes = (
        Node("retrieve", "retrieve", (QUESTION,), {"k": 8}),
        Node("answer", "answer", (QUESTION, "retrieve")),
        Node("cite", "cite", ("answer",)),
    )
    return LogicalPlan(skill, nodes, "cite")


def extract_what_has_a_type(plan: LogicalPlan, facts: Facts) -> LogicalPlan:
    """A skill whose output has a type is extracted; its values carry their own citations."""
    typed = facts.typed
    if typed is None:
        return plan
    arguments: dict[str, JSON] = {"schema": typed.schema, "about": typed.about}
    extract = Node("extract", "extract", plan.node("answer").inputs, arguments)
    kept = tuple(node for node in plan.nodes if node.operator not in ("answer", "cite"))
    return LogicalPlan(plan.skill, (*kept, extract), "extract")


def answer_without_passages(plan: LogicalPlan, facts: Facts) -> LogicalPlan:
    """Where there is no knowledge, nothing is retrieved."""
    if facts.has_knowledge:
        return plan
    return _replaced(plan, "retrieve", lambda node: Node(node.id, "nothing", ()))


def recall_what_was_said(plan: LogicalPlan, facts: Facts) -> LogicalPlan:
    """Memory is searched beside the documents, and learns what was asked and answered."""
    if not facts.recalls:
        return plan
    found = "gather" if facts.has_knowledge else "recall"
    nodes = [Node("recall", "recall", (QUESTION,), {"k": RECALLED})]
    for node in plan.nodes:
        if node.id == "retrieve":
            if facts.has_knowledge:
                nodes += [node, Node("gather", "gather", (node.id, "recall"))]
        else:
            inputs = tuple(found if each == "retrieve" else each for each in node.inputs)
            nodes.append(replace(node, inputs=inputs))
    nodes.append(Node("remember", "remember", (QUESTION, plan.output)))
    return LogicalPlan(plan.skill, tuple(nodes), "remember")


def set_citation_policy(plan: LogicalPlan, facts: Facts) -> LogicalPlan:
    """The guard decides what becomes of an answer without a citation.

    The answering operator knows it too: it must hold text back until one is verified.
    """
    policy = {"policy": facts.cite}
    for operator in ("answer", "extract", "cite"):
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
    methods = [node.method for node in plan.nodes]
    methods += [part.method for node in plan.nodes for part in parts_of(node.arguments)]
    if "answer.read" not in methods:
        return plan
    nodes = tuple(
        replace(node, arguments={**node.arguments, "k": READER_PASSAGES})
        if node.operator == "retrieve"
        else node
        for node in plan.nodes
    )
    return replace(plan, nodes=nodes)


LOGICAL: tuple[LogicalRule, ...] = (
    extract_what_has_a_type,
    answer_without_passages,
    recall_what_was_said,
    set_citation_policy,
)
PHYSICAL: tuple[PhysicalRule, ...] = (widen_for_reading,)
