"""Drift is noticed soon, is not imagined, and is said in the plan."""

from __future__ import annotations

import math
import random

import pytest
from planner_samples import READER, Past, planner, request

from motet.planner.drift import find_drift
from motet.planner.statistics import Finished


def rows(*seconds: float) -> list[Finished]:
    return [Finished(1.7e9 - 60 * n, each) for n, each in enumerate(seconds)]


def noise(chance: random.Random, count: int, middle: float = 0.025) -> list[float]:
    return [chance.lognormvariate(math.log(middle), 0.4) for _ in range(count)]


@pytest.mark.parametrize("seed", range(10))
def test_something_that_got_slower_is_noticed(seed: int) -> None:
    chance = random.Random(seed)
    found = find_drift(rows(*noise(chance, 20, 0.078), *noise(chance, 180)))
    assert found is not None
    assert found.ratio == pytest.approx(3.1, rel=0.4)
    assert (found.count, found.since) == (20, 1.7e9 - 60 * 19)


def test_noise_is_no_drift() -> None:
    chance = random.Random(7)
    alarms = sum(find_drift(rows(*noise(chance, 120))) is not None for _ in range(500))
    assert alarms <= 2


def test_outliers_and_ties_are_no_drift() -> None:
    assert find_drift(rows(*[0.1] * 19, 900.0, *[0.1] * 100)) is None
    assert find_drift(rows(*[0.1] * 200)) is None
    assert find_drift(rows(*[0.0] * 200)) is None
    assert find_drift(rows(*[9.0] * 9, *[0.1] * 9)) is None


def test_other_requests_are_no_drift() -> None:
    slow = [Finished(1.7e9, 1.0, task="answer:zh")] * 15
    fast = [Finished(1.6e9, 0.1, task="answer:en")] * 60
    assert find_drift([*slow, *fast]) is None
    mixed = [each for pair in zip(slow, fast[:15], strict=True) for each in pair]
    assert find_drift([*mixed, *fast, *slow]) is None
    worse = [Finished(1.7e9, 0.5, task="answer:en")] * 20
    found = find_drift([*worse, *mixed, *fast])
    assert found is not None
    assert found.ratio == pytest.approx(5)


def test_a_plan_says_so_and_reckons_with_what_is_new() -> None:
    past = Past().add("retrieve.search", "hybrid", *[0.078] * 20, *[0.025] * 180)
    plan = planner(past).plan(request(READER))
    assert plan.warnings == (
        "retrieve: hybrid takes 3.1x what it took before 2023-11-14 21:54 (78 ms, was 25 ms)",
    )
    assert plan.node("retrieve").estimate.seconds == pytest.approx(0.078, rel=0.02)
    faster = Past().add("retrieve.search", "hybrid", *[0.01] * 20, *[0.025] * 180)
    plan = planner(faster).plan(request(READER))
    assert plan.warnings == ()
    assert plan.node("retrieve").estimate.seconds == pytest.approx(0.01, rel=0.02)


def test_times_that_cannot_be_are_not_shown() -> None:
    found = find_drift([Finished(math.nan, 9.0)] * 20 + [Finished(math.nan, 1.0)] * 100)
    assert found is not None
    assert found.words() == "takes 9.0x what it took before the last few (9.00 s, was 1.00 s)"
