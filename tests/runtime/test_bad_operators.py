"""Operators that do what none should: the run ends all the same, and says why."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from plan_samples import alone, ends, statuses

import motet
from motet.runtime.runs import journal_of


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
    async def waits() -> None:
        await asyncio.sleep(30)

    async def scenario() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(motet.arun(plan, id="x", home=tmp_path), 0.2)
        journal_of(tmp_path).answer("x", "", "cancel", None, "enough")
        run = await asyncio.wait_for(motet.aresume("x", operators=[waits], home=tmp_path), 5)
        assert (run.status, str(run.error)) == ("cancelled", "cancelled: enough")

    plan = alone(waits)
    asyncio.run(scenario())
