"""How much runs at once: never more than allowed, in turns between runs."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

from plan_samples import alone, cut_off, ends

import motet
from motet.runtime.limits import Limit


def test_two_runs_of_one_loop_share_a_limit_fairly(tmp_path: Path) -> None:
    order: list[str] = []
    running = most = 0
    going = asyncio.Event()

    @motet.operator(effect="read", concurrency=2)
    async def call(run: str, number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        order.append(run)
        if len(order) == 4:
            going.set()
        await asyncio.sleep(0.005)
        running -= 1
        return number

    def plan(name: str, count: int) -> motet.Plan:
        found = motet.Plan()
        for number in range(count):
            found.add(call, name, number)
        return found

    async def scenario() -> None:
        big = asyncio.create_task(motet.arun(plan("big", 60), home=tmp_path))
        await asyncio.wait_for(going.wait(), 5)
        began = len(order)
        small = await motet.arun(plan("small", 10), home=tmp_path)
        assert small.status == "done"
        between = Counter(order[began:])
        assert between["small"] == 10
        assert between["big"] <= 14  # in turns, so about as many
        assert (await big).status == "done"

    asyncio.run(asyncio.wait_for(scenario(), 20))
    assert most == 2


def test_within_its_place_an_operator_may_call_itself(tmp_path: Path) -> None:
    @motet.operator(concurrency=1)
    async def down(n: int) -> int:
        return 0 if n == 0 else 1 + await down(n - 1)

    assert ends(alone(down, 5), tmp_path, within=3).value == 5


def test_who_is_cancelled_leaves_its_place(tmp_path: Path) -> None:
    begun: list[float] = []

    @motet.operator(concurrency=1)
    async def sleepy(seconds: float) -> float:
        begun.append(seconds)
        await asyncio.sleep(seconds)
        return seconds

    async def scenario() -> None:
        plan = motet.Plan()
        for _ in range(5):
            plan.add(sleepy, 30)
        await cut_off(motet.arun(plan, home=tmp_path), lambda: begun)
        run = await asyncio.wait_for(motet.arun(alone(sleepy, 0.0), home=tmp_path), 3)
        assert run.value == 0.0

    asyncio.run(scenario())


def test_random_holders_keep_the_limit() -> None:
    async def scenario(seed: int) -> None:
        dice = random.Random(seed)
        limit = Limit(dice.randint(1, 3))
        running = 0

        async def hold(run: str) -> None:
            nonlocal running
            await limit.acquire(run)
            running += 1
            assert running <= limit.most
            try:
                await asyncio.sleep(dice.uniform(0, 0.003))
            finally:
                running -= 1
                limit.release()

        tasks = [asyncio.create_task(hold(dice.choice("abc"))) for _ in range(30)]
        for task in dice.sample(tasks, 10):
            asyncio.get_running_loop().call_later(dice.uniform(0, 0.02), task.cancel)
        await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
        assert (limit.held, running) == (0, 0)
        await asyncio.wait_for(limit.acquire("d"), 1)

    for seed in range(30):
        asyncio.run(scenario(seed))
