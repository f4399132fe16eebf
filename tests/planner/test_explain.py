"""Plans in words and as JSON, there and back, with what happened beside them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace

import pytest

from motet.core.json import dumps
from motet.planner.explain import Actual, from_json, to_json, to_text
from motet.planner.plan import Estimate, Part, PhysicalNode, PhysicalPlan, Rejection

PRIOR = Estimate(0.85, 0.25, 0.125, 0.75, 0.0, 0, "prior")
PAID = Estimate(0.7, 2.0, 1.5, 4.0, 0.002, 2350, "measured", 9)
NOTHING = Estimate(1.0, 0.0, 0.0, 0.0, 0.0, 0, "prior")


def node(id: str, *inputs: str, estimate: Estimate = NOTHING, **more: object) -> PhysicalNode:
    """Return a node named after its operator."""
    operator = id.partition(".")[0]
    parts = {"method": "python", "choice": "", "arguments": {}, "effect": "read", **more}
    return PhysicalNode(
        id=id,
        operator=operator,
        inputs=inputs or ("question",),
        estimate=estimate,
        **parts,  # type: ignore[arg-type]
    )


def plan_of(*nodes: PhysicalNode, estimate: Estimate = NOTHING, **more: object) -> PhysicalPlan:
    """Return a plan whose last node is the output."""
    return PhysicalPlan("test", nodes, nodes[-1].id, estimate, **more)  # type: ignore[arg-type]


def ran(started: float, seconds: float, **more: object) -> Actual:
    """Return what happened at a node."""
    parts = {"status": "done", "tokens": 0, "cost": 0.0, "rows": None, **more}
    return Actual(started=started, seconds=seconds, **parts)  # type: ignore[arg-type]


ASKING = plan_of(
    node(
        "retrieve",
        choice="hybrid",
        arguments={"mode": "hybrid", "k": 10},
        estimate=replace(PRIOR, quality=0.98, seconds=0.025, low=0.0125, high=0.075),
        reason="best quality",
        rejected=(Rejection("lexical", "lower quality: 0.65 < 0.68", PRIOR),),
    ),
    node("answer", "question", "retrieve", choice="openai/small", estimate=PAID, pinned=True),
    node("cite", "answer", choice="engine", effect="pure", estimate=replace(PRIOR, seconds=0.001)),
    estimate=PAID,
    warnings=("quality 0.70 is below the constraint 0.90",),
    task="answer",
    cached=False,
)
ASKED = {
    "retrieve": ran(0.001, 0.05, rows=24),
    "answer": ran(0.051, 3.0, tokens=2000, cost=0.003, rows=1, note="answerable 0.94"),
    "cite": ran(3.053, 0.0005, rows=1),
}
ASKED_TEXT = """\
plan for test: quality 0.70, 2.00 s, $0.0020 (measured on 9); actual 3.05 s, $0.0030
3 done; critical path 3.05 s; parallelism 1.0 (at most 1 at once); idle 3.0 ms; 2000 tokens
* critical path: retrieve → answer → cite
warning: quality 0.70 is below the constraint 0.90
* cite: engine  pure
│  estimate  quality 0.85, 1.0 ms (125 ms to 750 ms), $0, prior
│  actual    500 µs (0.5x the estimate), <1% of time, $0, 1 row
└─ * answer: openai/small  read pinned
   │  estimate  quality 0.70, 2.00 s (1.50 s to 4.00 s), $0.0020, 2350 tokens, measured on 9
   │  actual    3.00 s (1.5x the estimate), 98% of time, $0.0030 (100%), 2000 tokens (100%), \
