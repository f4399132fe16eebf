"""The validator refuses plans that cannot be right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from planner_samples import planner, request

from motet.core.errors import MotetBug
from motet.planner.plan import QUESTION, LogicalPlan, Node, PhysicalPlan
from motet.planner.rules import first_plan
from motet.planner.validate import validate

RETRIEVE = Node("r", "retrieve", (QUESTION,))
ANSWER = Node("a", "answer", (QUESTION, "r"))
CITE = Node("c", "cite", ("a",))


@pytest.mark.parametrize(
    ("nodes", "output", "says"),
    [
        ((RETRIEVE, ANSWER, CITE), "d", "the output 'd' is no node"),
        ((RETRIEVE, ANSWER, CITE), "a", "nodes feed nothing: c"),
        ((RETRIEVE, replace(RETRIEVE, id="s"), ANSWER, CITE), "c", "nodes feed nothing: s"),
        ((ANSWER, RETRIEVE, CITE), "c", "a: no such input before it: r"),
        ((RETRIEVE, replace(ANSWER, inputs=(QUESTION, "a")), CITE), "c", "no such input .*: a"),
        ((RETRIEVE, replace(ANSWER, inputs=(QUESTION, "c")), CITE), "c", "no such input .*: c"),
        ((ANSWER, CITE), "c", "no such input before it: r"),
        ((RETRIEVE, replace(ANSWER, inputs=("r", QUESTION)), CITE), "c", "expected inputs"),
        ((RETRIEVE, replace(ANSWER, inputs=(QUESTION,)), CITE), "c", "expected inputs"),
        ((RETRIEVE, replace(CITE, inputs=("r",))), "c", r"expected inputs \('draft',\), got"),
        ((RETRIEVE, ANSWER, replace(CITE, id="a")), "a", "the id is taken"),
        ((RETRIEVE, replace(ANSWER, operator="guess"), CITE), "c", "unknown operator 'guess'"),
        ((Node(QUESTION, "retrieve", (QUESTION,)), ANSWER, CITE), "c", "the id is taken"),
        ((), "c", "the output 'c' is no node"),
    ],
)
def test_broken_plans(nodes: tuple[Node, ...], output: str, says: str) -> None:
    with pytest.raises(MotetBug, match=says) as caught:
        validate(LogicalPlan("answer", nodes, output), after="some_rule")
    assert caught.value.where == "some_rule"


def test_what_the_planner_makes_holds() -> None:
    validate(first_plan("answer"), after="test")
    plan = planner().plan(request())
    validate(plan, after="test")
    broken: PhysicalPlan = replace(plan, nodes=plan.nodes[1:])
    with pytest.raises(MotetBug, match="no such input"):
        validate(broken, after="test")
