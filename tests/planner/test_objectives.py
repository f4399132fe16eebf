"""One declaration, several objectives: the plan follows, and says what decided."""

from __future__ import annotations

from dataclasses import replace
from time import process_time
from typing import Any

import pytest
from planner_samples import (
    LARGE,
    LOCAL,
    LOOKUP,
    READER,
    SEND,
    SMALL,
    Past,
    measured,
    planner,
    request,
)

from motet.core.errors import ObjectiveError, ProviderError, UsageError
from motet.planner.cost import Price
from motet.planner.objective import Limits, Objective
from motet.planner.plan import PhysicalPlan, parts_of
from motet.planner.planner import Answerer
from motet.planner.request import OfferedTool, Thinking, Typed


def answer(past: Past | None = None, *answerers: Answerer, **more: Any) -> str:
    """Return the choice of the answering node."""
    return plan(past, *answerers, **more).node("answer").choice


def plan(past: Past | None, *answerers: Answerer, **more: Any) -> PhysicalPlan:
    return planner(past).plan(request(*answerers, **more))


def judged() -> Past:
    """Return a past in which evaluations told the models apart."""
    return (
        measured(small=0.8, large=4.0)
        .add("answer.generate", LARGE.name, *[4.0] * 9, quality=0.95)
        .add("answer.generate", SMALL.name, *[0.8] * 9, quality=0.8)
    )


QUALITY, LATENCY, COST = (Objective(prefer=(each,)) for each in ("quality", "latency", "cost"))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, ("openai/large", "expert/reader", "expert/reader")),
        (
            {"thinking": Thinking(5)},
            ("5 x openai/large (vote)", "expert/reader", "expert/reader"),
        ),
        (
            {"tools": (LOOKUP,), "has_knowledge": False},
            ("openai/large", "openai/small (dag)", "openai/small (dag)"),
        ),
    ],
)
def test_three_objectives(more: dict[str, Any], expected: tuple[str, str, str]) -> None:
    plans = [plan(judged(), **more, objective=each) for each in (QUALITY, LATENCY, COST)]
    assert tuple(each.node("answer").choice for each in plans) == expected


def test_three_objectives_give_three_plans_wherever_there_are_alternatives() -> None:
    small, local = replace(SMALL, name="openai/quick"), LOCAL
    past = judged().add("answer.generate", "openai/quick", *[0.6] * 9, quality=0.7)
    for answerers in ((READER, LARGE, SMALL), (local, small, LARGE), (READER, LARGE, local)):
        found = {
            tuple((node.method, node.choice) for node in each.nodes)
            for each in (
                plan(past, *answerers, objective=goal) for goal in (QUALITY, LATENCY, COST)
            )
        }
        assert len(found) == 3


def test_a_cascade_wins_where_the_dear_model_alone_is_too_dear() -> None:
    past = judged()
    assert answer(past) == "openai/large"
    assert answer(past, objective=Objective(cost=0.002)) == "openai/small > openai/large"
    assert answer(past, objective=Objective(quality=0.82, prefer=("cost",))) == (
        "openai/small > openai/large"
    )
    assert answer(past, objective=Objective(latency=1.0, cost=0.002)) == "openai/small"
    chosen = plan(past, objective=Objective(cost=0.002)).node("answer")
    parts = {part.id: part for part in parts_of(chosen.arguments)}
    assert [(p.method, p.choice) for p in parts.values()] == [
        ("answer.generate", "openai/small"),
        ("verify.support", "engine"),
        ("answer.generate", "openai/large"),
    ]
    assert parts["dear"].when == "the check fails"
    assert parts["cheap"].estimate is not None
    cost = parts["cheap"].estimate.cost
    assert cost < chosen.estimate.cost < cost + parts["dear"].estimate.cost  # type: ignore[union-attr]


def test_a_price_or_a_tool_that_changes_plans_anew() -> None:
    past, found = judged(), planner(judged())
    goal = Objective(quality=0.78, prefer=("cost",))
    assert found.plan(request(LARGE, SMALL, objective=goal)).node("answer").choice == SMALL.name
    dear = replace(SMALL, price=Price(50, 50))
    changed = found.plan(request(LARGE, dear, objective=goal))
    assert changed.node("answer").choice == LARGE.name
    assert changed == planner(past).plan(request(LARGE, dear, objective=goal))
    with_tool = found.plan(request(LARGE, tools=(LOOKUP,)))
    assert with_tool.node("answer").method == "answer.turns"
    assert found.plan(request(LARGE)).node("answer").method == "answer.generate"


