"""What tests of written plans share: small operators, and plans of one node."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import motet


def alone(operator: Any, *args: object, **kwargs: object) -> motet.Plan:
    """Return a plan of one node."""
    plan = motet.Plan()
    plan.add(operator, *args, **kwargs)
    return plan


def ends(plan: motet.Plan, home: Path, within: float = 10.0, **options: Any) -> motet.Run:
    """Run a plan that must end in time."""
    return asyncio.run(asyncio.wait_for(motet.arun(plan, home=home, **options), within))


async def cut_off(
    running: Coroutine[Any, Any, object], when: Callable[[], object], times: int = 1
) -> None:
    """Cancel a run as soon as something is so; it must end cancelled."""
    task = asyncio.create_task(running)
    await until(lambda: when() or task.done())
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0.01)
    await asyncio.wait({task}, timeout=20)
    assert task.cancelled()


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so, but not for ever."""
    for _ in range(4000):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came")


def statuses(run: motet.Run) -> dict[str, str]:
    """Return the statuses of a run's nodes by their ids."""
    return {each.id: each.status for each in run.nodes}
