"""The scheduler: a node starts the moment its inputs exist, and every run ends."""

from __future__ import annotations

import asyncio
import contextvars
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from plan_samples import alone, cut_off, ends, statuses, until

import motet
from motet.core.clock import tick
from motet.runtime.runs import get


@motet.operator(effect="pure")
def add(*numbers: float) -> float:
    return sum(numbers)


@motet.operator(effect="pure")
async def double(x: float) -> float:
    return 2 * x


@motet.operator(effect="read")
async def pause(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return seconds


@motet.operator(effect="pure")
def same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Order:
    company: str
    prices: list[object]


def test_references_stand_anywhere_in_arguments(tmp_path: Path) -> None:
    plan = motet.Plan()
    a = plan.add(double, 1)
    b = plan.add(double, x=a)
    value = plan.add(same, Order("x", [a, (b, {"deep": [a, b]})]))
    total = plan.add(add, a, *[b, b])
    run = ends(plan, tmp_path, want={"value": value, "all": [total, b], "item": value})
    order = Order("x", [2, (4, {"deep": [2, 4]})])
    assert run.value == {"value": order, "all": [10, 4], "item": order}


def test_a_reference_leads_into_a_value(tmp_path: Path) -> None:
    plan = motet.Plan()
    found = plan.add(same, {"a": [1, {"b": 7}]})
    assert ends(plan, tmp_path, want=plan.add(double, found["a"][1]["b"])).value == 14
    plan.add(double, found["a"][5]["b"])
    run = ends(plan, tmp_path)
    assert isinstance(run.error, motet.PlanError)
    assert "'same' has no ['a'][5]" in str(run.error)


def test_a_node_starts_when_its_own_inputs_exist(tmp_path: Path) -> None:
    plan = motet.Plan()
    slow = plan.add(pause, 0.3)
    after = plan.add(double, plan.add(pause, 0.0))
    run = ends(plan, tmp_path, want=[slow, after])
    nodes = {each.id: each for each in run.nodes}
    slow_end = nodes["pause"].started + (nodes["pause"].seconds or 0)
    assert nodes["double"].started < slow_end - 0.2


def test_nodes_without_edges_between_them_run_together(tmp_path: Path) -> None:
    plan = motet.Plan()
    threads = [plan.add(motet.operator(time.sleep), 0.2) for _ in range(20)]
    coroutines = [plan.add(pause, 0.2) for _ in range(200)]
    began = tick()
    assert ends(plan, tmp_path, want=[threads, coroutines]).status == "done"
    assert tick() - began < 2


def test_a_failure_cancels_what_runs_and_starts_nothing(tmp_path: Path) -> None:
    cancelled: list[str] = []

    async def slow() -> float:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.append("slow")
            raise
        return 1.0

    async def bad() -> float:
        await asyncio.sleep(0.05)
        raise motet.ProviderError("no answer", where="openai/x")

    plan = motet.Plan()
    a, b, c = plan.add(same, 1), plan.add(bad), plan.add(slow)
    run = ends(plan, tmp_path, want=[a, b, plan.add(double, c)])
    assert (run.status, str(run.error)) == ("failed", "openai/x: no answer")
    assert statuses(run) == {"same": "done", "bad": "failed", "slow": "cancelled"}
    assert {each.id: each.error for each in run.nodes}["bad"] == "openai/x: no answer"
    assert cancelled == ["slow"]


def test_cancelling_the_run_cancels_its_nodes(tmp_path: Path) -> None:
    began: list[float] = []

    @motet.operator
    async def rest(seconds: float) -> None:
        began.append(seconds)
        await asyncio.sleep(seconds)

    plan = motet.Plan()
    plan.add(motet.map, rest, [30, 30])
    plan.add(rest, 30)
    asyncio.run(cut_off(motet.arun(plan, id="x", home=tmp_path), lambda: len(began) == 3))
    run = get("x", home=tmp_path)
    assert run.status == "cancelled"
    assert Counter(each.status for each in run.nodes) == {"cancelled": 4}


def test_operators_that_block_do_not_block_the_loop(tmp_path: Path) -> None:
    go, waiting = threading.Event(), []

    @motet.operator
    def blocks() -> bool:
        waiting.append(1)
        return go.wait(20)

    @motet.operator
    async def frees() -> None:
        await until(lambda: len(waiting) == 50)  # all block, and the loop goes round
        go.set()

    plan = motet.Plan()
    want = [*(plan.add(blocks) for _ in range(50)), plan.add(frees)]
    assert ends(plan, tmp_path, within=30, want=want).value == [*[True] * 50, None]


SETTING: contextvars.ContextVar[str] = contextvars.ContextVar("setting", default="outer")


@pytest.mark.parametrize("sync", [True, False])
def test_what_a_node_sets_is_its_own(tmp_path: Path, sync: bool) -> None:
    def sets(*_: object) -> str:
        found = SETTING.get()
        SETTING.set("changed")
        return found

    async def sets_later(*_: object) -> str:
        return sets()

    @motet.workflow
    async def parent() -> list[str]:
        SETTING.set("parent's")
        return [await sets_later(), SETTING.get()]

    setter = motet.operator(sets if sync else sets_later)
    plan = motet.Plan()
    refs = [plan.add(setter)]
    refs.append(plan.add(setter, refs[0]))
    refs.append(plan.add(setter, refs[0], refs[1]))
    token = SETTING.set("caller's")
    try:
        run = ends(plan, tmp_path, want=refs)
    finally:
        SETTING.reset(token)
    assert run.value == ["caller's"] * 3
    assert SETTING.get() == "outer"


# Operators that call operators


@motet.operator(effect="read")
def thread_of(x: int) -> str:
    return f"{threading.current_thread().name}:{x}"


@motet.workflow
def sync_parent(x: int) -> Any:
    return [double(x), thread_of(x)]


@motet.workflow
async def async_parent(x: int) -> Any:
    first: Any = thread_of(x)
    return [await double(x), await first, await asyncio.to_thread(double, x + 1)]


def test_either_kind_calls_either_kind(tmp_path: Path) -> None:
    plan = motet.Plan()
    refs = [plan.add(sync_parent, 1), plan.add(async_parent, 2)]
    run = ends(plan, tmp_path, want=refs)
    (one, first), (two, second, three) = run.value  # type: ignore[misc]
    assert (one, two, three) == (2, 4, 6)
    assert first.startswith("motet-function")
    assert second.startswith("motet-function")
    assert {each.parent for each in run.nodes} == {None, "sync_parent", "async_parent"}


def test_more_blocking_parents_than_threads_end(tmp_path: Path) -> None:
    @motet.operator
    def leaf(x: int) -> int:
        time.sleep(0.01)
        return x

    @motet.workflow
    def parent(x: int) -> int:
        return leaf(x)

    plan = motet.Plan()
    refs = [plan.add(parent, each) for each in range(300)]
    assert ends(plan, tmp_path, within=30, want=refs).value == list(range(300))


def test_blocking_parents_deeper_than_threads_end(tmp_path: Path) -> None:
    @motet.workflow
    def parent(x: int) -> int:
        return 1 if x == 0 else down(x - 1) + down(x - 1)

    @motet.workflow
    def down(x: int) -> int:
        return parent(x)

    assert ends(alone(parent, 8), tmp_path, within=30).value == 256


@pytest.mark.parametrize("sync", [True, False])
def test_calls_without_an_end_end(tmp_path: Path, sync: bool) -> None:
    @motet.workflow
    def forever(x: int) -> int:
        return forever(x + 1)

    @motet.workflow
    async def forever_later(x: int) -> int:
        return await forever_later(x + 1)

    run = ends(alone(forever if sync else forever_later, 0), tmp_path, within=20)
    assert run.status == "failed"
    assert "200 deep" in str(run.record.error)


def test_one_failed_child_of_ten_keeps_its_siblings(tmp_path: Path) -> None:
    async def odd(x: int) -> int:
        await asyncio.sleep(0.01)
        if x == 3:
            raise ValueError("three")
        return x

    child = motet.operator(odd)

    @motet.workflow
    async def ten() -> list[str]:
        found = await asyncio.gather(*(child(x) for x in range(10)), return_exceptions=True)
        return [str(each) for each in found]

    run = ends(alone(ten), tmp_path)
    assert run.value == ["0", "1", "2", "three", *"456789"]
    assert Counter(each.status for each in run.nodes) == {"done": 10, "failed": 1}


def test_a_parent_waits_for_children_it_forgot(tmp_path: Path) -> None:
    done: list[int] = []
    forgotten: list[object] = []

    async def late(x: int) -> None:
        await asyncio.sleep(0.05)
        done.append(x)

    child = motet.operator(late)

    @motet.workflow
    async def forgetful() -> str:
        forgotten.extend([asyncio.ensure_future(child(1)), asyncio.ensure_future(child(2))])
        return "done"

    assert ends(alone(forgetful), tmp_path).value == "done"
    assert sorted(done) == [1, 2]


def test_a_run_within_a_run_is_a_run_of_its_own(tmp_path: Path) -> None:
    @motet.operator
    async def inner() -> Any:
        return (await motet.arun(alone(double, 4), home=tmp_path)).value

    @motet.operator
    def inner_thread() -> Any:
        return motet.run(alone(double, 5), home=tmp_path).value

    plan = motet.Plan()
    run = ends(plan, tmp_path, want=[plan.add(inner), plan.add(inner_thread)])
    assert run.value == [8, 10]
    assert len(run.nodes) == 2


def test_a_map_keeps_order_and_width(tmp_path: Path) -> None:
    running = most = 0

    @motet.operator(effect="read")
    async def item(x: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001 * (x % 7))
        running -= 1
        return x * x

    run = ends(alone(motet.map, item, list(range(200)), width=16), tmp_path)
    assert run.value == [x * x for x in range(200)]
    assert most == 16
    assert ends(alone(motet.map, item, []), tmp_path).value == []


# Nodes that are added while the plan runs


@pytest.mark.parametrize("sync", [True, False])
def test_what_an_operator_adds_runs_and_counts(tmp_path: Path, sync: bool) -> None:
    plan = motet.Plan()

    def grow(x: int) -> Any:
        first = plan.add(double, x)
        return {"first": first, "second": [plan.add(add, first, plan.ref("double"))]}

    async def grow_later(x: int) -> Any:
        return grow(x)

    base = plan.add(double, 10)
    grown = plan.add(grow if sync else grow_later, 1)
    run = ends(plan, tmp_path, want=[base, grown, plan.add(same, grown["second"])])
    assert run.value == [20, {"first": 2, "second": [22]}, [22]]
    assert len([each for each in run.nodes if each.parent is not None]) == 2
    assert len(plan) == 3


def test_what_is_added_and_not_waited_for_runs_too(tmp_path: Path) -> None:
    plan = motet.Plan()
    seen: list[int] = []

    @motet.operator
    async def last(x: int) -> None:
        await asyncio.sleep(0.05)
        seen.append(x)

    @motet.operator
    async def grow(x: int) -> int:
        plan.add(last, x)
        if x:
            plan.add(grow, x - 1)
        return x

    plan.add(grow, 3)
    assert ends(plan, tmp_path).value == 3
    assert sorted(seen) == [0, 1, 2, 3]


def test_more_nodes_may_wait_for_what_they_added_than_run_at_once(tmp_path: Path) -> None:
    plan = motet.Plan()

    async def grow(x: int) -> Any:
        return plan.add(double, x)

    refs = [plan.add(grow, each) for each in range(1100)]
    assert ends(plan, tmp_path, want=refs).value == [2 * each for each in range(1100)]


def adds_missing(plan: motet.Plan) -> Any:
    return plan.add(same, plan.ref("nowhere"))


def adds_forgotten(plan: motet.Plan) -> Any:
    plan.add(same, plan.ref("nowhere"))
    return 1


def adds_its_own_end(plan: motet.Plan) -> Any:
    return plan.add(same, plan.ref("grow"))


def adds_what_cannot_be_kept(plan: motet.Plan) -> Any:
    return plan.add(same, threading.Lock())


def adds_wrongly(plan: motet.Plan) -> Any:
    return plan.add(double)


def adds_of_another(plan: motet.Plan) -> Any:
    return plan.add(same, motet.Plan().ref("grow"))


@pytest.mark.parametrize(
    ("grow", "message"),
    [
        (adds_missing, "there is no node 'nowhere'"),
        (adds_forgotten, "there is no node 'nowhere'"),
        (adds_its_own_end, "wait for each other: grow, grow/same"),
        (adds_what_cannot_be_kept, "cannot be recorded.*lock"),
        (adds_wrongly, "missing a required argument: 'x'"),
        (adds_of_another, "a node of another plan"),
    ],
)
@pytest.mark.parametrize("sync", [True, False])
def test_what_cannot_be_added_ends_the_run(
    tmp_path: Path, grow: Any, message: str, sync: bool
) -> None:
    plan = motet.Plan()

    async def later() -> Any:
        return grow(plan)

    def now() -> Any:
        return grow(plan)

    plan.add(motet.operator(now if sync else later).options(id="grow"))
    run = ends(plan, tmp_path, within=5)
    assert run.status == "failed"
    assert isinstance(run.error, motet.PlanError)
    assert re.search(message, str(run.error)), run.error


# Runs that are over


def test_what_outlives_its_run_changes_it_no_more(tmp_path: Path) -> None:
    async def scenario() -> None:
        go, started = asyncio.Event(), []

        @motet.operator
        async def child(x: int) -> int:
            started.append(x)
            return x

        @motet.workflow
        async def stubborn() -> int:
            while not go.is_set():
                try:
                    await asyncio.sleep(30)
                except asyncio.CancelledError:
                    continue
            motet.report(cost=5.0)
            return await child(1)

        async def bad() -> None:
            await asyncio.sleep(0.05)
            raise ValueError("bad")

        plan = motet.Plan()
        want = [plan.add(stubborn), plan.add(motet.operator(bad))]
        run = await asyncio.wait_for(motet.arun(plan, want=want, id="x", home=tmp_path), 5)
        assert run.status == "failed"
        assert statuses(run) == {"stubborn": "cancelled", "bad": "failed"}
        go.set()
        await asyncio.sleep(0.3)
        assert started == []
        again = get("x", home=tmp_path)
        assert statuses(again) == {"stubborn": "cancelled", "bad": "failed"}
        assert sum(each.cost for each in again.nodes) == 0

    asyncio.run(scenario())


def test_a_thread_that_outlives_its_run_calls_nobody(tmp_path: Path) -> None:
    go, over, started = threading.Event(), threading.Event(), []
    begun = threading.Event()

    @motet.operator
    def child(x: int) -> int:
        started.append(x)
        return x

    @motet.workflow
    def slow() -> int:
        try:
            begun.set()
            go.wait(10)
            return child(1)
        finally:
            over.set()

    async def scenario() -> None:
        await cut_off(motet.arun(alone(slow), id="x", home=tmp_path), begun.is_set)
        go.set()
        await asyncio.to_thread(over.wait, 5)

    asyncio.run(scenario())
    assert started == []
    assert statuses(get("x", home=tmp_path)) == {"slow": "cancelled"}


# Without a journal


def test_without_a_journal_nothing_is_recorded(tmp_path: Path) -> None:
    plan = motet.Plan()
    ref = plan.add(same, threading.Lock)
    run = ends(plan, tmp_path, want=[ref, plan.add(async_parent, 1)], durability="none")
    assert run.value is not None
    assert run.status == "done"
    assert len(run.nodes) == 5
    assert not (tmp_path / "runs.db").exists()
    failed = ends(alone(add, "x"), tmp_path, durability="none")
    assert failed.status == "failed"


def test_large_plans_are_no_trouble(tmp_path: Path) -> None:
    chain, fan = motet.Plan(), motet.Plan()
    ref: object = 0
    for _ in range(10_000):
        ref = chain.add(double, ref)
    parts = [fan.add(double, each) for each in range(10_000)]
    total = fan.add(add, *parts)
    began = time.process_time()
    assert ends(chain, tmp_path, within=60, durability="none").value == 0
    assert ends(fan, tmp_path, within=60, want=total).value == 2 * sum(range(10_000))
    assert time.process_time() - began < 20


@pytest.mark.parametrize("times", [1, 2, 4])
def test_a_run_cancelled_often_ends_before_it_is_given_up(tmp_path: Path, times: int) -> None:
    log: list[str] = []

    @motet.operator
    async def cleans(x: int) -> int:
        log.append("start")
        try:
            await asyncio.sleep(30 if len(log) == 1 else 0)
        finally:
            await asyncio.sleep(0.1)
            log.append("end")
        return x

    async def scenario() -> None:
        run = motet.arun(alone(cleans, 1), id="a", home=tmp_path)
        await cut_off(run, lambda: log, times)
        assert log == ["start", "end"]
        ended = get("a", home=tmp_path)
        assert (ended.status, statuses(ended)) == ("cancelled", {"cleans": "cancelled"})
        assert (await motet.aresume("a", home=tmp_path)).value == 1
        assert log == ["start", "end"] * 2

    asyncio.run(scenario())


def test_a_thread_that_outlives_its_node_calls_nobody(tmp_path: Path) -> None:
    go, over, started = threading.Event(), threading.Event(), []

    @motet.operator(effect="once")
    def charge(x: int) -> int:
        started.append(x)
        return x

    @motet.workflow
    def slow() -> int:
        try:
            go.wait(10)
            return charge(1)
        finally:
            over.set()

    @motet.workflow
    async def patient() -> str:
        try:
            await asyncio.ensure_future(cast(Any, slow.options(timeout=0.1)()))
        except motet.TimedOut:
            go.set()
            await asyncio.to_thread(over.wait, 5)
            return "went on"
        return "waited"

    run = ends(alone(patient), tmp_path)
    assert run.value == "went on"
    assert started == []