# Tools


def test_tools_go_to_chat_models_only() -> None:
    found = plan(judged(), tools=(LOOKUP, SEND)).node("answer")
    assert (found.method, found.choice) == ("answer.turns", "openai/large")
    choices = {each.choice for each in found.rejected}
    assert {"expert/reader", "openai/large (dag)", "openai/small", "openai/small (dag)"} <= choices
    [turn, call] = parts_of(found.arguments)
    assert (turn.times, call.effect, call.choice) == (3, "once", "lookup, send")
    warnings = plan(None, READER, tools=(LOOKUP,)).warnings
    assert warnings == ("nothing can call tools: no chat model is declared",)


def test_a_graph_of_calls_saves_turns() -> None:
    past = judged().add("call", "lookup", *[0.2] * 9)
    found = planner(past)
    more: dict[str, Any] = {"tools": (LOOKUP,), "has_knowledge": False}
    turns = found.plan(request(LARGE, **more)).estimate
    dag = found.plan(request(LARGE, **more, pins={"answer": "openai/large (dag)"})).estimate
    assert dag.seconds < turns.seconds * 0.75
    assert dag.quality < turns.quality
    slow = planner(past.add("call", "lookup", *[5.0] * 9)).plan(request(LARGE, **more)).estimate
    assert slow.seconds > turns.seconds + 5


def test_what_happens_once_is_neither_tried_several_times_nor_in_vain() -> None:
    thinking = Thinking(3)
    reads = plan(judged(), LARGE, SMALL, tools=(LOOKUP,), thinking=thinking).node("answer")
    assert reads.choice == "3 x openai/large (vote)"
    once = plan(judged(), LARGE, SMALL, tools=(LOOKUP, SEND), thinking=thinking)
    assert once.warnings == ("one attempt only: send may change something each time",)
    sends = once.node("answer")
    shown = [sends.choice, *(each.choice for each in sends.rejected)]
    assert not [each for each in shown if " x " in each or " > " in each]


def test_tools_that_are_down_are_left_out_and_named() -> None:
    down = OfferedTool("search", "read", unavailable="the server is not running")
    found = plan(None, LARGE, tools=(LOOKUP, down))
    assert parts_of(found.node("answer").arguments)[-1].arguments["tools"] == ["lookup"]
    assert found.warnings == (
        "tools that cannot be called now: search (the server is not running)",
    )
    assert plan(None, LARGE, tools=(down,)).node("answer").method == "answer.generate"


# Deep thinking


@pytest.mark.parametrize(
    ("thinking", "choice"),
    [
        (Thinking(1), "openai/large"),
        (Thinking(5), "5 x openai/large (vote)"),
        (Thinking(5, "best"), "5 x openai/large (best)"),
        (Thinking(5, "best", "openai/small"), "5 x openai/large (best by openai/small)"),
        (Thinking(5, "best", "expert/reader"), "5 x openai/large (best by expert/reader)"),
        (Thinking(5, "judge"), "5 x openai/large (judged by openai/large)"),
        (Thinking(5, "judge", "openai/small"), "5 x openai/large (judged by openai/small)"),
        (Thinking(5, "judge", "expert/reader"), "5 x openai/large (best by expert/reader)"),
    ],
)
def test_how_attempts_become_one(thinking: Thinking, choice: str) -> None:
    assert answer(judged(), thinking=thinking) == choice


def test_attempts_are_as_many_as_the_objective_and_the_budget_bear() -> None:
    many: dict[str, Any] = {"thinking": Thinking(9)}
    assert answer(judged(), LARGE, **many) == "9 x openai/large (vote)"
    assert answer(judged(), LARGE, **many, objective=Objective(cost=0.01)) == (
        "3 x openai/large (vote)"
    )
    assert answer(judged(), LARGE, **many, limits=Limits(calls=6)) == "5 x openai/large (vote)"
    assert answer(judged(), LARGE, **many, objective=COST) == "openai/large"
    more = plan(judged(), LARGE, **many).estimate
    one = plan(judged(), LARGE).estimate
    assert more.cost == pytest.approx(9 * one.cost)
    assert one.seconds < more.seconds < 1.5 * one.seconds
    serial = plan(measured(), LOCAL, **many).estimate
    assert serial.seconds > 8 * plan(measured(), LOCAL).estimate.seconds


