"""Plans of declared systems as runs: nodes, their steps, people's decisions, and resuming."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from plan_samples import cut_off
from runtime_samples import node, plan

from motet.core.errors import ApprovalNeeded, BudgetSpent, MotetBug, ProviderError
from motet.core.json import JSON
from motet.planner.plan import QUESTION, PhysicalPlan
from motet.runtime.budget import Budget
from motet.runtime.context import Context, Means, Method, Outcome, Steps
from motet.runtime.declared import Code, begun, carried_out
from motet.runtime.journal import Journal
from motet.runtime.records import Record, Usage
from motet.runtime.runs import KEEP, answer

DIAMOND = plan(
    node("a", QUESTION), node("b", "a"), node("c", "a", QUESTION), node("d", "c", "b", "c")
)


class Methods:
    """Small methods; what they do is written down."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.failing: dict[str, Exception] = {}
        self.slow: set[str] = set()

    def table(self, steps: PhysicalPlan) -> dict[str, Method]:
        return {each.method: self._method(each.method) for each in steps.nodes}

    def _method(self, name: str) -> Method:
        async def method(
            context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
        ) -> Outcome:
            self.log.append(f"{name} starts")
            try:
                if name in self.slow:
                    await asyncio.sleep(30)
                if name in self.failing:
                    raise self.failing[name]
            except asyncio.CancelledError:
                self.log.append(f"{name} cancelled")
                raise
            self.log.append(f"{name} ends")
            value = f"{name}({', '.join(map(str, inputs))})"
            return Outcome(value, Usage(3, 4, 0.5, 1, "noted"), {"$kept": value})

        return method


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    found = Journal(tmp_path / "runs.db")
    yield found
    found.close()


@pytest.fixture
def methods() -> Methods:
    return Methods()


async def run(
    journal: Journal,
    methods: Mapping[str, Method],
    steps: PhysicalPlan,
    record: Record | None = None,
    **options: Any,
) -> object:
    """Run a plan, or go on with a recorded run."""
    again = record is not None
    record = record or begun("test", "Why?", steps)
    restore = {name: lambda context, kept: kept["$kept"] for name in methods}
    spans = {span.node: span for span in journal.get(record.id).nodes} if again else None
    value, _ = await carried_out(
        replace(record, status="running", nodes=()),
        steps,
        journal,
        Code(methods, restore),  # type: ignore[arg-type]
        lambda found: Context(cast(Means, None), "Why?", (), lambda text: None, found),
        spans=spans,
        **options,
    )
    await journal.flush()
    return value


def recorded(journal: Journal) -> Record:
    return journal.get(journal.recent()[0].id)


def statuses(journal: Journal) -> dict[str, str]:
    return {span.node: span.status for span in recorded(journal).nodes}


def test_values_flow_along_the_edges(journal: Journal, methods: Methods) -> None:
    value = asyncio.run(run(journal, methods.table(DIAMOND), DIAMOND))
    assert value == "d(c(a()), b(a()), c(a()))"
    record = recorded(journal)
    assert {span.node: span.value for span in record.nodes}["b"] == {"$dict": [["$kept", "b(a())"]]}
    first = record.nodes[0]
    assert (first.node, first.status, first.usage) == ("a", "done", Usage(3, 4, 0.5, 1, "noted"))
    assert (record.nodes[-1].needs, first.method, first.choice) == (("c", "b"), "a", "choice")
    assert record.actual()["a"].tokens == 7
    assert len({span.span_id for span in record.nodes} | {record.span_id}) == 5


def test_a_failure_cancels_what_runs_and_starts_nothing(journal: Journal, methods: Methods) -> None:
    steps = plan(
        node("slow", QUESTION), node("bad", QUESTION), node("after", "slow"),
        node("end", "bad", "after"),
    )  # fmt: skip
    methods.failing["bad"] = ProviderError("no answer", where="openai/x")
    methods.slow.add("slow")
    with pytest.raises(ProviderError, match="openai/x: no answer"):
        asyncio.run(run(journal, methods.table(steps), steps))
    assert "slow cancelled" in methods.log
    assert statuses(journal) == {"bad": "failed", "slow": "cancelled"}
    record = recorded(journal)
    assert (record.status, record.error) == ("failed", "openai/x: no answer")


def test_what_finished_is_restored_and_not_run_again(journal: Journal, methods: Methods) -> None:
    methods.failing["c"] = ValueError("odd")
    with pytest.raises(ValueError, match="odd"):
        asyncio.run(run(journal, methods.table(DIAMOND), DIAMOND))
    assert statuses(journal)["a"] == "done"
    assert "d" not in statuses(journal)
    methods.failing.clear()
    methods.log.clear()
    value = asyncio.run(run(journal, methods.table(DIAMOND), DIAMOND, recorded(journal)))
    assert value == "d(c(a()), b(a()), c(a()))"
    assert "a starts" not in methods.log
    assert methods.log.count("c starts") == 1
    assert set(statuses(journal).values()) == {"done"}