1 row, answerable 0.94
   └─ * retrieve: hybrid  k=10 read
         estimate  quality 0.98, 25 ms (12 ms to 75 ms), $0, prior
         actual    50 ms (2.0x the estimate), 2% of time, $0, 24 rows
         chosen    best quality
         rejected  lexical: lower quality: 0.65 < 0.68"""

WRITTEN = plan_of(
    node("find"),
    node("price", "find"),
    node("price.2", "find"),
    node("chart", "price", "price.2", "find", effect="once"),
)
WROTE = {
    "find": ran(0.0, 1.0),
    "find/page": ran(0.25, 0.5, parent="find", operator="fetch", choice="web"),
    "price": ran(1.0, 2.0, attempts=2, cost=0.01),
    "price.2": ran(1.0, 0.5, cost=0.03),
    "chart": ran(3.0, 0.0, status="paused"),
}
WROTE_TEXT = """\
plan for test: not estimated; actual 3.00 s, $0.0400
4 done, 1 paused; critical path 3.00 s; parallelism 1.2 (at most 2 at once); idle 0 ms
* critical path: find → find/page → price → chart
* chart  once
│  estimate  not estimated
│  actual    paused for at least 0 ms, 0% of time
├─ * price  read
│  │  estimate  not estimated
│  │  actual    2.00 s, 58% of time, $0.0100 (25%), 2 attempts
│  │  ∥ with    price.2
│  └─ * find  read
│        estimate  not estimated
│        actual    1.00 s, 500 ms by itself, 17% of time
│        ┊ * find/page (fetch): web  500 ms, 17% of time
├─ price.2  read
│  │  estimate  not estimated
│  │  actual    500 ms, 8% of time, $0.0300 (75%), slack 1.50 s
│  │  ∥ with    price
│  └─ * find  (see above)
└─ * find  (see above)"""


@pytest.mark.parametrize(
    ("plan", "actual", "text"),
    [(ASKING, ASKED, ASKED_TEXT), (WRITTEN, WROTE, WROTE_TEXT)],
    ids=["declared", "written"],
)
def test_what_happened_stands_beside_the_plan(
    plan: PhysicalPlan, actual: Mapping[str, Actual], text: str
) -> None:
    assert to_text(plan, actual).splitlines() == text.splitlines()


def test_a_plan_alone_speaks_of_no_run() -> None:
    text = to_text(ASKING)
    assert text.splitlines()[0] == "plan for test: quality 0.70, 2.00 s, $0.0020 (measured on 9)"
    assert text.splitlines()[1].startswith("warning: ")
    assert not {"actual", "critical", "∥", "*"} & set(text.replace(":", " ").split())
    assert to_text(replace(ASKING, cached=True)).splitlines()[0].endswith(", planned before")


@pytest.mark.parametrize("plan", [ASKING, WRITTEN])
def test_a_plan_survives_json(plan: PhysicalPlan) -> None:
    written = dumps(to_json(plan))
    assert from_json(json.loads(written)) == plan
    assert dumps(to_json(from_json(json.loads(written)))) == written
    assert from_json(json.loads(dumps(to_json(plan, ASKED)))) == plan


def test_a_plan_of_an_earlier_version_is_read() -> None:
    old = json.loads(dumps(to_json(ASKING)))
    for name in ("warnings", "task", "cached"):
        del old[name]
    for each in old["nodes"]:
        for name in ("reason", "rejected", "pinned"):
            del each[name]
        for name in ("quality_low", "quality_high", "scored", "cost_high_usd", "calls"):
            del each["estimate"][name]
    read = from_json(old)
    assert read.nodes[1] == replace(ASKING.nodes[1], pinned=False)
    assert read.warnings == ()


def test_json_says_what_happened() -> None:
    found = json.loads(dumps(to_json(WRITTEN, WROTE)))
    nodes = {each["id"]: each for each in found["nodes"]}
    price = nodes["price"]["actual"]
    assert (price["critical"], price["critical_seconds"], price["attempts"]) == (True, 2.0, 2)
    assert price["shares"]["cost"] == 0.25
    assert price["together"] == {"count": 1, "nodes": ["price.2"]}
    assert price["error"]["seconds"] == 2.0
    assert nodes["price.2"]["actual"]["slack_seconds"] == 1.5
    assert nodes["chart"]["actual"]["slack_seconds"] is None
    run = found["analysis"]
    assert run["critical_path"] == ["find", "find/page", "price", "chart"]
    assert (run["wall_seconds"], run["work_seconds"], run["peak"]) == (3.0, 3.5, 2)
    [added] = run["added"]
    assert (added["id"], added["operator"], added["choice"]) == ("find/page", "fetch", "web")
    assert added["actual"]["parent"] == "find"
    assert "analysis" not in to_json(WRITTEN)


def test_a_node_that_never_ran_says_so() -> None:
    text = to_text(ASKING, {"retrieve": ran(0, 1, status="failed", failure="no\nsuch \x1b[1mfile")})
    assert "actual    did not run" in text
    assert "1.00 s (40.0x the estimate), 100% of time, $0, failed, no such �[1mfile" in text
    assert "actual" not in to_json(ASKING, {"retrieve": ran(0, 1)})["nodes"][1]  # type: ignore
    assert "did not run" in to_text(ASKING, {})


def test_a_composite_node_shows_its_parts() -> None:
    parts = [
        Part("cheap", "answer", "answer.read", "expert/reader", "read", estimate=PRIOR),
        Part("dear", "answer", "answer.generate", "openai/large", "read", when="the check fails",
             estimate=PAID),
        Part("call", "call", "call", "price, search", "read", times=12),
    ]  # fmt: skip
    arguments = {"parts": [each.to_json() for each in parts]}
    plan = plan_of(node("answer", arguments=arguments, estimate=PAID))
    before = to_text(plan).splitlines()
    assert before[3:] == [
        "   ┊ answer/cheap (answer): expert/reader  estimate 250 ms (125 ms to 750 ms), $0",
        "   ┊ answer/dear (answer): openai/large  estimate 2.00 s (1.50 s to 4.00 s), $0.0020, "
        "2350 tokens, when the check fails",
        "   ┊ answer/call: price, search  up to 12 times",
    ]
    after = to_text(
        plan,
        {
            "answer": ran(0.0, 1.0),
            "answer/cheap": ran(0.0, 0.5, parent="answer"),
            "answer/call.2": ran(0.5, 0.5, parent="answer", choice="price"),
        },
    )
    assert "┊ * answer/cheap (answer): expert/reader  500 ms (2.0x the estimate), 50% of" in after
    assert "┊ answer/dear (answer): openai/large  did not run, estimate 2.00 s" in after
    assert "┊ * answer/call.2: price  500 ms" in after
    assert "answer/call: " not in after


def test_an_argument_named_parts_is_none() -> None:
    assert "parts=[1, 2]" in to_text(plan_of(node("cut", arguments={"parts": "[1, 2]"})))


def wide(count: int) -> tuple[PhysicalPlan, dict[str, Actual]]:
    """Return a plan in which one node waits for many of one operator."""
    names = [f"price.{number}" for number in range(count)]
    plan = plan_of(node("find"), *(node(each, "find") for each in names), node("sum", *names))
    actual = {"find": ran(0.0, 0.25), "sum": ran(0.75, 0.1)}
    for number, name in enumerate(names):
        status = "failed" if number in (5, 500) else "done"
        actual[name] = ran(0.25, 0.5 if number == 700 else 0.001 * (number % 100), status=status)
    return plan, actual


def test_many_siblings_are_shown_as_the_few_that_matter_and_the_rest() -> None:
    plan, actual = wide(1000)
    lines = to_text(plan, actual).splitlines()
    assert len(lines) < 50
    assert sum("─ price." in each for each in lines) == 7
    assert "├─ * price.700  read" in lines
    assert "├─ price.5  read" in lines
    assert "├─ price.500  read" in lines
    assert "└─ … 992 more `price`: median 49 ms, slowest 99 ms" in lines
    few_failed = {each: replace(found, status="failed") for each, found in actual.items()}
    assert "slowest 99 ms, 992 failed" in to_text(plan, few_failed)
    assert to_text(plan).splitlines()[-1] == "└─ … 992 more `price`: not estimated"


def test_many_steps_of_a_workflow_are_collapsed() -> None:
    plan = plan_of(node("flow"))
    actual = {"flow": ran(0.0, 10.0)}
    names = (f"flow/step-{i:016x}" if i % 2 else f"flow/step.{i}" for i in range(1, 1001))
    actual |= {name: ran(i * 0.01, 0.005, parent="flow") for i, name in enumerate(names)}
    lines = to_text(plan, actual).splitlines()
    assert len(lines) < 20
    assert lines[-1] == "   ┊ … 992 more `step`: median 5.0 ms, slowest 5.0 ms"


def test_nodes_that_no_plan_foresaw_are_shown() -> None:
    text = to_text(
        plan_of(node("flow")),
        {"flow": ran(0, 1), "late": ran(1, 1), "late/x": ran(1, 1, parent="late")},
    )
    assert text.splitlines()[-3:] == [
        "added while running:",
        "┊ * late  1.00 s, 0 ms by itself, 0% of time",
        "┊ ┊ * late/x  1.00 s, 50% of time",
    ]


@pytest.mark.parametrize("shape", ["wide", "deep", "deep steps"])
def test_a_huge_plan_stays_readable(shape: str) -> None:
    if shape == "wide":
        plan, actual = wide(10_000)
    elif shape == "deep":
        plan = plan_of(node("s.0"), *(node(f"s.{i}", f"s.{i - 1}") for i in range(1, 10_000)))
        actual = {each.id: ran(i, 1) for i, each in enumerate(plan.nodes)}
    else:
        plan, actual, name = plan_of(node("flow")), {"flow": ran(0, 1)}, "flow"
        for _ in range(1000):
            actual[f"{name}/s"] = ran(0, 1, parent=name)
            name += "/s"
    began = time.process_time()
    text = to_text(plan, actual)
    assert time.process_time() - began < 3
    assert len(text) < 150_000
    assert max(map(len, text.splitlines())) < 400
    if shape != "wide":
        assert text.splitlines()[-1].startswith("not shown: ")
    if shape == "deep":
        assert "(goes on below)" in text


def test_a_diamond_of_diamonds_is_printed_once() -> None:
    nodes = [node("a.0")]
    for level in range(1, 40):
        before = [each.id for each in nodes[-2:]]
        nodes += [node(f"a.{level}", *before), node(f"b.{level}", *before)]
    plan = plan_of(*nodes, node("end", "a.39", "b.39"))
    text = to_text(plan)
    assert len(text.splitlines()) < 300
    assert "(see above)" in text
