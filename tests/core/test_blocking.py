"""Asynchronous code from blocking code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from motet.core import blocking
from motet.core.errors import UsageError


async def answer() -> int:
    await asyncio.sleep(0)
    return 42


def test_a_coroutine_runs_to_its_end() -> None:
    assert blocking.run(answer) == 42


def test_within_a_loop_the_twin_is_named() -> None:
    async def wrong() -> None:
        blocking.run(answer)

    with pytest.raises(UsageError, match="asynchronous twin"):
        asyncio.run(wrong())


class Counting:
    """Counts, and remembers that it was closed."""

    closed = False

    async def events(self) -> AsyncGenerator[int, None]:
        try:
            for number in range(5):
                await asyncio.sleep(0)
                yield number
        finally:
            await asyncio.sleep(0)
            self.closed = True


def test_a_generator_gives_all_it_has() -> None:
    counting = Counting()
    assert list(blocking.iterate(counting.events)) == [0, 1, 2, 3, 4]
    assert counting.closed


def test_leaving_early_closes_the_generator() -> None:
    counting = Counting()
    events = blocking.iterate(counting.events)
    assert next(events) == 0
    events.close()  # type: ignore[attr-defined]
    assert counting.closed


def test_an_error_comes_through() -> None:
    async def failing() -> AsyncGenerator[int, None]:
        yield 1
        raise ValueError("no more")

    events = blocking.iterate(failing)
    assert next(events) == 1
    with pytest.raises(ValueError, match="no more"):
        next(events)
