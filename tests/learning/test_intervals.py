"""Intervals hold the truth as often as they say."""

from __future__ import annotations

import random

import pytest

from motet.learning.intervals import interval, wilson


def test_wilson_is_as_published():
    # Newcombe 1998, table I: 81 of 263, and 0 of 20 (method 3)
    found = wilson(81 / 263, 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    assert round(wilson(0, 20).high, 4) == 0.1611
    assert wilson(0, 20).low == 0


def test_yes_and_no_use_wilson_and_constants_too():
    assert interval([1.0] * 10) == wilson(1.0, 10)
    assert interval([0.5] * 10).low < 0.5 < interval([0.5] * 10).high


def test_the_same_scores_give_the_same_interval():
    scores = [0.1, 0.5, 0.9, 0.3, 1.0] * 5
    assert interval(scores) == interval(list(scores))


def test_no_scores_are_refused():
    with pytest.raises(ValueError, match="no scores"):
        interval([])


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_nineteen_in_twenty_intervals_hold_the_truth(share):
    rng = random.Random(3)
    held = 0
    for _ in range(300):
        found = interval([float(rng.random() < share) for _ in range(40)])
        held += found.low <= share <= found.high
    assert 0.91 <= held / 300 <= 0.99


def test_the_bootstrap_holds_the_truth_about_as_often():
    rng = random.Random(4)
    held = 0
    for _ in range(100):
        found = interval([rng.betavariate(2, 2) for _ in range(40)])
        held += found.low <= 0.5 <= found.high
    assert 0.88 <= held / 100 <= 1
