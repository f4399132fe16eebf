"""A worker: a process that owns some of the queued runs, and carries out calls of all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from contextlib import aclosing, suppress
from typing import Any

from motet.core.clock import tick
from motet.core.errors import MotetError, PlanError, RunOwned, StoreError
from motet.core.ids import new_id
from motet.core.json import loads
from motet.planner.written import Plan
from motet.runtime.dispatch import Desk, RunHands
from motet.runtime.errands import carried
from motet.runtime.journal import Journal
from motet.runtime.notices import AGAIN_SECONDS, notices
from motet.runtime.operators import Operators
from motet.runtime.postgres_schema import RUN
from motet.runtime.runs import carried_on
from motet.runtime.tasks import ENDED, GONE, WORK, Task, Tasks

AT_ONCE = 10
"""Calls that one worker carries out at once, unless it is told another number."""
RUNS = 100
"""Runs that one worker owns at once at most."""
LEAVE_SECONDS = 10.0
"""How long a worker that is to stop goes on with the calls it has taken."""
LONGEST_PAUSE = 15.0
"""Seconds between attempts at most while the database does not answer."""
_log = logging.getLogger("motet.worker")


class Worker:
    """Takes queued runs and offered calls until it is told to stop.

    A worker is crash-only: whatever it held when it ends, however it ends, others take over.
    """

    def __init__(
        self, journal: Journal, operators: Iterable[Any] = (), *, at_once: int = AT_ONCE
    ) -> None:
        self._journal = journal
        self._operators = list(operators)
        self._known = Operators(self._operators)
        self._at_once = at_once
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        """Have the worker take nothing more, and end with what it has taken."""
        self._leaving.set()

    async def run(self) -> None:
        """Work until told to leave. The connection may be lost and come back."""
        pause = AGAIN_SECONDS
        while not self._leaving.is_set():
            began = tick()
            shift = _Shift(self._journal, self._operators, self._known, self._at_once)
            try:
                await shift.run(self._leaving)
            except StoreError as error:
                _log.warning("%s", error)
                pause = min(2 * pause, LONGEST_PAUSE) if tick() < began + 1.0 else AGAIN_SECONDS
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._leaving.wait(), pause)


class _Shift:
    """A worker while its connection lasts; with the next one it is another worker."""

    def __init__(
        self, journal: Journal, operators: list[Any], known: Operators, at_once: int
    ) -> None:
        self._id = new_id("worker")
        self._journal = journal
        self._tasks = Tasks(journal)
        self._desk = Desk(journal)
        self._operators = operators
        self._known = known
        self._at_once = at_once
        self._errands: dict[str, asyncio.Task[None]] = {}
        self._runs: dict[str, asyncio.Task[None]] = {}
        self._foreign_runs: set[str] = set()
        self._foreign: set[str] = set()
        self._wake = asyncio.Event()
        self._runs_wait = True
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self, leaving: asyncio.Event) -> None:
        """Work until told to leave. Raises `StoreError` when the connection is lost."""
        await self._journal.own(self._id)
        listening = asyncio.create_task(self._watched(self._listen()))
        taking = asyncio.create_task(self._watched(self._take()))
        told = asyncio.create_task(self._watched(self._leave_after(leaving, taking)))
        try:
            await self._over
        finally:
            # As if it had died: nothing is recorded as cancelled, others take it over.
            await asyncio.to_thread(self._journal.abandon)
            work = [listening, taking, told, *self._errands.values(), *self._runs.values()]
            for each in work:
                each.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            await self._journal.disown(self._id)

    async def _leave_after(self, leaving: asyncio.Event, taking: asyncio.Task[None]) -> None:
        """Once told to leave, take nothing more and end what was taken."""
        await leaving.wait()
        taking.cancel()
        if self._errands:
            await asyncio.wait(list(self._errands.values()), timeout=LEAVE_SECONDS)
        if not self._over.done():
            self._over.set_result(None)

    async def _watched(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a part of the shift; its failure ends the whole."""
        try:
            await work
        except Exception as error:
            if not self._over.done():
                self._over.set_exception(error)

    # Listening

    async def _listen(self) -> None:
        async with aclosing(notices(str(self._journal.place))) as heard:
            async for notice in heard:
                if notice is None:
                    await self._look()
                    self._runs_wait = True
                elif notice == RUN:
                    self._runs_wait = True
                elif notice.startswith(ENDED):
                    await self._desk.collect([notice.removeprefix(ENDED)])
                elif notice.startswith(GONE):
                    self._cancel(notice.removeprefix(GONE))
                if notice in (None, RUN, WORK):
                    self._wake.set()

    async def _look(self) -> None:
        """Look after what nobody calls out: the dead, and what was missed."""
        await self._desk.look()
        await asyncio.to_thread(self._tasks.sweep)
        if not self._errands:
            return
        mine = list(self._errands)
        wanted = await asyncio.to_thread(self._tasks.wanted, self._id)
        for task in mine:
            if task not in wanted:
                self._cancel(task)

    def _cancel(self, task: str) -> None:
        errand = self._errands.get(task)
        if errand is not None:
            errand.cancel()

    # Taking

    async def _take(self) -> None:
        """Take runs and calls, as many as there is room for, whenever there may be some."""
        while True:
            self._wake.clear()
            if self._runs_wait:
                self._runs_wait = False
                await self._take_runs()
            await self._take_calls()
            await self._wake.wait()

    async def _take_runs(self) -> None:
        room = RUNS - len(self._runs)
        if room <= 0:
            return
        but = self._foreign_runs | set(self._runs)
        for run in await asyncio.to_thread(self._tasks.open_runs, but, room):
            try:
                await self._journal.own(run)
            except RunOwned:
                continue
            self._keep(self._runs, run, self._own(run))

    async def _take_calls(self) -> None:
        room = self._at_once - len(self._errands)
        if room <= 0:
            return
        for task in await asyncio.to_thread(self._tasks.take, self._id, room, self._foreign):
            self._keep(self._errands, task.id, self._carry(task))

    def _keep(
        self, there: dict[str, asyncio.Task[None]], key: str, work: Coroutine[Any, Any, None]
    ) -> None:
        def over(_: asyncio.Task[None]) -> None:
            del there[key]
            self._wake.set()

        there[key] = asyncio.create_task(self._watched(work))
        there[key].add_done_callback(over)

    # Working

    async def _own(self, run: str) -> None:
        """Carry out a run, whose calls any worker may take."""
        try:
            hands = RunHands(self._desk, run, await asyncio.to_thread(self._tasks.left, run))
            try:
                await carried_on(run, self._journal, self._operators, hands=hands)
            finally:
                hands.close()
                await self._journal.flush()
        except StoreError:
            raise
        except Exception as error:
            self._foreign_runs.add(run)
            shown = None if isinstance(error, MotetError) else error
            _log.warning("run %s is left to others: %s", run, error, exc_info=shown)
        finally:
            await self._journal.disown(run)

    async def _carry(self, task: Task) -> None:
        """Carry out a call and report how it ended."""
        try:
            found: Any = loads(task.call)
            call = self._known.added(found, Plan())
        except PlanError as error:
            self._foreign.add(task.operator)
            _log.warning("calls of %s are left to others: %s", task.operator, error)
            self._tasks.give_back(self._id, task.id)
            return
        report = await carried(task.run, call, found["timeout"])
        self._tasks.end(self._id, task.id, report)
        await self._journal.flush()
