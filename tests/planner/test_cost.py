"""Estimates: priors until enough was measured."""

from __future__ import annotations

import pytest
from planner_samples import Past

from motet.planner.cost import MIN_SAMPLES, CostModel, Price


def test_a_prior_says_so() -> None:
    found = CostModel(Past()).estimate("answer.read", "expert/reader")
    assert (found.basis, found.samples, found.cost) == ("prior", 0, 0.0)
    assert found.low < found.seconds < found.high


def test_measurements_replace_it_from_a_few_samples_on() -> None:
    past = Past().add("answer.read", "expert/reader", *[0.1] * (MIN_SAMPLES - 1))
    assert CostModel(past).estimate("answer.read", "expert/reader").basis == "prior"
    past.add("answer.read", "expert/reader", *[0.1] * MIN_SAMPLES)
    found = CostModel(past).estimate("answer.read", "expert/reader")
    assert (found.basis, found.samples, found.seconds) == ("measured", MIN_SAMPLES, 0.1)


def test_an_outlier_moves_the_interval_not_the_median() -> None:
    past = Past().add("answer.read", "x", *[0.1] * 9, 60.0)
    found = CostModel(past).estimate("answer.read", "x")
    assert (found.seconds, found.low, found.high) == (0.1, 0.1, 60.0)


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
    found = CostModel(Past()).estimate("answer.generate", "m", price=price, local=local)
    assert found.cost == pytest.approx(cost)
