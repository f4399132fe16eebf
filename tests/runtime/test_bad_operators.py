"""Operators that do what none should: the run ends all the same, and says why."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import pytest
from plan_samples import alone, cut_off, ends, statuses

import motet
from motet.core.clock import tick
from motet.runtime.runs import get, journal_of


class Odd(BaseException):
    """Not an `Exception`."""


class Mute(Exception):
    """Has no text."""

    def __str__(self) -> str:
        raise ValueError("no words")


def leave() -> None:
    sys.exit(3)


def cancel_itself() -> None:
    raise asyncio.CancelledError


def odd() -> None:
    raise Odd("indeed")


def group() -> None:
    raise BaseExceptionGroup("two", [SystemExit(1), ValueError("x")])


def mute() -> None:
    raise Mute


def stop() -> None:
    raise StopIteration("x")


def half() -> None:
    raise OSError("no file '\udc80'")


def long() -> None:
    raise ValueError("x" * 2_000_000)


RAISING = {
    leave: "SystemExit: 3",
    cancel_itself: "cancelled from within",
    odd: "Odd: indeed",
    group: "two",
    mute: "Mute: .*cannot be made",
    stop: "StopIteration",
    half: r"no file '\\udc80'",
    long: "ValueError: xxx",
}


@pytest.mark.parametrize("function", RAISING, ids=lambda each: each.__name__)
@pytest.mark.parametrize("how", ["sync", "async", "limited", "child"])
def test_whatever_it_raises_fails_its_run_only(
    tmp_path: Path, function: Callable[[], None], how: str
) -> None:
    async def later() -> None:
        function()

    inner = motet.operator(function if how == "sync" else later)
    if how == "limited":
        inner = inner.options(timeout=5)

    async def calls() -> None:
        await inner()

    raising = motet.workflow(calls) if how == "child" else inner

    async def both() -> tuple[motet.Run, motet.Run]:
        run = asyncio.wait_for(motet.arun(alone(raising), home=tmp_path), 10)
        other = motet.arun(alone(motet.operator(asyncio.sleep), 0.05, "fine"), home=tmp_path)
        return await asyncio.gather(run, other)

    run, other = asyncio.run(both())
    assert run.status == "failed"
    assert other.value == "fine"
    assert {each.status for each in run.nodes} <= {"failed", "cancelled"}
    recorded = run.record.error
    assert recorded is not None
    assert len(recorded) < 20_000
    assert re.search(RAISING[function], recorded + str(run.nodes[-1].error)), recorded


def test_a_task_that_cancels_itself_ends_the_run(tmp_path: Path) -> None:
    async def cancel_task() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(1)

    run = ends(alone(cancel_task), tmp_path)
    assert run.status == "failed"
    assert statuses(run) == {"cancel_task": "cancelled"}


def test_a_run_cancelled_before_it_resumes_ends(tmp_path: Path) -> None:
    begun: list[int] = []

    async def waits() -> None:
        begun.append(1)
        await asyncio.sleep(30)

    async def scenario() -> None:
        await cut_off(motet.arun(plan, id="x", home=tmp_path), lambda: begun)
        journal_of(tmp_path).answer("x", "", "cancel", None, "enough")
        run = await asyncio.wait_for(motet.aresume("x", operators=[waits], home=tmp_path), 5)
        assert (run.status, str(run.error)) == ("cancelled", "cancelled: enough")

    plan = alone(waits)
    asyncio.run(scenario())


# Values


def lock() -> object:
    return threading.Lock()


def generator() -> object:
    return (x for x in range(3))


async def later_generator() -> AsyncIterator[int]:
    yield 1


def wrong() -> int:
    return cast(int, "text")


def nothing() -> int:
    return cast(int, None)


def truth() -> int:
    return True


def deep() -> object:
    found: object = 1
    for _ in range(50_000):
        found = [found]
    return found


def itself() -> object:
    found: list[object] = []
    found.append(found)
    return found


def digits() -> object:
    return {"n": 10**5000}


def reference() -> object:
    return motet.Plan().ref("x")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lock, "its value cannot be recorded: the value is a _thread.lock"),
        (generator, "its value cannot be recorded: the value is a builtins.generator"),
        (later_generator, "its value cannot be recorded: the value is a builtins.async_generator"),
        (wrong, "gave str, its annotation says int"),
        (nothing, "gave NoneType, its annotation says int"),
        (truth, "gave bool, its annotation says int"),
        (deep, "nested too deeply"),
        (itself, "nested too deeply or in itself"),
        (digits, "thousands of digits"),
        (reference, "cannot be recorded"),
    ],
)
def test_a_value_that_cannot_be_kept_fails_its_node(
    tmp_path: Path, function: Callable[[], object], message: str
) -> None:
    run = ends(alone(motet.operator(function)), tmp_path)
    assert run.status == "failed"
    assert isinstance(run.error, motet.RunError)
    assert f"{function.__name__}: " in str(run.error)
    assert message in str(run.error)
    assert statuses(run) == {function.__name__: "failed"}


def test_a_coroutine_is_no_value(tmp_path: Path) -> None:
    made = []

    def gives() -> object:
        made.append(asyncio.sleep(0))
        return made[0]

    run = ends(alone(motet.operator(gives)), tmp_path)
    made[0].close()
    assert "its value cannot be recorded: the value is a builtins.coroutine" in str(run.error)


def test_fifty_megabytes_are_a_value(tmp_path: Path) -> None:
    @motet.operator(effect="read")
    def large() -> str:
        return "x" * 50_000_000

    @motet.operator(effect="pure")
    async def length(text: str) -> int:
        return len(text)

    async def scenario() -> None:
        plan = motet.Plan()
        plan.add(length, plan.add(large))
        longest, last = 0.0, tick()

        async def watch() -> None:
            nonlocal longest, last
            while True:
                await asyncio.sleep(0.01)
                longest, last = max(longest, tick() - last), tick()

        watching = asyncio.create_task(watch())
        run = await motet.arun(plan, id="a", home=tmp_path)
        watching.cancel()
        assert run.value == 50_000_000
        assert longest < 3

    asyncio.run(scenario())
    found = get("a", home=tmp_path)
    assert [len(each.text or "") for each in found.record.nodes] == [50_000_002, 8]


def test_an_operator_may_start_threads_and_tasks(tmp_path: Path) -> None:
    over = threading.Event()

    @motet.operator
    def starts() -> int:
        def work() -> None:
            with contextlib.suppress(motet.MotetError):
                motet.report(cost=1.0)
            over.wait(10)

        threading.Thread(target=work, daemon=True).start()
        return 1

    @motet.operator
    async def forgets() -> int:
        tasks.append(asyncio.ensure_future(asyncio.sleep(30)))
        return 2

    tasks: list[object] = []
    plan = motet.Plan()
    run = ends(plan, tmp_path, want=[plan.add(starts), plan.add(forgets)], within=5)
    assert run.value == [1, 2]
    over.set()


def test_an_operator_that_blocks_the_loop_delays_but_ends(tmp_path: Path) -> None:
    @motet.operator(timeout=0.1)
    async def blocks() -> int:
        threading.Event().wait(0.4)
        return 1

    run = ends(alone(blocks), tmp_path)
    assert run.value == 1 or isinstance(run.error, motet.TimedOut)
