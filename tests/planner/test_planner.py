"""Choices: constraints first, then preference; pins, budgets, and saying why."""

from __future__ import annotations

from itertools import permutations

import pytest
from planner_samples import (
    LARGE,
    LOCAL,
    READER,
    SMALL,
    Past,
    measured,
    planner,
    request,
)

from motet.core.errors import ObjectiveError, ProviderError, RunError, SetupNeeded, UsageError
from motet.planner.cost import Price
from motet.planner.objective import Objective
from motet.planner.plan import PhysicalPlan
from motet.planner.planner import Answerer


def choices(plan: PhysicalPlan) -> dict[str, str]:
    return {node.operator: node.choice for node in plan.nodes}


def test_three_preferences_give_three_plans() -> None:
    plans = {
        prefer: choices(planner().plan(request(objective=Objective(prefer=(prefer,)))))
        for prefer in ("quality", "latency", "cost")
    }
    assert plans["quality"] == {"retrieve": "hybrid", "answer": "openai/large", "cite": "engine"}
    assert plans["latency"] == {"retrieve": "lexical", "answer": "expert/reader", "cite": "engine"}
    assert plans["cost"]["answer"] == "expert/reader"
    assert plans["cost"]["retrieve"] == "hybrid"
    assert len({tuple(plan.items()) for plan in plans.values()}) == 3


def test_constraints_come_before_preference() -> None:
    quick = planner().plan(request(objective=Objective(latency=1.0)))
    assert choices(quick)["answer"] == "expert/reader"
    cheap = planner().plan(request(LARGE, SMALL, objective=Objective(cost=0.001)))
    assert choices(cheap)["answer"] == "openai/small"
    good = planner().plan(request(objective=Objective(quality=0.8, prefer=("cost",))))
    assert choices(good)["answer"] == "openai/small"
    assert quick.warnings == cheap.warnings == good.warnings == ()


def test_the_reason_names_what_decided() -> None:
    plan = planner().plan(request(objective=Objective(latency=1.0)))
    answer = plan.node("answer")
    assert answer.reason == "best quality among the plans that meet the objective"
    reasons = {each.choice: each.reason for each in answer.rejected}
    assert "latency 2.03 s is above the constraint 1.00 s" in reasons["openai/large"]
    retrieve = {each.choice: each.reason for each in plan.node("retrieve").rejected}
    assert retrieve["lexical"].startswith("lower quality: 0.57 < 0.58")
    assert planner().plan(request(READER)).node("answer").reason == "the only way"


def test_every_alternative_is_chosen_or_rejected_with_a_reason() -> None:
    plan = planner().plan(request(READER, LARGE, SMALL, LOCAL))
    answer = plan.node("answer")
    shown = [answer.choice, *(each.choice for each in answer.rejected)]
    assert sorted(shown) == [
        "expert/reader",
        "expert/reader > ollama/qwen",
        "expert/reader > openai/large",
        "expert/reader > openai/small",
        "ollama/qwen",
        "ollama/qwen > openai/large",
        "ollama/qwen > openai/small",
        "openai/large",
        "openai/small",
        "openai/small > openai/large",
    ]
    assert all(each.reason for node in plan.nodes for each in node.rejected)


def test_removing_a_model_plans_anew() -> None:
    assert choices(planner().plan(request(LARGE, READER)))["answer"] == "openai/large"
    assert choices(planner().plan(request(READER)))["answer"] == "expert/reader"


def test_the_order_of_declaration_carries_no_meaning() -> None:
    plans = [
        planner().plan(request(*order, objective=Objective(prefer=("cost",))))
        for order in permutations((READER, LARGE, SMALL, LOCAL))
    ]
    assert len({str(choices(plan)) for plan in plans}) == 1
    assert planner().plan(request()) == planner().plan(request())


def test_equal_models_are_told_apart_by_name() -> None:
    first, second = (Answerer(f"openai/{name}", "answer.generate") for name in ("a", "b"))
    for order in ((first, second), (second, first)):
        plan = planner().plan(request(*order))
        assert plan.node("answer").choice == "openai/a"
        assert plan.node("answer").rejected[0].reason == "no better; the first by name is taken"


