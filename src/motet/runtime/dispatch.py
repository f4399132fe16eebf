"""Handing a run's calls out to workers, and following them to their end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from motet.core.clock import now, tick
from motet.core.errors import MotetBug, PlanError, RunError
from motet.core.json import dumps
from motet.core.values import decode
from motet.planner.operator import Operator
from motet.planner.written import Call
from motet.runtime.attempts import Attempt
from motet.runtime.errands import Report, raised
from motet.runtime.hands import Away
from motet.runtime.journal import Journal
from motet.runtime.node import Node
from motet.runtime.operators import is_builtin
from motet.runtime.tasks import Ended, Tasks

LOSSES = 3
"""How many workers die of one call before its node fails."""


class WorkerLost(RunError):
    """The worker that carried a call out has died."""

    code = "lost"


class Desk:
    """What one process has handed out, of all the runs that it owns."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.tasks = Tasks(journal)
        self.composing: set[str] = set()
        """Operators that turned out to call operators: their owner carries them out."""
        self._waiting: dict[str, _Turn] = {}

    async def end(self, task: str, *, once: bool) -> Ended:
        """Return how a task ended.

        It is offered again when its worker dies, unless it happens `once`. Raises
        `WorkerLost` then, and where too many have died of it.
        """
        turn = self._waiting[task] = _Turn(asyncio.get_running_loop().create_future(), once)
        try:
            return await turn.end
        finally:
            del self._waiting[task]

    async def collect(self, tasks: Iterable[str]) -> None:
        """Give the reports of tasks that ended to who waits for them. Raises `StoreError`."""
        asked = [each for each in tasks if each in self._waiting]
        if not asked:
            return
        for task, ended in (await asyncio.to_thread(self.tasks.ends, asked)).items():
            turn = self._waiting.get(task)
            if turn is not None and not turn.end.done():
                turn.end.set_result(ended)

    async def look(self) -> None:
        """Look after everything that is out: what ended unheard, and whose worker died."""
        await self.collect(list(self._waiting))
        asked = [task for task, turn in self._waiting.items() if not turn.end.done()]
        if not asked:
            return
        for task, gone in (await asyncio.to_thread(self.tasks.lost, asked)).items():
            turn = self._waiting.get(task)
            if turn is None or turn.end.done():
                continue
            lost = await asyncio.to_thread(self._lost, task, turn.once, gone)
            if lost is not None and not turn.end.done():
                turn.end.set_exception(lost)

    def _lost(self, task: str, once: bool, gone: bool) -> WorkerLost | None:
        """Return what becomes of a call whose worker died; None: it goes on."""
        if gone:
            return WorkerLost("somebody deleted the task it was handed out as")
        if once:
            died = self.tasks.give_up(task)
            return WorkerLost("the worker that carried it out has died") if died else None
        losses = self.tasks.offer_again(task, LOSSES)
        return WorkerLost(f"{losses} workers died of it") if losses >= LOSSES else None


@dataclass(frozen=True, slots=True)
class _Turn:
    """Somebody waits for the end of a task."""

    end: asyncio.Future[Ended]
    once: bool


class RunHands:
    """The `Hands` of one run: its calls are carried out by whichever workers take them.

    What an earlier owner of the run had handed out is followed, not handed out again.
    """

    def __init__(self, desk: Desk, run: str, left: Iterable[tuple[str, str]]) -> None:
        self._desk = desk
        self._tasks = desk.tasks
        self._run = run
        self._left: dict[str, list[str]] = {}
        for node, task in left:
            self._left.setdefault(node, []).append(task)
        self._out = 0
        self._ended: dict[str, Node] = {}

    def knows(self, node: str) -> bool:
        """Whether a call that an earlier owner handed out can still be followed."""
        return bool(self._left.get(node))

    def attempt(
        self, node: Node, args: tuple[Any, ...], kwargs: dict[str, Any], here: Attempt
    ) -> Attempt:
        """Return what has a worker call the node's function; `here` where none can."""
        operator = node.call_.operator
        if not self._portable(operator):
            return here
        try:
            call = Call(node.id, operator, args, kwargs, ()).to_json()
        except PlanError:
            return here  # arguments that cannot be written cannot travel
        text = dumps({**call, "timeout": operator.settings.timeout})
        return partial(self._away, node, text, here)

    def _portable(self, operator: Operator[Any, Any]) -> bool:
        """Whether another process can find the function, and it calls no other."""
        return not (
            operator.composes
            or is_builtin(operator)
            or isinstance(operator.function, Away)
            or operator.choice in self._desk.composing
            or "<" in operator.identity.qualname
        )

    async def _away(self, node: Node, call: str, here: Attempt) -> Any:
        self._tidy()
        self._out += 1
        task = self._follow(node) or self._offer(node, call)
        try:
            await self._desk.journal.flush()
            once = node.call_.operator.effect == "once"
            ended = await self._desk.end(task, once=once)
        except BaseException:
            self._tasks.drop(self._run, task)
            raise
        finally:
            self._out -= 1
        node.attempts += ended.losses
        return await self._taken(node, task, ended.report, here)

    def _follow(self, node: Node) -> str | None:
        left = self._left.get(node.id)
        return left.pop(0) if left else None

    def _offer(self, node: Node, call: str) -> str:
        operator = node.call_.operator.choice
        return self._tasks.offer(self._run, node.id, operator, call, self._out)

    async def _taken(self, node: Node, task: str, report: Report, here: Attempt) -> Any:
        """Book what a call used, and return or raise what it did."""
        if report.composes:
            self._desk.composing.add(node.call_.operator.choice)
            self._tasks.drop(self._run, task)
            return await here()
        node.usage += report.usage
        node.began = tick() - report.seconds  # a node runs while its call runs
        node.started = now() - report.seconds
        if report.error is not None:
            self._tasks.drop(self._run, task)
            raise raised(report.error)
        if report.value is None:
            raise MotetBug("a report without a value", where=node.id)
        self._ended[task] = node
        try:
            return decode(report.value)
        except ValueError as error:
            raise RunError(f"its value cannot be read: {error}", where=node.id) from error

    def _tidy(self) -> None:
        """Drop the tasks whose nodes have ended: those rows are posted, before this."""
        for task, node in list(self._ended.items()):
            if node.status != "running":
                del self._ended[task]
                self._tasks.drop(self._run, task)

    async def lasting(self, node: Node, run: Attempt) -> Any:
        """Run an attempt; see `Hands.lasting`."""
        while True:
            try:
                return await run()
            except WorkerLost:
                if node.call_.operator.effect != "once":
                    raise
            if (known := await node.execution.doubt(node)) is not None:
                return known[0]

    def close(self) -> None:
        """Drop what is left: the run has ended, or waits for people."""
        self._tasks.clear(self._run)
