"""The scheduler: a node starts the moment its inputs exist, and every node is journalled."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest
from runtime_samples import node, plan

from motet.core.clock import now, tick
from motet.core.errors import MotetBug, ProviderError, UsageError
from motet.core.json import JSON
from motet.planner.plan import QUESTION, PhysicalPlan
from motet.runtime.context import Context, Means, Method, Outcome
from motet.runtime.executor import Executor
from motet.runtime.journal import Journal, Record, Usage

CONTEXT = Context(cast(Means, None), "Why?", (), lambda text: None)


class Methods:
    """Small methods whose order is written down."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.failing: dict[str, Exception] = {}
        self.moments: dict[str, asyncio.Event] = {}

    def moment(self, what: str) -> asyncio.Event:
        return self.moments.setdefault(what, asyncio.Event())

    def note(self, what: str) -> None:
        self.log.append(what)
        self.moment(what).set()

    def gate(self, name: str) -> asyncio.Event:
        return self.gates.setdefault(name, asyncio.Event())

    def table(self, *names: str) -> Mapping[str, Method]:
        return {name: self._method(name) for name in names}

    def _method(self, name: str) -> Method:
        async def method(
            context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
        ) -> Outcome:
            self.note(f"{name} starts")
            try:
                if name in self.gates:
                    await self.gates[name].wait()
                if name in self.failing:
                    raise self.failing[name]
            except asyncio.CancelledError:
                self.note(f"{name} cancelled")
                raise
            self.note(f"{name} ends")
            value = f"{name}({', '.join(map(str, inputs))})"
            return Outcome(value, Usage(3, 4, 0.5, 1, "noted"), {"kept": value})

        return method


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    found = Journal(tmp_path / "runs.db")
    yield found
    found.close()


@pytest.fixture
def methods() -> Methods:
    return Methods()


async def run(journal: Journal, methods: Mapping[str, Method], steps: PhysicalPlan) -> object:
    record = journal.begin("test", "Why?", steps)
    return await Executor(journal, methods).run(record.id, steps, CONTEXT)


def recorded(journal: Journal) -> Record:
    return journal.get(journal.recent()[0].id)


def statuses(journal: Journal) -> dict[str, str]:
    return {span.node: span.status for span in recorded(journal).nodes}


DIAMOND = plan(
    node("a", QUESTION), node("b", "a"), node("c", "a", QUESTION), node("d", "c", "b", "c")
)


def test_values_flow_along_the_edges(journal: Journal, methods: Methods) -> None:
    value = asyncio.run(run(journal, methods.table("a", "b", "c", "d"), DIAMOND))
    assert value == "d(c(a()), b(a()), c(a()))"
    record = recorded(journal)
    assert {span.node: span.value for span in record.nodes}["b"] == {"kept": "b(a())"}
    first = record.nodes[0]
    assert (first.node, first.status, first.usage) == ("a", "done", Usage(3, 4, 0.5, 1, "noted"))
    assert record.actual()["a"].tokens == 7
    assert len({span.span_id for span in record.nodes} | {record.span_id}) == 5


def test_a_node_starts_when_its_own_inputs_exist(journal: Journal, methods: Methods) -> None:
    steps = plan(
        node("slow", QUESTION), node("fast", QUESTION), node("after", "fast"),
        node("both", "slow", "after"),
    )  # fmt: skip
    names = ("slow", "fast", "after", "both")

    async def scenario() -> None:
        methods.gate("slow")
        task = asyncio.create_task(run(journal, methods.table(*names), steps))
        await methods.moment("after ends").wait()
        assert statuses(journal) == {"slow": "running", "fast": "done", "after": "done"}
        methods.gate("slow").set()
        assert await task == "both(slow(), after(fast()))"

    asyncio.run(scenario())
    assert methods.log.index("after ends") < methods.log.index("slow ends")


def test_nodes_without_edges_between_them_run_together(journal: Journal) -> None:
    async def wait(
        context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
    ) -> Outcome:
        await asyncio.sleep(0.2)
        return Outcome(1, Usage(), None)

    steps = plan(
        *(node(f"n{i}", QUESTION, method="wait") for i in range(20)),
        node("end", *(f"n{i}" for i in range(20)), method="wait"),
    )
    began = tick()
    asyncio.run(run(journal, {"wait": wait}, steps))
    assert tick() - began < 2.5


def test_a_failure_cancels_what_runs_and_starts_nothing(journal: Journal, methods: Methods) -> None:
    steps = plan(
        node("bad", QUESTION), node("slow", QUESTION), node("after", "slow"),
        node("end", "bad", "after"),
    )  # fmt: skip
    methods.failing["bad"] = ProviderError("no answer", where="openai/x")

    async def scenario() -> None:
        methods.gate("slow")
        methods.gate("bad")
        names = ("bad", "slow", "after", "end")
        task = asyncio.create_task(run(journal, methods.table(*names), steps))
        await methods.moment("slow starts").wait()
        methods.gate("bad").set()
        with pytest.raises(ProviderError, match="openai/x: no answer"):
            await task

    asyncio.run(scenario())
    assert "slow cancelled" in methods.log
    assert statuses(journal) == {"bad": "failed", "slow": "cancelled"}
    errors = {span.node: span.error for span in recorded(journal).nodes}
    assert errors == {"bad": "openai/x: no answer", "slow": "cancelled"}


