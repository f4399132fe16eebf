"""Estimates: priors that measurements sharpen, without a jump and whatever the clock did."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planner_samples import Past

from motet.planner import statistics
from motet.planner.cost import MIN_SAMPLES, Charge, CostModel, Price
from motet.planner.plan import Estimate
from motet.planner.samples import proportion
from motet.planner.statistics import Finished, Scored


def estimate(past: Past, method: str = "answer.read", choice: str = "x", **more: str) -> Estimate:
    return CostModel(past).look().estimate(method, choice, **more)  # type: ignore[arg-type]


def test_a_prior_says_so() -> None:
    found = estimate(Past())
    assert (found.basis, found.samples, found.scored, found.cost) == ("prior", 0, 0, 0.0)
    assert found.low < found.seconds < found.high
    assert found.quality_low < found.quality < found.quality_high


def test_measurements_sharpen_it_without_a_jump() -> None:
    steps = [estimate(Past().add("answer.read", "x", *[0.05] * n)) for n in range(40)]
    seconds = [each.seconds for each in steps]
    assert seconds[0] == 0.25
    assert seconds[20] == pytest.approx(0.05, rel=0.01)
    assert seconds == sorted(seconds, reverse=True)
    changes = [math.log(a / b) for a, b in pairwise(seconds)]
    assert max(changes) == changes[0]
    assert max(changes[MIN_SAMPLES - 2 :]) < 0.1
    widths = [math.log(each.high / each.low) for each in steps[1:]]
    assert widths == sorted(widths, reverse=True)
    bases = [each.basis for each in steps]
    assert bases.index("measured") == MIN_SAMPLES
    assert steps[3].samples == 3


def test_outliers_move_the_interval_not_the_middle() -> None:
    clean = estimate(Past().add("answer.read", "x", *[0.1] * 20))
    found = estimate(Past().add("answer.read", "x", *[0.1] * 18, 60.0, 3000.0))
    assert found.seconds == pytest.approx(clean.seconds, rel=0.03)
    assert found.high > 5 * clean.high


@given(st.lists(st.floats(1e-4, 1e3), min_size=1, max_size=60))
def test_estimates_are_in_order_and_near_what_was_measured(seconds: list[float]) -> None:
    found = estimate(Past().add("answer.read", "x", *seconds))
    assert 0 <= found.low <= found.seconds <= found.high < math.inf
    assert min(*seconds, 0.25) * 0.99 <= found.seconds <= max(*seconds, 0.25) * 1.01


@pytest.mark.parametrize("spread", [0.05, 0.3, 0.8])
@pytest.mark.parametrize("count", [3, 10, 40, 200])
def test_intervals_hold_about_four_in_five(spread: float, count: int) -> None:
    chance = random.Random(count)
    held = 0
    for _ in range(300):
        seconds = [chance.lognormvariate(-1.5, spread) for _ in range(count + 1)]
        found = estimate(Past().add("answer.read", "x", *seconds[1:]))
        held += found.low <= seconds[0] <= found.high
    assert held / 300 > (0.72 if count > 3 or spread < 0.5 else 0.6)
    if count >= 40:
        assert held / 300 < 0.92


@pytest.mark.parametrize(
    "wrong",
    [
        Finished(1.0, -5.0),
        Finished(1.0, math.nan),
        Finished(1.0, math.inf),
        Finished(1.0, 1e12),
        Finished(1.0, 0.1, cost=math.nan),
        Finished(1.0, 0.1, input_tokens=-4),
    ],
)
def test_clocks_that_jump_are_not_believed(wrong: Finished) -> None:
    right = [Finished(math.nan if n % 2 else -1e9, 0.1) for n in range(9)]
    past, clean = Past(), Past()
    past.found["answer.read", "x"] = statistics.Past([*right, wrong, wrong])
    clean.found["answer.read", "x"] = statistics.Past(right)
    assert estimate(past) == estimate(clean)


@pytest.mark.parametrize(
    ("price", "local", "cost"),
    [
        (Price(1.0, 2.0), False, (2200 * 1.0 + 150 * 2.0) / 1e6),
        (Price(0.0, 0.0, call=0.01), False, 0.01),
        (None, True, 0.0),
        (Price(1.0, 0.0), True, 0.0022),
    ],
)
def test_the_prior_cost_of_a_chat_model(price: Price | None, local: bool, cost: float) -> None:
    charge = Charge(price, local)
    found = CostModel(Past()).look().estimate("answer.generate", "m", charge=charge)
    assert found.cost == pytest.approx(cost)
    assert found.cost_high == pytest.approx(3 * cost)


def test_a_provider_that_reports_no_usage_is_not_free() -> None:
    past = Past()
    past.found["answer.generate", "m"] = statistics.Past([Finished(1.0, 2.0)] * 9)
    charge = Charge(Price(1.0, 2.0), local=False)
    found = CostModel(past).look().estimate("answer.generate", "m", charge=charge)
    assert (found.basis, found.tokens) == ("measured", 2350)
    assert found.cost == pytest.approx(0.0025)


# Tasks


def test_a_task_learns_from_others_but_its_own_counts() -> None:
    other, own = Past(), Past()
    rows = [Finished(1.0, 0.1, task="answer:en")] * 20
    other.found["answer.read", "x"] = statistics.Past(rows)
    own.found["answer.read", "x"] = statistics.Past(
        [*[Finished(1.0, 1.0, task="answer:zh")] * 12, *rows]
    )
    english = estimate(other, task="answer:en")
    chinese = estimate(other, task="answer:zh")
    assert chinese.seconds == pytest.approx(0.1, rel=0.1)
    assert chinese.high / chinese.low > english.high / english.low
    assert estimate(own, task="answer:zh").seconds == pytest.approx(1.0, rel=0.15)
    assert estimate(own, task="answer:en").seconds == pytest.approx(0.1, rel=0.1)


# Quality


def test_evaluations_decide_on_quality_slowly_at_first() -> None:
    found = []
    for count in (0, 1, 10, 100, 1000):
        past = Past()
        past.found["answer.read", "x"] = statistics.Past((), [Scored(0.9)] * count)
        found.append(estimate(past))
    qualities = [each.quality for each in found]
    assert qualities == sorted(qualities)
    assert qualities[0] == 0.59
    assert qualities[-1] == pytest.approx(0.9, abs=0.01)
    widths = [each.quality_high - each.quality_low for each in found]
    assert widths == sorted(widths, reverse=True)
    assert [each.scored for each in found] == [0, 1, 10, 100, 1000]
    assert found[-1].basis == "prior"  # of time and money nothing is known yet


def test_evaluations_of_the_task_count_where_there_are_enough() -> None:
    past = Past()
    scored = [*[Scored(0.2, "answer:zh")] * 40, *[Scored(0.95, "answer:en")] * 40]
    past.found["answer.read", "x"] = statistics.Past((), scored)
    assert estimate(past, task="answer:en").quality > 0.8
    assert estimate(past, task="answer:zh").quality < 0.35


@given(st.floats(0, 1), st.integers(1, 2000))
def test_the_interval_of_a_share_holds_it(share: float, count: int) -> None:
    low, high = proportion(share, count)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1


# Steady until something changes


def test_estimates_hold_still_between_looks_and_immaterial_changes() -> None:
    past = Past().add("answer.read", "x", *[0.1] * 50)
    costs = CostModel(past)
    first = costs.look().estimate("answer.read", "x")
    past.add("answer.read", "x", *[0.101] * 3, *[0.1] * 50)
    look = costs.look()
    assert look.estimate("answer.read", "x") == first
    past.add("answer.read", "x", *[0.5] * 50)
    assert look.estimate("answer.read", "x") == first
    later = costs.look()
    assert later.estimate("answer.read", "x").seconds == pytest.approx(0.5, rel=0.05)
    assert not later.agrees({("answer.read", "x"): 0})
    assert later.agrees(dict(later.editions))


def test_ample_statistics_are_not_read_anew_at_once() -> None:
    past = Past().add("answer.read", "x", *[0.1] * 50).add("answer.read", "y", *[0.1] * 9)
    costs = CostModel(past, patience=60)
    for choice in ("x", "y"):
        costs.look().estimate("answer.read", choice)
        past.add("answer.read", choice, *[0.5] * 50)
    assert costs.look().estimate("answer.read", "x").seconds < 0.2
    assert costs.look().estimate("answer.read", "y").seconds > 0.4
