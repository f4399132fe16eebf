"""Plans are kept by shape, and never longer than what they were made from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from typing import Any

import pytest
from planner_samples import LARGE, LOOKUP, READER, SMALL, Past, planner, request

from motet.core.errors import ObjectiveError
from motet.planner.cache import PlanCache, shape
from motet.planner.cost import Price
from motet.planner.objective import Limits, Objective
from motet.planner.request import Request, Thinking, Typed


def past_of(seconds: float, count: int = 50) -> Past:
    return Past().add("answer.read", READER.name, *[seconds] * count)


def test_an_equal_request_is_not_planned_again() -> None:
    found = planner()
    first, second = found.plan(request()), found.plan(request())
    assert (first.cached, second.cached) == (False, True)
    assert first == second


CHANGES: list[dict[str, Any]] = [
    {"retrieval": {"lexical": None, "dense": "not installed", "hybrid": "not installed"}},
    {"has_knowledge": False},
    {"cite": "required"},
    {"objective": Objective(latency=9.0)},
    {"pins": {"answer": "openai/large"}},
    {"limits": Limits(cost=0.5)},
    {"task": "answer:zh"},
    {"tools": (LOOKUP,)},
    {"tools": (replace(LOOKUP, unavailable="down"),)},
    {"thinking": Thinking(3)},
    {"memory": "user"},
    {"memory": "user", "forgets": "no user is named"},
    {"typed": Typed({"type": "string"}), "skill": "summary"},
    {"skill": "other"},
    {"operators": ("summarise",)},
]


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_is_planned_anew(change: dict[str, Any]) -> None:
    found = planner()
    found.plan(request())
    assert not found.plan(request(**change)).cached
    assert found.plan(request(**change)).cached
    assert shape(request(**change)) != shape(request())


def test_everything_that_a_request_says_is_tried_above() -> None:
    tried = {name for each in CHANGES for name in each} | {"answerers"}
    assert tried == {each.name for each in fields(Request)}


def test_models_prices_and_reach_count() -> None:
    found = planner()
    found.plan(request())
    assert not found.plan(request(READER, SMALL)).cached
    assert not found.plan(request(READER, LARGE, replace(SMALL, price=Price(1, 1)))).cached


def test_a_model_that_went_away_is_never_planned_with() -> None:
    found = planner()
    up = request(LARGE, SMALL)
    chosen = found.plan(up).node("answer").choice
    down = {each.name: replace(each, unavailable="nobody listens") for each in (LARGE, SMALL)}
    gone = [down[each.name] if each.name == chosen else each for each in (LARGE, SMALL)]
    for _ in range(2):
        assert found.plan(request(*gone)).node("answer").choice != chosen
    assert found.plan(up).node("answer").choice == chosen


def test_statistics_count_when_they_move() -> None:
    past = past_of(0.4)
    found = planner(past)
    assert not found.plan(request(READER)).cached
    past.add("answer.read", READER.name, 0.41, *[0.4] * 50)
    assert found.plan(request(READER)).cached
    past.add("answer.read", READER.name, *[0.8] * 50)
    moved = found.plan(request(READER))
    assert not moved.cached
    assert moved.node("answer").estimate.seconds > 0.75
    past.add("answer.read", READER.name, *[0.8] * 50, quality=0.9)
    assert not found.plan(request(READER)).cached


def test_statistics_of_rejected_alternatives_count_too() -> None:
    past = Past()
    found = planner(past)
    assert found.plan(request(LARGE, SMALL)).node("answer").choice == LARGE.name
    past.add("answer.generate", SMALL.name, *[0.2] * 9, quality=0.99)
    assert found.plan(request(LARGE, SMALL)).node("answer").choice == SMALL.name


def test_a_first_measurement_counts_and_errors_are_not_kept() -> None:
    past = Past()
    found = planner(past)
    slow = request(READER, objective=Objective(latency=0.1))
    assert found.plan(slow).warnings
    past.add("answer.read", READER.name, *[0.4] * 9)
    for _ in range(2):
        with pytest.raises(ObjectiveError):
            found.plan(slow)
    past.add("answer.read", READER.name, *[0.05] * 40)
    assert found.plan(slow).warnings == ()


def test_it_is_bounded_and_forgets_what_was_used_least_recently() -> None:
    cache = PlanCache(size=2)
    plan = planner().plan(request())
    for key in ("a", "b"):
        cache.put(key, plan, {})
    cache.get("a")
    cache.put("c", plan, {})
    assert len(cache) == 2
    assert cache.get("b") is None
    assert cache.get("a") is not None


def test_many_threads_share_a_planner() -> None:
    past = past_of(0.4)
    found = planner(past)
    tasks = [request(task=f"t{n % 7}") for n in range(200)]
    with ThreadPoolExecutor(8) as pool:
        plans = list(pool.map(found.plan, tasks))
    assert len({each.node("answer").choice for each in plans}) == 1
    assert {each.task for each in plans} == {f"t{n}" for n in range(7)}
