"""Durations together, held against draws by chance."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.planner.durations import NOTHING, Z80, Duration, at_once, in_turn, longest_of


def lognormal(middle: float, spread: float) -> Duration:
    return Duration(middle, middle * math.exp(-Z80 * spread), middle * math.exp(Z80 * spread))


durations = st.builds(lognormal, st.floats(1e-3, 100), st.floats(0, 1))


def drawn(*samples: list[float]) -> tuple[float, float, float]:
    ordered = sorted(samples[0])
    return ordered[len(ordered) // 2], ordered[len(ordered) // 10], ordered[len(ordered) * 9 // 10]


def test_side_by_side_the_last_one_counts() -> None:
    chance = random.Random(1)
    branches = [(1.0, 0.3), (1.2, 0.5), (0.2, 0.9)]
    found = at_once([lognormal(*each) for each in branches])
    draws = [
        max(chance.lognormvariate(math.log(middle), spread) for middle, spread in branches)
        for _ in range(20_000)
    ]
    for got, expected in zip((found.seconds, found.low, found.high), drawn(draws), strict=True):
        assert got == pytest.approx(expected, rel=0.03)


def test_one_after_the_other_not_all_are_slow_at_once() -> None:
    chance = random.Random(2)
    found = in_turn([lognormal(1.0, 0.3)] * 8)
    draws = [sum(chance.lognormvariate(0.0, 0.3) for _ in range(8)) for _ in range(20_000)]
    for got, expected in zip((found.seconds, found.low, found.high), drawn(draws), strict=True):
        assert got == pytest.approx(expected, rel=0.1)
    assert found.high < 8 * lognormal(1.0, 0.3).high * 0.85


def test_the_longest_of_several() -> None:
    chance = random.Random(3)
    found = longest_of(9, lognormal(2.0, 0.4))
    draws = [max(chance.lognormvariate(math.log(2), 0.4) for _ in range(9)) for _ in range(20_000)]
    for got, expected in zip((found.seconds, found.low, found.high), drawn(draws), strict=True):
        assert got == pytest.approx(expected, rel=0.03)


@given(st.lists(durations, min_size=1, max_size=5))
def test_bounds(steps: list[Duration]) -> None:
    both = at_once(steps)
    assert both.low <= both.seconds <= both.high
    slack = 1 - 1e-6
    assert both.seconds >= max(each.seconds for each in steps) * slack
    assert both.seconds <= sum(each.high for each in steps) * 1.5
    one = in_turn(steps)
    assert one.seconds == pytest.approx(sum(each.seconds for each in steps))
    assert sum(each.low for each in steps) <= one.low * (1 + 1e-9)
    assert one.high <= sum(each.high for each in steps) * (1 + 1e-9)


def test_nothing_takes_no_time() -> None:
    assert at_once([]) == at_once([NOTHING]) == in_turn([NOTHING]) == NOTHING
    step = lognormal(1.0, 0.2)
    assert at_once([NOTHING, step]) == step
    assert longest_of(1, step) == step
    assert longest_of(5, NOTHING) == NOTHING
