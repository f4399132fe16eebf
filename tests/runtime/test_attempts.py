"""Trying again, time limits, and second attempts beside the first."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest
from plan_samples import alone, cut_off, ends, statuses, until

import motet
from motet.core.clock import tick


def test_it_is_tried_again_until_it_works(tmp_path: Path) -> None:
    moments: list[float] = []

    @motet.operator(effect="read", retries=3)
    async def flaky() -> int:
        moments.append(tick())
        if len(moments) < 3:
            raise OSError("not yet")
        return len(moments)

    run = ends(alone(flaky), tmp_path)
    assert run.value == 3
    assert [each.attempts for each in run.nodes] == [3]
    assert moments[1] - moments[0] > 0.04
    assert moments[2] - moments[1] > 0.09


def test_the_last_failure_is_the_runs(tmp_path: Path) -> None:
    count = iter(range(10))

    @motet.operator(retries=2)
    def failing() -> None:
        raise ValueError(next(count))

    run = ends(alone(failing), tmp_path)
    assert (run.status, str(run.error)) == ("failed", "2")
    assert [each.attempts for each in run.nodes] == [3]
    with pytest.raises(ValueError, match="2"):
        run.result()


def test_a_provider_says_how_long_to_wait(tmp_path: Path) -> None:
    moments: list[float] = []

    @motet.operator(effect="read", retries=1)
    async def limited() -> str:
        moments.append(tick())
        if len(moments) == 1:
            raise motet.ProviderError("slow down", status=429, retry_after=0.4)
        return "fine"

    assert ends(alone(limited), tmp_path).value == "fine"
    assert 0.38 < moments[1] - moments[0] < 1.5


@pytest.mark.parametrize(
    "error",
    [
        motet.ProviderError("no such model", status=404),
        motet.ProviderError("no key", status=401),
        motet.UsageError("wrong"),
        motet.BudgetSpent("spent"),
    ],
    ids=lambda each: each.message,
)
def test_what_trying_again_cannot_help_is_tried_once(tmp_path: Path, error: Exception) -> None:
    count: list[int] = []

    @motet.operator(retries=5)
    async def failing() -> None:
        count.append(1)
        raise error

    assert ends(alone(failing), tmp_path).error is error
    assert len(count) == 1


def test_an_operator_that_hangs_is_ended(tmp_path: Path) -> None:
    ended = asyncio.Event()

    @motet.operator(timeout=0.1)
    async def hangs() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    run = ends(alone(hangs), tmp_path, within=8)
    assert isinstance(run.error, motet.TimedOut)
    assert "hangs: took longer than 0.1 s" in str(run.error)
    assert ended.is_set()
    assert statuses(run) == {"hangs": "failed"}


def test_a_time_limit_is_for_one_attempt(tmp_path: Path) -> None:
    count: list[int] = []

    @motet.operator(effect="read", timeout=0.1, retries=2)
    async def slow_at_first() -> int:
        count.append(1)
        await asyncio.sleep(0 if len(count) == 3 else 60)
        return len(count)

    assert ends(alone(slow_at_first), tmp_path).value == 3


def test_a_thread_that_hangs_is_left_alone(tmp_path: Path) -> None:
    over = threading.Event()

    @motet.operator(timeout=0.1)
    def hangs() -> None:
        over.wait(20)

    began = tick()
    run = ends(alone(hangs), tmp_path)
    assert isinstance(run.error, motet.TimedOut)
    assert tick() - began < 2
    over.set()


def test_one_that_ignores_its_end_is_left_alone(tmp_path: Path) -> None:
    async def scenario() -> motet.Run:
        over = asyncio.Event()

        @motet.operator(timeout=0.1)
        async def stubborn() -> None:
            while not over.is_set():
                try:
                    await asyncio.sleep(30)
                except asyncio.CancelledError:
                    continue

        run = await asyncio.wait_for(motet.arun(alone(stubborn), home=tmp_path), 5)
        over.set()
        return run

    began = tick()
    assert isinstance(asyncio.run(scenario()).error, motet.TimedOut)
    assert tick() - began < 4


def test_one_that_fails_while_it_is_ended_says_nothing_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    @motet.operator(timeout=0.05)
    async def fails_at_the_end() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            raise ValueError("cleaning up")

    run = ends(alone(fails_at_the_end), tmp_path)
    assert isinstance(run.error, motet.TimedOut)
    assert caplog.text == ""


@pytest.mark.parametrize("sync", [True, False])
def test_a_second_attempt_wins_and_the_first_is_cancelled(tmp_path: Path, sync: bool) -> None:
    count: list[int] = []
    cancelled: list[int] = []

    async def slow_at_first() -> int:
        count.append(1)
        mine = len(count)
        try:
            await asyncio.sleep(30 if mine == 1 else 0)
        except asyncio.CancelledError:
            cancelled.append(mine)
            raise
        return mine

    def slow_thread() -> int:
        count.append(1)
        mine = len(count)
        time.sleep(8 if mine == 1 else 0)
        return mine

    function = slow_thread if sync else slow_at_first
    run = ends(alone(motet.operator(effect="read", hedge=0.1)(function)), tmp_path, within=6)
    assert run.value == 2
    assert cancelled == ([] if sync else [1])
    assert [each.attempts for each in run.nodes] == [2]


def test_a_fast_first_attempt_stays_alone(tmp_path: Path) -> None:
    count: list[int] = []

    @motet.operator(effect="pure", hedge=0.3)
    async def fast() -> int:
        count.append(1)
        return 1

    ends(alone(fast), tmp_path)
    assert count == [1]


def test_both_attempts_may_fail(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    count: list[int] = []

    @motet.operator(effect="read", hedge=0.05)
    async def failing() -> None:
        count.append(1)
        await asyncio.sleep(0.1)
        raise OSError(len(count))

    run = ends(alone(failing), tmp_path)
    assert isinstance(run.error, OSError)
    assert len(count) == 2
    assert caplog.text == ""


def test_a_first_attempt_that_fails_leaves_the_second_to_win(tmp_path: Path) -> None:
    count: list[int] = []

    @motet.operator(effect="read", hedge=0.05)
    async def half() -> int:
        count.append(1)
        mine = len(count)
        await asyncio.sleep(0.15)
        if mine == 1:
            raise OSError("first")
        return mine

    assert ends(alone(half), tmp_path).value == 2


def test_cancelling_a_run_cancels_every_attempt(tmp_path: Path) -> None:
    begun: list[str] = []
    ended: list[str] = []

    async def waiting(name: str) -> None:
        begun.append(name)
        try:
            await asyncio.sleep(30)
        finally:
            ended.append(name)

    plan = motet.Plan()
    plan.add(motet.operator(effect="read", hedge=0.05)(waiting), "hedged")
    plan.add(motet.operator(timeout=20)(waiting), "limited")
    plan.add(motet.operator(timeout=20, retries=3)(waiting), "insisted")

    async def scenario() -> None:
        await cut_off(motet.arun(plan, home=tmp_path), lambda: len(begun) == 4)
        await until(lambda: len(ended) == 4)

    asyncio.run(scenario())
    assert sorted(ended) == ["hedged", "hedged", "insisted", "limited"]