def test_cancelling_the_run_cancels_its_nodes(journal: Journal, methods: Methods) -> None:
    methods.slow |= {"b", "c"}

    going = run(journal, methods.table(DIAMOND), DIAMOND)
    asyncio.run(cut_off(going, lambda: "c starts" in methods.log))
    assert statuses(journal) == {"a": "done", "b": "cancelled", "c": "cancelled"}
    assert {"b cancelled", "c cancelled"} <= set(methods.log)
    assert recorded(journal).status == "cancelled"


def test_a_method_without_code_is_our_mistake(journal: Journal, methods: Methods) -> None:
    table = methods.table(DIAMOND)
    del table["b"]
    with pytest.raises(MotetBug, match="no code for method 'b'"):
        asyncio.run(run(journal, table, DIAMOND))


def test_a_budget_counts_what_calls_models(journal: Journal, methods: Methods) -> None:
    steps = plan(
        node("a", QUESTION), node("b", "a", method="answer.generate"),
        node("c", "b", method="answer.generate"), node("d", "c", method="answer.generate"),
    )  # fmt: skip
    with pytest.raises(BudgetSpent):
        asyncio.run(run(journal, methods.table(steps), steps, budget=Budget(calls=2)))
    assert methods.log.count("answer.generate starts") == 2
    assert methods.log.count("a starts") == 1


# Steps of a node

ONE = plan(node("top", QUESTION))


class Parts:
    """A method that takes steps beside each other and may ask a person."""

    def __init__(self, *, asks: bool = False) -> None:
        self.called: list[str] = []
        self.failing: set[str] = set()
        self.asks = asks

    def table(self) -> dict[str, Method]:
        return {"top": self._top}

    async def _top(
        self, context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
    ) -> Outcome:
        found = await asyncio.gather(
            *(self._step(context.steps, each) for each in "abc"), return_exceptions=True
        )
        if self.asks:
            decision = await context.steps.approve("ask", "go on?", {"n": 1})
            found.append((decision.approved, decision.value, decision.reason))
        if failed := [each for each in found if isinstance(each, BaseException)]:
            raise failed[0]
        return Outcome(found, Usage(), {"$kept": "top"})

    async def _step(self, steps: Steps, name: str) -> object:
        async def call() -> Outcome:
            self.called.append(name)
            if name in self.failing:
                raise ProviderError(f"{name} is away")
            return Outcome(name.upper(), Usage(1, 2, 0.1), {"said": name})

        def restored(record: JSON) -> object:
            return f"{record['said'].upper()} again"  # type: ignore[index, call-overload, union-attr]

        return await steps.step(
            name, call, operator="part", method="part.x", choice=f"c/{name}", task="t",
            restore=restored, limit=("parts", 2),
        )  # fmt: skip


def test_steps_are_nodes_of_their_own(journal: Journal) -> None:
    parts = Parts()
    assert asyncio.run(run(journal, parts.table(), ONE)) == ["A", "B", "C"]
    record = recorded(journal)
    spans = {span.node: span for span in record.nodes}
    assert set(spans) == {"top", "top/a", "top/b", "top/c"}
    step = spans["top/b"]
    assert (step.parent, step.operator, step.method, step.choice, step.task) == (
        "top", "part", "part.x", "c/b", "t",
    )  # fmt: skip
    assert step.usage == Usage(1, 2, 0.1)


def test_a_step_that_fails_keeps_its_siblings(journal: Journal) -> None:
    parts = Parts()
    parts.failing.add("b")
    with pytest.raises(ProviderError, match="b is away"):
        asyncio.run(run(journal, parts.table(), ONE))
    assert statuses(journal) == {
        "top": "failed", "top/a": "done", "top/b": "failed", "top/c": "done",
    }  # fmt: skip
    parts.failing.clear()
    value = asyncio.run(run(journal, parts.table(), ONE, recorded(journal)))
    assert value == ["A again", "B", "C again"]
    assert parts.called == ["a", "b", "c", "b"]


@pytest.mark.parametrize(
    ("decide", "expected"),
    [
        (lambda run, home: answer(run, "top/ask", home=home), (True, {"n": 1}, "")),
        (lambda run, home: answer(run, "top/ask", {"n": 2}, home=home), (True, {"n": 2}, "")),
        (
            lambda run, home: answer(run, "top/ask", KEEP, refuse="no", home=home),
            (False, {"n": 1}, "no"),
        ),
    ],
    ids=["approved", "edited", "refused"],
)
def test_a_person_decides_within_a_node(
    journal: Journal, tmp_path: Path, decide: Callable[[str, Path], None], expected: object
) -> None:
    parts = Parts(asks=True)
    with pytest.raises(ApprovalNeeded, match=r"waits for a person: top/ask: go on\?"):
        asyncio.run(run(journal, parts.table(), ONE))
    assert (recorded(journal).status, statuses(journal)["top/ask"]) == ("paused", "paused")
    decide(recorded(journal).id, tmp_path)
    value = asyncio.run(run(journal, parts.table(), ONE, recorded(journal)))
    assert value == ["A again", "B again", "C again", expected]
    assert sorted(parts.called) == ["a", "b", "c"]
    assert set(statuses(journal).values()) == {"done"}