def test_pins_decide() -> None:
    plan = planner().plan(
        request(pins={"answer": "openai/small", "retrieve": "dense"}, objective=Objective(cost=0))
    )
    assert choices(plan) == {"retrieve": "dense", "answer": "openai/small", "cite": "engine"}
    assert plan.node("answer").pinned
    assert plan.node("answer").reason == "pinned"
    assert plan.node("answer").rejected[0].reason == "another choice is pinned"
    assert not plan.node("cite").pinned


@pytest.mark.parametrize(
    ("pins", "says"),
    [
        ({"answer": "openai/smal"}, "no such model for 'answer': 'openai/smal'.*openai/small"),
        ({"retrieve": "hybird"}, "no such choice for 'retrieve'.*nearest: hybrid"),
        ({"anwser": "openai/small"}, "no operator 'anwser'.*nearest: answer"),
        ({"answer": "zzz"}, "there are: expert/reader, openai/large, openai/small"),
    ],
)
def test_a_pin_that_names_nothing_says_what_there_is(pins: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        planner().plan(request(pins=pins))


def test_a_pin_on_what_cannot_run_is_an_error() -> None:
    down = Answerer("openai/down", "answer.generate", unavailable="the key is not set")
    with pytest.raises(ProviderError, match=r"openai/down: the key is not set"):
        planner().plan(request(READER, down, pins={"answer": "openai/down"}))


def test_what_cannot_run_is_left_out_with_its_reason() -> None:
    down = Answerer("openai/down", "answer.generate", unavailable="the key is not set")
    modes = {"lexical": None, "dense": "not installed", "hybrid": "not installed"}
    plan = planner().plan(request(READER, down, retrieval=modes))
    assert choices(plan)["retrieve"] == "lexical"
    assert plan.node("answer").reason == "the only one available"
    (rejected,) = plan.node("answer").rejected
    assert (rejected.reason, rejected.estimate) == ("the key is not set", None)


def test_nothing_that_can_answer_is_an_error() -> None:
    down = Answerer("openai/down", "answer.generate", unavailable="nobody listens")
    with pytest.raises(ProviderError, match="nothing can answer: openai/down: nobody listens"):
        planner().plan(request(down))
    missing = Answerer("expert/reader", "answer.read", unavailable="run `motet setup`")
    with pytest.raises(SetupNeeded):
        planner().plan(request(missing))


def test_without_knowledge_nothing_is_retrieved() -> None:
    plan = planner().plan(request(READER, LOCAL, has_knowledge=False))
    assert [node.operator for node in plan.nodes] == ["nothing", "answer", "cite"]
    assert choices(plan)["answer"] == "ollama/qwen"
    assert "no knowledge" in plan.node("answer").rejected[0].reason
    pinned = planner().plan(request(LOCAL, has_knowledge=False, pins={"retrieve": "hybrid"}))
    assert choices(pinned)["nothing"] == "nothing"


def test_a_reader_gets_more_passages_than_a_prompt() -> None:
    counts = {
        each.name: planner().plan(request(each)).node("retrieve").arguments["k"]
        for each in (READER, LOCAL)
    }
    assert counts["expert/reader"] > counts["ollama/qwen"]


@pytest.mark.parametrize("policy", ["required", "optional", "none"])
def test_the_guards_policy_reaches_those_who_keep_it(policy: str) -> None:
    plan = planner().plan(request(cite=policy))
    assert plan.node("answer").arguments["policy"] == policy
    assert plan.node("cite").arguments["policy"] == policy


# Constraints that cannot be met


@pytest.mark.parametrize(
    ("objective", "says"),
    [
        (Objective(latency=0.2), r"latency 0\.40 s is above the constraint 0\.20 s"),
        (Objective(latency=0.2, quality=0.99), r"latency 0\.40 s is above the constraint 0\.20 s"),
    ],
)
def test_what_measurements_exclude_is_an_error(objective: Objective, says: str) -> None:
    with pytest.raises(ObjectiveError, match=says) as caught:
        planner(measured()).plan(request(objective=objective))
    assert caught.value.where == "objective.latency"
    assert "as past runs measured" in str(caught.value)


def test_a_cost_that_measurements_exclude_is_an_error() -> None:
    with pytest.raises(ObjectiveError, match=r"cost \$0\.0001 is above") as caught:
        planner(measured()).plan(request(LARGE, SMALL, objective=Objective(cost=0.00001)))
    assert caught.value.where == "objective.cost"


@pytest.mark.parametrize(
    ("objective", "says"),
    [
        (Objective(quality=0.99), "quality 0.85 is below the constraint 0.99, as priors have it"),
        (Objective(latency=0.1), "latency 0.26 s is above the constraint 0.10 s, as priors have"),
        (Objective(latency=0), "latency 0.26 s is above the constraint 0.00 s, as priors have"),
    ],
)
def test_what_only_priors_exclude_is_a_warning(objective: Objective, says: str) -> None:
    plan = planner().plan(request(objective=objective))
    assert len(plan.warnings) == 1
    assert plan.warnings[0].startswith(says)
    assert plan.node("answer").reason == "nearest to the objective"


def test_one_measured_alternative_among_priors_is_a_warning_only() -> None:
    past = Past().add("answer.read", "expert/reader", *[0.4] * 9)
    assert planner(past).plan(request(objective=Objective(latency=0.1))).warnings


def test_constraints_that_exclude_each_other_warn_by_measurement() -> None:
    objective = Objective(latency=1.0, quality=0.8)
    plan = planner(measured()).plan(request(objective=objective))
    assert len(plan.warnings) == 1
    assert "priors" in plan.warnings[0] or "past runs measured" in plan.warnings[0]


def test_measurements_change_the_choice() -> None:
    objective = Objective(latency=2.5)
    assert planner().plan(request(objective=objective)).node("answer").choice == "openai/large"
    slow = measured(large=9.0)
    plan = planner(slow).plan(request(objective=objective))
    assert plan.node("answer").choice == "openai/small"
    assert plan.node("answer").estimate.basis == "measured"
    assert plan.node("answer").estimate.samples == 9


# Budget


def test_a_budget_bounds_the_choice() -> None:
    past = Past().add("answer.generate", LARGE.name, *[2.0] * 9, quality=0.95)
    assert planner(past).plan(request()).node("answer").choice == "openai/large"
    plan = planner(past).plan(request(budget_usd=0.001))
    assert plan.estimate.cost <= 0.001
    assert plan.node("answer").choice == "openai/small"
    reasons = {each.choice: each.reason for each in plan.node("answer").rejected}
    assert reasons["openai/large"] == "above the budget: $0.0029"
    assert reasons["openai/small > openai/large"] == "above the budget: $0.0031"


def test_where_nothing_is_within_the_budget_it_is_an_error() -> None:
    with pytest.raises(RunError, match=r"may cost \$0\.0056, the budget is \$0\.0001") as caught:
        planner().plan(request(LARGE, budget_usd=0.0001))
    assert caught.value.where == "guard.budget"
    with pytest.raises(RunError):
        planner().plan(request(budget_usd=0.0001, pins={"answer": "openai/large"}))


def test_a_remote_model_without_a_price_is_never_free() -> None:
    unpriced = Answerer("openai/unpriced", "answer.generate", local=False)
    assert planner().plan(request(unpriced)).estimate.cost > 0
    past = measured().add("answer.generate", unpriced.name, *[1.0] * 9)
    plan = planner(past).plan(request(unpriced))
    assert plan.node("answer").estimate.basis == "measured"
    assert plan.estimate.cost > 0


def test_what_the_provider_billed_counts_where_no_price_is_declared() -> None:
    unpriced = Answerer("openai/unpriced", "answer.generate", local=False)
    past = measured().add("answer.generate", unpriced.name, *[1.0] * 9, cost=0.0123)
    assert planner(past).plan(request(unpriced)).estimate.cost == pytest.approx(0.0123, rel=0.02)
    priced = Answerer("openai/unpriced", "answer.generate", price=Price(1, 0), local=False)
    assert planner(past).plan(request(priced)).estimate.cost == pytest.approx(0.001, rel=0.04)
