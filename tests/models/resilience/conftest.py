"""Time that passes only when nothing else can happen, so that waits are exact and cost nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer as soon as nothing is left to do."""

    def __init__(self) -> None:
        super().__init__()
        self._seconds = 1000.0
        wait = self._selector.select

        def select(timeout: float | None) -> Any:
            events = wait(0)
            if not events:
                if timeout is None:
                    raise RuntimeError("nothing can happen any more")
                self._seconds += timeout
            return events

        self._selector.select = select

    def time(self) -> float:
        return self._seconds


@pytest.fixture
def virtual() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Run a coroutine in virtual time."""

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(coroutine)

    return run
