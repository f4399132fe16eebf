"""Calling asynchronous code from blocking code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from typing import TypeVar

from motet.core.errors import UsageError

T = TypeVar("T")


def run(call: Callable[[], Coroutine[object, object, T]]) -> T:
    """Run a coroutine to its end. Raises `UsageError` inside a running event loop."""
    _check()
    return asyncio.run(call())


def iterate(call: Callable[[], AsyncGenerator[T, None]]) -> Generator[T, None, None]:
    """Yield what an asynchronous generator yields; leaving early closes it."""
    _check()
    with asyncio.Runner() as runner:
        events = call()
        try:
            while True:
                try:
                    yield runner.run(_next(events))
                except StopAsyncIteration:
                    return
        finally:
            runner.run(events.aclose())


async def _next(events: AsyncGenerator[T, None]) -> T:
    return await anext(events)


def _check() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise UsageError(
        "this call blocks and an event loop is running", hint="use the asynchronous twin"
    )
