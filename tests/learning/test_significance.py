"""What is called significant is so as rarely by chance as promised, and found when large."""

from __future__ import annotations

import random
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.learning.significance import detectable, differences, holm, permuted


def flips(rng: random.Random, share: float, size: int) -> list[float]:
    return [float(rng.random() < share) for _ in range(size)]


def test_few_are_tried_in_all_ways():
    apart = [0.5, 0.25, -0.125, 0.5]
    seen = abs(sum(apart))
    ways = [
        abs(sum(s * v for s, v in zip(signs, apart, strict=True))) >= seen
        for signs in product((1, -1), repeat=4)
    ]
    assert permuted(apart) == sum(ways) / len(ways)
    assert permuted([1.0] * 5 + [0.0] * 50) == 2 / 2**5


def test_many_are_tried_at_random_and_agree_with_all_ways():
    # Sixteen of one sign: 2 in 65,536
    assert permuted([1.0] * 16) < 0.0005
    assert permuted([1.0, -1.0] * 20) == 1


def test_no_difference_is_no_finding():
    [found] = differences({"a": [1, 0, 1], "b": [1, 0, 1]})
    assert (found.p, found.significant) == (1, False)
    assert found.difference.low < 0 < found.difference.high


def test_chance_is_called_significant_rarely():
    rng = random.Random(5)
    found = 0
    for _ in range(200):
        apart = [a - b for a, b in zip(flips(rng, 0.6, 30), flips(rng, 0.6, 30), strict=True)]
        found += permuted(apart) < 0.05
    assert found / 200 <= 0.08


def test_what_is_detectable_is_found_four_times_in_five():
    rng = random.Random(6)
    size, found = 60, 0
    spread = [float(rng.random() < 0.5) - float(rng.random() < 0.5) for _ in range(2000)]
    mean = sum(spread) / len(spread)
    shift = detectable([each - mean for each in spread[:size]])
    for _ in range(200):
        sample = rng.sample(spread, size)
        found += permuted([each - mean + shift for each in sample]) < 0.05
    assert 0.65 <= found / 200 <= 0.95


def test_more_questions_detect_less():
    assert detectable([1.0, -1.0] * 50) < detectable([1.0, -1.0] * 10)
    assert detectable([1.0, -1.0] * 50, pairs=10) > detectable([1.0, -1.0] * 50)
    assert 0 < detectable([0.0] * 100) < detectable([0.0] * 10) <= 1


def test_holm_is_as_published():
    # Holm 1979's procedure on four tests
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=8))
def test_corrected_values_are_no_smaller_and_keep_their_order(chances):
    corrected = holm(chances)
    assert all(c >= p for c, p in zip(corrected, chances, strict=True))
    for one, other in product(range(len(chances)), repeat=2):
        if chances[one] < chances[other]:
            assert corrected[one] <= corrected[other]


def test_every_pair_is_compared_and_corrected():
    rng = random.Random(7)
    better = [1.0] * 40
    found = differences({"a": better, "b": flips(rng, 0.2, 40), "c": flips(rng, 0.2, 40)})
    assert [(each.first, each.second) for each in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [each.significant for each in found] == [True, True, False]
    assert found[0].difference.low > 0
