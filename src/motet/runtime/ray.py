"""Ray as the executor of a map over many items: they go to it in batches.

Every item stays a node of its own: its result is recorded when it comes, so a driver that is
killed goes on without what had ended.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from motet.core.errors import MotetBug, ProviderError, RunError, SetupNeeded, UsageError
from motet.core.values import decode
from motet.planner.operator import Operator
from motet.planner.written import Call
from motet.runtime.builtin import running
from motet.runtime.dispatch import LOSSES
from motet.runtime.errands import Report, carried, raised
from motet.runtime.hands import Away

WIDTH = 1000
"""Items that are on their way at once, unless the map says another number."""
LARGEST = 50
"""Items of a batch at most."""
_starting = threading.Lock()


@asynccontextmanager
async def through(operator: Operator[[Any], Any]) -> AsyncIterator[Operator[..., Any]]:
    """Give the operator as one whose calls are carried out by Ray's workers.

    Raises `UsageError` for what happens once: Ray cannot tell whether a call happened.
    """
    if operator.effect == "once":
        hint = "leave `executor` out: in this process it is journalled before it is called"
        raise UsageError("what happens once cannot go to Ray", where=operator.name, hint=hint)
    batches = _Batches(operator, *await asyncio.to_thread(_started))
    try:
        settings = replace(operator.settings, timeout=None)  # it is kept where the call is
        away = Away(operator.function, batches.call)
        yield Operator(away, effect=operator.effect, name=operator.name, options=settings)
    finally:
        batches.cancel()


@dataclass(slots=True)
class _Item:
    """One call on its way: `losses` are the workers that died of it."""

    node: str
    value: object
    end: asyncio.Future[Report]
    losses: int = 0


@dataclass(slots=True)
class _Batches:
    """Gathers calls into batches and follows those."""

    operator: Operator[[Any], Any]
    ray: Any
    cpus: int
    _pending: list[_Item] = field(default_factory=list)
    _active: dict[asyncio.Task[None], Any] = field(default_factory=dict)

    async def call(self, value: object) -> object:
        """Have one item carried out; return or raise what the operator does."""
        node = running()
        loop = asyncio.get_running_loop()
        item = _Item(node.id, value, loop.create_future())
        if not self._pending:
            loop.call_soon(self._send)
        self._pending.append(item)
        report = await item.end
        node.usage += report.usage
        node.attempts += item.losses
        if report.composes:
            raise UsageError(
                "it calls operators, and those cannot be recorded from within Ray",
                where=node.id,
                hint="leave `executor` out, or map over what it calls",
            )
        if report.error is not None:
            raise raised(report.error)
        if report.value is None:
            raise MotetBug("a report without a value", where=node.id)
        return decode(report.value)

    def _send(self) -> None:
        """Send what is pending, so that every CPU has a batch to do and one that waits."""
        while self._pending and (room := 2 * self.cpus - len(self._active)) > 0:
            size = max(1, min(LARGEST, len(self._pending) // room))
            items, self._pending = self._pending[:size], self._pending[size:]
            self._start(items)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._active.pop(task)
        self._send()

    def _start(self, items: Sequence[_Item]) -> None:
        remote = self.ray.remote(_carried_out).options(num_returns="streaming", max_retries=0)
        operator = self.operator
        calls = [(each.node, each.value) for each in items]
        limit = operator.settings.timeout
        reports = remote.remote(operator.function, operator.name, limit, calls)
        task = asyncio.get_running_loop().create_task(self._follow(reports, items))
        self._active[task] = reports
        task.add_done_callback(self._ended)

    async def _follow(self, reports: Any, items: Sequence[_Item]) -> None:
        """Give each item its report as it comes; send again what a dead worker left."""
        left = list(items)
        try:
            async for each in reports:
                report = Report.from_text(*await each)
                item = left.pop(0)
                if not item.end.done():
                    item.end.set_result(report)
        except self.ray.exceptions.RayError as error:
            self._lost(left, error)

    def _lost(self, items: Sequence[_Item], error: Exception) -> None:
        again = []
        for at, item in enumerate(items):
            item.losses += at == 0  # it was the first that was under way
            if item.end.done():
                continue
            if item.losses >= LOSSES or isinstance(error, self.ray.exceptions.RayTaskError):
                said = str(error).strip().splitlines()
                item.end.set_exception(RunError(f"Ray failed: {said[-1] if said else error!r}"))
            else:
                again.append(item)
        if again:
            self._start(again)

    def cancel(self) -> None:
        """Stop what is still under way."""
        self._pending.clear()
        for task, reports in list(self._active.items()):
            task.cancel()
            self.ray.cancel(reports)


def _carried_out(
    function: Callable[..., Any],
    name: str,
    limit: float | None,
    calls: Sequence[tuple[str, object]],
) -> Iterator[tuple[str, str | None]]:
    """Carry out calls one after the other, in a worker of Ray; yield their reports."""
    operator: Operator[..., Any] = Operator(function, name=name)
    with asyncio.Runner() as runner:
        for node, value in calls:
            report = runner.run(carried("", Call(node, operator, (value,), {}, ()), limit))
            yield report.to_text(), report.value


def _started() -> tuple[Any, int]:
    """Return Ray and how many CPUs it has: of the cluster in `RAY_ADDRESS`, or one of its own."""
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        hint = "pip install 'motet[ray]'"
        raise SetupNeeded("Ray is not installed", where=str(error), hint=hint) from error
    with _starting:
        if not ray.is_initialized():
            ready: Future[None] = Future()
            threading.Thread(target=_host, args=(ray, ready), name="motet-ray", daemon=True).start()
            ready.result()
    return ray, max(1, int(ray.cluster_resources().get("CPU", 1)))


def _host(ray: Any, ready: Future[None]) -> None:
    """Start Ray, and stay: its processes end with the thread that started them."""
    own = {} if os.environ.get("RAY_ADDRESS") else {"include_dashboard": False}
    try:
        ray.init(log_to_driver=False, **own)
    except Exception as error:
        ready.set_exception(ProviderError(f"Ray does not start: {error}", where="ray.init"))
        return
    ready.set_result(None)
    threading.Event().wait()
