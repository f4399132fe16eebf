"""Threads for functions that are not asynchronous: as many as run at once, reused, daemons."""

from __future__ import annotations

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

MOST = 256
IDLE_SECONDS = 10.0
Job = tuple[
    asyncio.AbstractEventLoop, "asyncio.Future[Any]", contextvars.Context, Callable[[], object]
]


class Threads:
    """A pool that grows to the work there is.

    Its threads are daemons: one that hangs in a person's code keeps neither a run nor the
    process from ending. At most `MOST` work at once; those that wait for a nested call count
    for none, so it never waits for a thread that waits for it.
    """

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0
        self._count = 0

    def run(self, call: Callable[[], object]) -> asyncio.Future[Any]:
        """Run a function in a thread, in a copy of this context."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        with self._lock:
            self._jobs.put((loop, future, contextvars.copy_context(), call))
            if self._idle > 0:
                self._idle -= 1
            elif self._count < MOST:
                self._grow()
        return future

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Have another thread work in place of this one, which waits."""
        with self._lock:
            self._count -= 1
            if not self._jobs.empty():
                self._grow()
        try:
            yield
        finally:
            with self._lock:
                self._count += 1

    def _grow(self) -> None:
        self._count += 1
        threading.Thread(target=self._work, name="motet-function", daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                with self._lock:
                    if self._idle > 0:  # else a job is on its way to us
                        self._idle -= 1
                        self._count -= 1
                        return
                continue
            _do(*job)
            del job
            with self._lock:
                self._idle += 1


def _do(
    loop: asyncio.AbstractEventLoop,
    future: asyncio.Future[Any],
    context: contextvars.Context,
    call: Callable[[], object],
) -> None:
    if future.cancelled():
        return
    try:
        value = context.run(call)
    except BaseException as error:
        # The one cannot be set on a future, the other is no Ctrl-C: that reaches the main thread.
        foreign = isinstance(error, (StopIteration, KeyboardInterrupt))
        failure = RuntimeError(repr(error)) if foreign else error
        _tell(loop, future, None, failure)
    else:
        _tell(loop, future, value, None)


def _tell(
    loop: asyncio.AbstractEventLoop,
    future: asyncio.Future[Any],
    value: object,
    error: BaseException | None,
) -> None:
    def settle() -> None:
        if future.done():
            return
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:
        # The loop was closed while the function ran on: its run is over, nobody waits.
        return


THREADS = Threads()
"""The pool of this process."""