def test_what_finished_before_a_failure_stays(journal: Journal, methods: Methods) -> None:
    methods.failing["c"] = ValueError("odd")
    with pytest.raises(ValueError, match="odd"):
        asyncio.run(run(journal, methods.table("a", "b", "c", "d"), DIAMOND))
    found = statuses(journal)
    assert (found["a"], found["c"]) == ("done", "failed")
    assert "d" not in found
    assert recorded(journal).nodes[-1].error in ("ValueError: odd", "cancelled", None)


def test_two_failures_raise_the_first(journal: Journal, methods: Methods) -> None:
    methods.failing["a"] = ProviderError("first")
    methods.failing["b"] = ProviderError("second")
    steps = plan(node("a", QUESTION), node("b", QUESTION), node("c", "a", "b"))
    with pytest.raises(ProviderError, match="first"):
        asyncio.run(run(journal, methods.table("a", "b", "c"), steps))


def test_cancelling_the_run_cancels_its_nodes(journal: Journal, methods: Methods) -> None:
    async def scenario() -> None:
        methods.gate("b")
        methods.gate("c")
        task = asyncio.create_task(run(journal, methods.table("a", "b", "c", "d"), DIAMOND))
        await methods.moment("b starts").wait()
        await methods.moment("c starts").wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert statuses(journal) == {"a": "done", "b": "cancelled", "c": "cancelled"}
    assert {"b cancelled", "c cancelled"} <= set(methods.log)


def test_a_method_without_code_is_our_mistake(journal: Journal, methods: Methods) -> None:
    with pytest.raises(MotetBug, match="no code for method 'b'"):
        asyncio.run(run(journal, methods.table("a", "c", "d"), DIAMOND))


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from runtime_samples import node, plan
from motet.planner.plan import QUESTION
from motet.runtime.context import Context, Outcome
from motet.runtime.executor import Executor
from motet.runtime.journal import Journal, Usage

async def quick(context, inputs, arguments):
    return Outcome("quick", Usage(rows=1), "kept")

async def killing(context, inputs, arguments):
    os.kill(os.getpid(), signal.SIGKILL)

steps = plan(node("quick", QUESTION), node("killing", "quick"))
journal = Journal(Path(sys.argv[1]))
record = journal.begin("test", "Why?", steps)
methods = {"quick": quick, "killing": killing}
asyncio.run(Executor(journal, methods).run(record.id, steps, Context(None, "Why?", (), print)))
"""


def test_a_killed_process_leaves_what_it_did(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    here = str(Path(__file__).parent)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path), here], env=os.environ)
    assert killed.returncode == -9
    journal = Journal(path)
    record = recorded(journal)
    assert (record.status, record.seconds) == ("running", None)
    assert statuses(journal) == {"quick": "done", "killing": "running"}
    assert record.nodes[0].value == "kept"
    assert "running" in record.explained()
    journal.close()


# The journal


def finish(journal: Journal, seconds: Callable[[int], float], count: int) -> None:
    for number in range(count):
        record = journal.begin("test", f"Question {number}?", DIAMOND)
        journal.begin_node(record.id, DIAMOND.node("a"), now())
        journal.end_node(
            record.id, "a", status="done", seconds=seconds(number), usage=Usage(10, 2, 0.1)
        )
        journal.end(record.id, "done", 1.0, {"model": "m", "abstained": False}, None)


def test_runs_are_listed_newest_first(journal: Journal) -> None:
    finish(journal, float, 5)
    other = journal.begin("other", "Why?", DIAMOND)
    questions = [record.question for record in journal.recent("test", limit=3)]
    assert questions == ["Question 4?", "Question 3?", "Question 2?"]
    assert journal.recent()[0].id == other.id
    assert journal.recent("test")[0].summary()["model"] == "m"
    assert journal.has(other.id)
    assert not journal.has("run_0")
    with pytest.raises(UsageError, match="no such run"):
        journal.get("run_0")


def test_what_nodes_took_is_remembered(journal: Journal) -> None:
    assert journal.observed("a", "choice") is None
    finish(journal, lambda number: float(9 - number), 9)
    seen = journal.observed("a", "choice")
    assert seen is not None
    assert list(seen.seconds) == [float(n) for n in range(1, 10)]
    assert (seen.input_tokens, seen.output_tokens) == (10, 2)
    assert seen.cost == pytest.approx(0.1)


def test_a_run_that_ends_leaves_no_node_running(journal: Journal) -> None:
    record = journal.begin("test", "Why?", DIAMOND)
    journal.begin_node(record.id, DIAMOND.node("a"), now())
    journal.end(record.id, "failed", 0.5, None, "a reason")
    assert statuses(journal) == {"a": "cancelled"}
    found = journal.get(record.id).to_json()
    assert (found["status"], found["error"], found["answer"]) == ("failed", "a reason", None)


def test_another_process_sees_a_run_while_it_runs(journal: Journal, tmp_path: Path) -> None:
    record = journal.begin("test", "Why?", DIAMOND)
    journal.begin_node(record.id, DIAMOND.node("a"), now())
    other = Journal(tmp_path / "runs.db")
    assert other.get(record.id).nodes[0].status == "running"
    assert other.get(record.id).plan == record.plan
    other.close()
