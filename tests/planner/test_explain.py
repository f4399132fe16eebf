"""Plans in words and as JSON, there and back."""

from __future__ import annotations

import json

import pytest
from planner_samples import LARGE, LOCAL, READER, SMALL, Past, measured, planner, request

from motet.core.json import dumps
from motet.planner.explain import Actual, from_json, to_json, to_text
from motet.planner.optimise import Objective
from motet.planner.plan import PhysicalPlan

PLANS = [
    planner().plan(request()),
    planner().plan(request(READER, has_knowledge=True, objective=Objective(quality=0.99))),
    planner().plan(request(LOCAL, has_knowledge=False)),
    planner().plan(request(pins={"answer": "openai/small"}, cite="required")),
    planner(measured(reader=0.123456789)).plan(request(READER, LARGE, SMALL, budget_usd=0.001)),
    planner(Past().add("answer.read", READER.name, *[1 / 3] * 7)).plan(request(READER)),
]


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_survives_json(plan: PhysicalPlan) -> None:
    written = dumps(to_json(plan))
    assert from_json(json.loads(written)) == plan
    assert dumps(to_json(from_json(json.loads(written)))) == written


def test_the_text_shows_choice_reason_and_rejections() -> None:
    text = to_text(planner().plan(request(objective=Objective(quality=0.9))))
    lines = text.splitlines()
    assert lines[0].startswith("plan for answer: quality 0.84, 2.03 s, $0.0003 (prior)")
    assert lines[1].startswith("warning: quality 0.84 is below the constraint 0.90")
    assert lines[2].startswith("cite: engine")
    assert "└─ answer: openai/small" in text
    assert "   └─ retrieve: hybrid" in text
    assert "chosen    nearest to the objective" in text
    assert "rejected  expert/reader: lower quality" in text
    assert "2350 tokens, prior" in text


def test_what_happened_stands_beside_the_estimate() -> None:
    plan = planner().plan(request(READER))
    actual = {
        "retrieve": Actual("done", 0.001, 0.05, 0, 0.0, 24),
        "answer": Actual("failed", 0.051, 0.8, 12, 0.002, None, "out of luck"),
    }
    text = to_text(plan, actual)
    assert text.splitlines()[0].endswith("; actual 851 ms, $0.0020")
    assert "actual    50 ms (2.0x the estimate), $0, 24 rows" in text
    assert "actual    800 ms (3.2x the estimate), $0.0020, 12 tokens, out of luck, failed" in text
    nodes = {node["id"]: node for node in json.loads(dumps(to_json(plan, actual)))["nodes"]}
    assert nodes["answer"]["actual"]["error"]["seconds"] == pytest.approx(0.55)
    assert nodes["answer"]["actual"]["error"]["tokens"] == 12
    assert "actual" not in nodes["cite"]
    assert from_json(to_json(plan, actual)) == plan


def test_a_measured_plan_says_on_how_many() -> None:
    plan = planner(measured()).plan(request(READER))
    assert "(measured on 9)" in to_text(plan).splitlines()[0]
