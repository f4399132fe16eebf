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
from motet.planner.operator import Operator
from motet.runtime.node import words
from motet.core.threads import THREADS

GRACE = 1.0
"""Seconds that a cancelled function has to end before it is left alone."""
FIRST_DELAY = 0.1
LONGEST_DELAY = 30.0
_abandoned: set[asyncio.Task[Any]] = set()

Attempt = Callable[[], Awaitable[Any]]


def attempt(operator: Operator[Any, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Attempt:
    """Return a function that runs the operator once; one that is not async runs in a thread."""
    if operator.is_async:
        return partial(operator.function, *args, **kwargs)
    return partial(THREADS.run, partial(operator.function, *args, **kwargs))


async def insisted(operator: Operator[Any, Any], run: Attempt, tried: Callable[[], None]) -> Any:
    """Run attempts as the operator's options say; `tried` is called before each.

    Waits as long as `Retry-After` says where a provider does, else twice as long each time,
    with jitter. Raises what the last attempt raised, `TimedOut`.
    """
    settings = operator.settings
    for number in range(settings.retries + 1):
        tried()
        try:
            return await _limited(operator, run)
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


async def _limited(operator: Operator[Any, Any], run: Attempt) -> Any:
    settings = operator.settings
    if settings.hedge is not None:
        run = partial(_hedged, run, settings.hedge)
    if settings.timeout is None:
        return await run()
    task = asyncio.ensure_future(contained(run))
    try:
        await asyncio.wait({task}, timeout=settings.timeout)
    except asyncio.CancelledError:
        await end(task)
        raise
    if task.done():
        return task.result()
    await end(task)
    raise TimedOut(f"took longer than {settings.timeout:g} s", where=operator.name)


async def _hedged(run: Attempt, after: float) -> Any:
    """Start a second attempt when the first is slow; the first to succeed wins."""
    tasks = {asyncio.ensure_future(contained(run))}
    try:
        done, _ = await asyncio.wait(tasks, timeout=after)
        if not done:
            tasks.add(asyncio.ensure_future(contained(run)))
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
    await asyncio.wait({task}, timeout=GRACE)
    if not task.done():
        abandon(task)


def abandon(task: asyncio.Task[Any]) -> None:
    """Leave a task alone that does not end: the loop will not wait for it when it closes."""
    _abandoned.add(task)
    task.add_done_callback(_abandoned.discard)
    asyncio._unregister_task(task)
    task._log_destroy_pending = False  # type: ignore[attr-defined]
