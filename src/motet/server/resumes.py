"""Runs that go on beside the server once people have answered."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import replace

from motet.core.answers import Answer
from motet.core.clock import tick
from motet.core.errors import ApprovalNeeded, MotetError, RunError, RunOwned
from motet.runtime.decisions import waiting
from motet.runtime.records import FINAL
from motet.system import System

LOOK_SECONDS = 0.25
"""How often it is looked whether people have answered, or another process let go of a run."""
KEEP_ALIVE = 10.0
"""Seconds after which somebody who waits is told that it still goes on."""
CATCH_UP = 1000
"""Paused runs that are looked at when a server starts, the latest."""
LEAVE_SECONDS = 5.0
"""How long runs may still take when the server stops."""
_logger = logging.getLogger("motet.server")


class Resumes:
    """Goes on with runs in the background, each once, unless a client waits for it."""

    def __init__(self) -> None:
        self._tasks: dict[str, tuple[System, asyncio.Task[None]]] = {}
        self._waited: Counter[str] = Counter()

    def go_on(self, system: System, run: str) -> None:
        """Resume a run of a system as soon as nobody else runs it."""
        if self._waited[run] == 0 and run not in self._tasks:
            task = asyncio.create_task(self._run(system, run))
            self._tasks[run] = (system, task)
            task.add_done_callback(lambda _: self._tasks.pop(run, None))

    async def catch_up(self, system: System) -> None:
        """Go on with the runs that people answered while no server was there to do it."""
        for run in await asyncio.to_thread(_ready, system):
            self.go_on(system, run)

    async def _run(self, system: System, run: str) -> None:
        tried: set[str] | None = None
        while True:
            answered = await asyncio.to_thread(_answered, system, run)
            if tried is not None and answered <= tried:
                return  # it waits for what nobody has answered
            try:
                await system.aresume(run)
                return
            except RunOwned:
                await asyncio.sleep(LOOK_SECONDS)
                tried = set()
            except ApprovalNeeded:
                tried = answered
            except MotetError as error:
                # The run's record says so too, where it came to have one.
                _logger.warning("a run could not go on: %s", error)
                return

    @contextmanager
    def _waits(self, system: System, run: str) -> Iterator[None]:
        self._waited[run] += 1
        try:
            yield
        finally:
            self._waited[run] -= 1
            if self._waited[run] == 0:
                del self._waited[run]
                if _answered(system, run):
                    self.go_on(system, run)

    async def answer(
        self, system: System, run: str, seconds: float
    ) -> AsyncGenerator[Answer | None, None]:
        """Yield a paused run's answer once people let it go on; before that None, now and then.

        Raises `ApprovalNeeded` when nobody has answered for so many seconds, else as
        `System.aresume`.
        """
        with self._waits(system, run):
            deadline = tick() + seconds
            told = tick()
            while True:
                record = await asyncio.to_thread(system.journal.get, run)
                if record.status in FINAL - {"done"}:
                    raise RunError(record.error or f"the run is {record.status}", where=run)
                answered = await asyncio.to_thread(_answered, system, run)
                if answered or record.status == "done":
                    try:
                        async for found in _alive(system, run):
                            yield found
                        return
                    except RunOwned:
                        deadline = max(deadline, tick() + 2 * LOOK_SECONDS)
                    except ApprovalNeeded:
                        deadline = tick() + seconds
                if tick() > deadline:
                    raise ApprovalNeeded("nobody has answered yet", where=run)
                await asyncio.sleep(LOOK_SECONDS)
                if tick() - told > KEEP_ALIVE:
                    told = tick()
                    yield None

    async def stop(self) -> None:
        """Wait for what runs, within reason; the next server goes on with what is left."""
        left = dict(self._tasks)
        tasks = [task for _, task in left.values()]
        if not tasks:
            return
        await asyncio.wait(tasks, timeout=LEAVE_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for run, (system, task) in left.items():
            if task.cancelled():
                await asyncio.to_thread(_put_off, system, run)


async def _alive(system: System, run: str) -> AsyncGenerator[Answer | None, None]:
    """Resume a run; yield None as long as it takes, then its answer."""
    task = asyncio.create_task(system.aresume(run))
    try:
        while not (await asyncio.wait([task], timeout=KEEP_ALIVE))[0]:
            yield None
        yield task.result()
    finally:
        task.cancel()
        await asyncio.wait([task])


def _answered(system: System, run: str) -> set[str]:
    """Return the nodes that wait though somebody has answered."""
    journal = system.journal
    return {each.node for each in waiting(journal, journal.get(run)) if each.said}


def _ready(system: System) -> list[str]:
    """Return the paused runs that wait for nobody any more."""
    journal = system.journal
    paused = journal.recent(system.name, CATCH_UP, "paused")
    return [each.id for each in paused if all(found.said for found in waiting(journal, each))]


def _put_off(system: System, run: str) -> None:
    """Record that a run which the server's end cut off is paused: nobody cancelled it."""
    record = system.journal.get(run)
    if record.status == "cancelled":
        system.journal.post_end(replace(record, status="paused", error=None))
        system.journal.wait()
