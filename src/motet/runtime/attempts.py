"""Running an operator's function: time limits, trying again, a second attempt beside the first."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from motet.core.errors import (
    ApprovalNeeded,
    BudgetSpent,
    ProviderError,
    Refused,
    RunError,
    TimedOut,
    UsageError,
)
from motet.core.threads import THREADS
from motet.planner.operator import Operator
from motet.runtime.node import words

GRACE = 1.0
"""Seconds that a cancelled function has to end before it is left alone."""
FIRST_DELAY = 0.1
LONGEST_DELAY = 30.0
_abandoned: set[asyncio.Task[Any]] = set()

Attempt = Callable[[], Awaitable[Any]]


def attempt(operator: Operator[Any, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Attempt:
    """Return a function that runs the operator once, within its time limit.

    One that is not async runs in a thread. Raises `TimedOut`.
    """
    run: Attempt = partial(operator.function, *args, **kwargs)
    if not operator.is_async:
        run = partial(THREADS.run, run)
    if operator.settings.timeout is None:
        return partial(contained, run)
    return partial(_limited, run, operator.settings.timeout, operator.name)


async def insisted(operator: Operator[Any, Any], run: Attempt) -> Any:
    """Run attempts as the operator's options say.

    Waits as long as `Retry-After` says where a provider does, else twice as long each time,
    with jitter. Raises what the last attempt raised.
    """
    settings = operator.settings
    if settings.hedge is not None:
        run = partial(_hedged, run, settings.hedge)
    for number in range(settings.retries + 1):
        try:
            return await run()
        except Exception as error:
            if number == settings.retries or not _may_pass(error):
                raise
            await asyncio.sleep(_delay(error, number))
    raise AssertionError("unreachable")


def _may_pass(error: Exception) -> bool:
    """Whether trying again can help: not where the call itself is wrong or a person said no."""
    if isinstance(error, ProviderError) and error.status is not None:
        return error.status in (408, 409, 425, 429) or error.status >= 500
    return not isinstance(error, (UsageError, Refused, BudgetSpent, ApprovalNeeded))


def _delay(error: Exception, number: int) -> float:
    if isinstance(error, ProviderError) and error.retry_after is not None:
        return min(error.retry_after, LONGEST_DELAY)
    longest: float = min(FIRST_DELAY * 2.0**number, LONGEST_DELAY)
    return longest * random.uniform(0.5, 1.5)


async def _limited(run: Attempt, seconds: float, name: str) -> Any:
    task = asyncio.ensure_future(contained(run))
    try:
        await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        await end(task)
        raise
    if task.done():
        return task.result()
    await end(task)
    raise TimedOut(f"took longer than {seconds:g} s", where=name)


async def _hedged(run: Attempt, after: float) -> Any:
    """Start a second attempt when the first is slow; the first to succeed wins."""
    tasks = {asyncio.ensure_future(run())}
    try:
        done, _ = await asyncio.wait(tasks, timeout=after)
        if not done:
            tasks.add(asyncio.ensure_future(run()))
        running = set(tasks)
        while running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            good = [each for each in done if each.exception() is None]
            if good or not running:
                return (good or list(done))[0].result()
    finally:
        for each in tasks:
            if not each.done():
                each.cancel()
                abandon(each)  # its end is nothing to wait for
    raise AssertionError("unreachable")


async def contained(run: Attempt) -> Any:
    """Run an attempt; what would end the process or confuse the loop only fails its node."""
    try:
        return await run()
    except (Exception, asyncio.CancelledError, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        raise RunError(f"it raised {words(error)}") from error


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end, but not for ever: some ignore cancellation."""
    task.cancel()
    try:
        await asyncio.wait({task}, timeout=GRACE)
    finally:
        abandon(task)


def abandon(task: asyncio.Task[Any]) -> None:
    """Leave a task alone: the loop waits for it no more when it closes, nor says how it ended."""
    _abandoned.add(task)
    task.add_done_callback(_forget)
    asyncio._unregister_task(task)
    task._log_destroy_pending = False  # type: ignore[attr-defined]


def _forget(task: asyncio.Task[Any]) -> None:
    _abandoned.discard(task)
    if not task.cancelled():
        task.exception()