def test_experts_are_asked_once() -> None:
    found = plan(judged(), READER, thinking=Thinking(5))
    assert found.node("answer").choice == "expert/reader"
    assert found.warnings == ("nothing can take several attempts: no chat model is declared",)


def test_a_verifier_that_is_down_verifies_nothing() -> None:
    down = replace(LARGE, unavailable="the key is not set")
    thinking = Thinking(3, "best", down.name)
    assert answer(judged(), SMALL, down, thinking=thinking) == "3 x openai/small (best)"


# What nothing can carry out is said


def test_memory_is_recalled_beside_documents_and_written_at_the_end() -> None:
    found = plan(None, memory="user")
    needs = {node.id: node.inputs for node in found.nodes}
    assert found.warnings == ()
    assert needs["gather"] == ("retrieve", "recall")
    assert needs["answer"] == ("question", "gather")
    assert (found.output, needs["remember"]) == ("remember", ("question", "cite"))


def test_memory_without_a_user_is_left_out_and_says_why() -> None:
    warned = plan(None, memory="user", forgets="no user is named").warnings
    assert warned == ("nothing is remembered: no user is named",)


def test_typed_skills_are_extracted_by_chat_models() -> None:
    typed = Typed({"type": "array"}, "questions and answers")
    found = plan(None, skill="faq", typed=typed)
    assert [node.operator for node in found.nodes] == ["retrieve", "extract"]
    assert found.node("extract").arguments["about"] == "questions and answers"
    assert found.node("extract").arguments["policy"] == "optional"
    pinned = plan(None, skill="faq", typed=typed, pins={"answer": "openai/large"})
    assert pinned.node("extract").choice == "openai/large"
    with pytest.raises(ProviderError, match="nothing can extract: expert/reader: it quotes"):
        plan(None, READER, skill="faq", typed=typed)


def test_pins_by_other_names_and_of_operators_elsewhere() -> None:
    assert answer(None, pins={"generate": "openai/large"}) == "openai/large"
    found = plan(None, pins={"extract": "openai/large"})
    assert found.warnings == ("pinned, but not in this plan: extract",)
    with pytest.raises(UsageError, match="nearest: openai/small > openai/large"):
        plan(judged(), pins={"answer": "openai/small>openai/large"})
    assert answer(judged(), pins={"answer": "openai/small > openai/large"}) == (
        "openai/small > openai/large"
    )


# Constraints by evaluation


def test_quality_that_evaluations_exclude_is_an_error() -> None:
    past = judged()
    for each in (READER.name, LOCAL.name):
        past.add("answer.read", each, *[0.4] * 9, quality=0.5)
    with pytest.raises(ObjectiveError, match=r"quality 0\.91 is below the constraint 0\.99") as e:
        plan(past, objective=Objective(quality=0.99))
    assert e.value.where == "objective.quality"
    near = plan(past, objective=Objective(quality=0.93))
    assert "quality 0.91 is below the constraint 0.93" in near.warnings[0]


def test_one_model_that_was_never_judged_might_reach_it() -> None:
    found = plan(judged(), LARGE, LOCAL, objective=Objective(quality=0.99))
    assert "quality 0.91 is below the constraint 0.99" in found.warnings[0]


# Speed


def test_planning_is_quick_however_many_alternatives() -> None:
    many = [
        Answerer(f"openai/m{n}", "answer.generate", Price(n + 1, 4 * n + 1), local=False)
        for n in range(12)
    ]
    past = Past()
    for n, each in enumerate(many):
        past.add("answer.generate", each.name, *[0.5 + n] * 9, quality=0.6 + n / 40)
    asked = request(READER, *many, tools=(LOOKUP,), thinking=Thinking(17, "best", "openai/m3"))
    found = planner(past)
    found.plan(asked)
    began = process_time()
    again = planner(past).plan(asked)
    assert process_time() - began < 2
    assert len(again.node("answer").rejected) < 40
    began = process_time()
    assert found.plan(asked).cached
    assert process_time() - began < 0.1
