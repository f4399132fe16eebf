"""Written plans as the planner and `explain` see them."""

from __future__ import annotations

from typing import Any

import motet
from motet.planner.lowering import METHOD, choice, lowered
from motet.planner.plan import Estimate

A_SECOND = Estimate(0.9, 1.0, 0.5, 2.0, 0.01, 100, "measured", 9)


@motet.operator(effect="read")
def price(company: str) -> float:
    return float(len(company))


@motet.operator(effect="once")
def order(prices: Any, *, note: str = "") -> str:
    return note


def test_nodes_edges_and_arguments_are_kept() -> None:
    plan = motet.Plan("shopping")
    a, b = plan.add(price, "A"), plan.add(price, "B" * 100)
    sent = plan.add(order, {"deep": [a, (b["x"], a)]}, note="$price stays text")
    found = lowered(plan.to_json(sent))
    assert (found.skill, found.output) == ("shopping", "order")
    assert [each.id for each in found.nodes] == ["price", "price.2", "order"]
    node = found.nodes[2]
    assert (node.inputs, node.effect, node.method) == (("price", "price.2"), "once", METHOD)
    assert node.choice.endswith("test_lowering.order")
    assert node.arguments["note"] == '"$price stays text"'
    shown = found.nodes[1].arguments["0"]
    assert isinstance(shown, str)
    assert len(shown) < 70
    assert found.nodes[0].arguments == {"0": '"A"'}
    assert lowered(plan.to_json(plan.add(price, a["k"][0]))).nodes[-1].arguments == {
        "0": "$price['k'][0]"
    }


def test_several_wanted_values_hang_under_one_node() -> None:
    plan = motet.Plan()
    refs = [plan.add(price, "A"), plan.add(price, "B")]
    found = lowered(plan.to_json({"all": refs}))
    assert found.output == "want"
    assert found.nodes[-1].inputs == ("price", "price.2")
    assert lowered(motet.Plan().to_json([])).nodes[-1].inputs == ()


def test_time_is_the_longest_path_and_money_the_sum() -> None:
    plan = motet.Plan()
    a, b = plan.add(price, "A"), plan.add(price, "B")
    sent = plan.add(order, [a, b])
    total = lowered(
        plan.to_json(sent), {"price": A_SECOND, "price.2": A_SECOND, "order": A_SECOND}
    ).estimate
    assert (total.seconds, total.low, total.high) == (2.0, 1.0, 4.0)
    assert (round(total.cost, 6), total.tokens) == (0.03, 300)
    assert (total.basis, total.samples) == ("measured", 9)
    assert round(total.quality, 6) == 0.729
    assert lowered(plan.to_json(sent), {"price": A_SECOND}).estimate.basis == "prior"


def test_values_that_look_like_references_are_none() -> None:
    plan = motet.Plan()
    plan.add(price, "A")
    plan.add(order, {"$ref": ["price"]}, note="x")
    found = lowered(plan.to_json("$price"))
    assert found.nodes[1].inputs == ()


def test_a_choice_reads_like_a_name() -> None:
    def inner() -> None:
        """Do nothing."""

    name = choice(motet.operator(inner).to_json())
    assert name.endswith("test_a_choice_reads_like_a_name.inner")
    assert motet.operator(inner).choice == name
