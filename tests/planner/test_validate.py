"""The validator refuses plans that cannot be right, ours and those that people write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planner_samples import LARGE, LOOKUP, READER, SEND, planner, request

from motet.core.errors import MotetBug, PlanError, RunError
from motet.planner.objective import Limits
from motet.planner.plan import (
    QUESTION,
    Effect,
    LogicalPlan,
    Node,
    Part,
    PhysicalPlan,
    parts_of,
)
from motet.planner.rules import first_plan
from motet.planner.validate import (
    Repeat,
    ancestors,
    check_before,
    check_graph,
    check_parts,
    check_repeated,
    check_types,
    validate,
)

RETRIEVE = Node("r", "retrieve", (QUESTION,))
ANSWER = Node("a", "answer", (QUESTION, "r"))
CITE = Node("c", "cite", ("a",))


@pytest.mark.parametrize(
    ("nodes", "output", "says"),
    [
        ((RETRIEVE, ANSWER, CITE), "d", "the output 'd' is no node"),
        ((RETRIEVE, ANSWER, CITE), "a", "nodes feed nothing: c"),
        ((RETRIEVE, replace(RETRIEVE, id="s"), ANSWER, CITE), "c", "nodes feed nothing: s"),
        ((ANSWER, RETRIEVE, CITE), "c", "a: its input comes later: r"),
        ((RETRIEVE, replace(ANSWER, inputs=(QUESTION, "a")), CITE), "c", "a cycle: a needs a"),
        (
            (RETRIEVE, replace(ANSWER, inputs=(QUESTION, "c")), CITE),
            "c",
            "a cycle: a needs c needs a",
        ),
        ((ANSWER, CITE), "c", "a: it needs what is no node: r"),
        ((RETRIEVE, replace(ANSWER, inputs=("r", QUESTION)), CITE), "c", "expected inputs"),
        ((RETRIEVE, replace(ANSWER, inputs=("r",)), CITE), "c", "expected inputs"),
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
    with pytest.raises(MotetBug, match="it needs what is no node: retrieve"):
        validate(broken, after="test")


def test_a_method_must_carry_out_its_operator() -> None:
    plan = planner().plan(request())
    nodes = tuple(replace(node, method="cite.check") for node in plan.nodes)
    with pytest.raises(MotetBug, match=r"cite\.check does not carry out retrieve"):
        validate(replace(plan, nodes=nodes), after="test")


# Graphs that people write: their mistake, not ours


@pytest.mark.parametrize(
    ("nodes", "output", "says"),
    [
        ({"a": ["b"], "b": ["c"], "c": ["a"]}, "a", "a cycle: a needs b needs c needs a"),
        ({"a": ["a"]}, "a", "a: a cycle: a needs a"),
        ({"a": ["x", "y"]}, "a", "a: it needs what is no node: x, y"),
        ({"a": [], "b": [], "c": []}, "a", "nodes feed nothing: b, c"),
        ({"a": []}, "z", "the output 'z' is no node"),
    ],
)
def test_graphs_that_cannot_run(nodes: Mapping[str, Sequence[str]], output: str, says: str) -> None:
    with pytest.raises(PlanError, match=says) as caught:
        check_graph(nodes.items(), output)
    assert (caught.value.code, caught.value.exit_code) == ("plan", 2)


def test_an_id_taken_twice() -> None:
    with pytest.raises(PlanError, match="a: the id is taken"):
        check_graph([("a", ()), ("a", ())])


def test_a_plan_as_deep_as_a_long_night() -> None:
    chain = {str(n): [str(n - 1)] if n else [] for n in range(50_000)}
    assert check_graph(reversed(chain.items()), "49999") == tuple(chain)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    count = draw(st.integers(1, 9))
    names = draw(st.permutations([f"n{i}" for i in range(count)]))
    edges = st.lists(st.sampled_from(names), max_size=3, unique=True)
    return {name: draw(edges) for name in names}


@given(graphs())
def test_an_order_is_found_unless_there_is_a_cycle(nodes: dict[str, list[str]]) -> None:
    cyclic = [name for name in nodes if name in ancestors(nodes, name)]
    if cyclic:
        with pytest.raises(PlanError, match="a cycle") as caught:
            check_graph(nodes.items())
        shown = caught.value.message.removeprefix("a cycle: ").split(" needs ")
        assert shown[0] == shown[-1]
        assert all(after in nodes[before] for before, after in pairwise(shown))
        return
    order = check_graph(nodes.items())
    assert sorted(order) == sorted(nodes)
    for name, needed in nodes.items():
        assert all(order.index(each) < order.index(name) for each in needed)


def test_types_and_guards() -> None:
    check_types("a", ["question"], ("question",))
    with pytest.raises(PlanError, match=r"a: expected inputs \('draft',\), got \('answer',\)"):
        check_types("a", ["draft"], ["answer"])
    needs = {"call": ["approve"], "approve": ["plan"], "plan": [], "other": ["plan"]}
    check_before(needs, "approve", "call")
    with pytest.raises(PlanError, match="other: it must wait for 'approve', which guards it"):
        check_before(needs, "approve", "other")


@pytest.mark.parametrize(
    ("effect", "by", "allowed"),
    [
        ("once", "retry", False),
        ("once", "aggregate", False),
        ("once", "map with retries", False),
        ("idempotent", "retry", True),
        ("idempotent", "hedge", False),
        ("idempotent", "speculation", False),
        ("idempotent", "aggregate", False),
        ("read", "hedge", True),
        ("pure", "aggregate", True),
    ],
)
def test_what_may_happen_more_than_once(effect: Effect, by: Repeat, allowed: bool) -> None:
    if allowed:
        check_repeated("a", effect, by)
        return
    with pytest.raises(PlanError, match=f"its effect is '{effect}', so it cannot stand under {by}"):
        check_repeated("a", effect, by)


# Parts of composite nodes


def part(name: str, operator: str = "answer", effect: Effect = "read", **more: Any) -> Part:
    return Part(name, operator, "m", "c", effect, **more)


def test_effects_under_repetition_are_refused_however_deep() -> None:
    call = part("call", "call", "once", needs=("turn",))
    inner = {"parts": [part("turn").to_json(), call.to_json()]}
    attempt = part("attempt", times=3, arguments=inner)
    with pytest.raises(PlanError, match="answer/attempt/call: its effect is 'once'"):
        check_parts("answer", "answer.aggregate", [attempt])
    check_parts("answer", "answer.aggregate", [replace(attempt, times=1)])
    cheap = part("cheap", arguments=inner)
    with pytest.raises(PlanError, match="cannot stand under cascade"):
        check_parts("answer", "answer.cascade", [cheap])
    check_parts("answer", "answer.cascade", [part("cheap"), replace(cheap, id="dear")])


def test_calls_wait_for_the_approval_that_guards_them() -> None:
    turn, approve = part("turn"), part("approve", "approve", "idempotent", needs=("turn",))
    check_parts("a", "answer.turns", [turn, approve, part("call", "call", needs=("approve",))])
    with pytest.raises(PlanError, match="must wait for 'approve'"):
        check_parts("a", "answer.turns", [turn, approve, part("call", "call", needs=("turn",))])


def test_tools_that_need_approval_have_it_before_their_calls() -> None:
    tools = (LOOKUP, replace(SEND, approve=True))
    parts = parts_of(planner().plan(request(LARGE, tools=tools)).node("answer").arguments)
    assert [each.id for each in parts] == ["turn", "approve", "call"]
    assert parts[1].arguments == {"tools": ["send"]}
    assert parts[2].needs == ("approve",)


# Budgets, before anything is spent


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(cost=0.0001), r"may cost \$0\.0056, the budget is \$0\.0001"),
        (Limits(tokens=100), "may cost 2350 tokens, the budget is 100 tokens"),
        (Limits(seconds=1.5), r"may cost 2\.03 s, the budget is 1\.50 s"),
        (Limits(calls=0), "may cost 1 calls, the budget is 0 calls"),
    ],
)
def test_what_cannot_fit_a_budget_is_an_error(limits: Limits, says: str) -> None:
    with pytest.raises(RunError, match=says) as caught:
        planner().plan(request(LARGE, limits=limits))
    assert caught.value.where == "guard.budget"


def test_what_may_exceed_it_is_a_warning() -> None:
    plan = planner().plan(request(LARGE, limits=Limits(cost=0.01)))
    assert plan.warnings == ("it may cost up to $0.0168, the budget of $0.0100 would stop it",)
    assert planner().plan(request(LARGE, limits=Limits(cost=0.02))).warnings == ()
    assert planner().plan(request(READER, limits=Limits(cost=0.0))).warnings == ()
