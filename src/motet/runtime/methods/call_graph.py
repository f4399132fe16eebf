"""Planned calls under way: each runs once what it refers to is there, all others beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from motet.core.json import JSON
from motet.runtime.methods.call_plans import PlannedCall
from motet.runtime.methods.calls import Caller, Request, Result, Shared, failure, given_up
from motet.runtime.methods.offers import REPEATABLE
from motet.runtime.methods.references import BadReference, Reference, followed, resolved


class CallGraph:
    """The calls of one plan; `known` are the results of plans before it, by id.

    Calls that change nothing are known by what they ask, so that a plan that asks for the
    same again finds them; others by their place in this plan, which `prefix` names.
    """

    def __init__(
        self, caller: Caller, shared: Shared, known: Mapping[str, Result], prefix: str
    ) -> None:
        self._caller = caller
        self._shared = shared
        self._known = known
        self._prefix = prefix
        self._tasks: dict[str, asyncio.Task[Result]] = {}
        self._dropped: list[asyncio.Task[Result]] = []

    def may_start_early(self, call: PlannedCall) -> bool:
        """Whether a call may start before the whole plan is known: nobody would notice."""
        tool = self._caller.offer.get(call.tool)
        if tool is None or self._caller.offer.needs_approval(tool):
            return False
        started = {*self._known, *self._tasks}
        return tool.effect in REPEATABLE and started.issuperset(call.needs)

    def start(self, calls: Iterable[PlannedCall]) -> None:
        """Start the calls that have not started; what they need is among them or known."""
        new = [call for call in calls if call.id not in self._tasks]
        # All tasks first: a call may need one that stands behind it.
        for call in new:
            self._tasks[call.id] = asyncio.ensure_future(self._run(call))

    async def results(self) -> dict[str, Result]:
        """Return what became of every call, by id."""
        for task in self._tasks.values():
            await asyncio.wait([task])
        return {id: task.result() for id, task in self._tasks.items()}

    def drop(self) -> None:
        """Forget the plan so far; calls that are asked for again are found again."""
        for task in self._tasks.values():
            task.cancel()
        self._dropped += self._tasks.values()
        self._tasks.clear()

    async def close(self) -> None:
        """Give up what still runs."""
        await given_up([*self._tasks.values(), *self._dropped])

    async def _run(self, call: PlannedCall) -> Result:
        request = Request(call.tool, call.arguments)
        results: dict[str, Result] = {}
        for need in call.needs:
            results[need] = await self._result(need)
            if results[need].error is not None:
                return failure(
                    request, "not_called", f"it needs {need!r}, which failed", needs=need
                )
        try:
            return await self._resolved(call, results)
        except BadReference as error:
            return failure(request, "bad_reference", str(error))

    async def _result(self, id: str) -> Result:
        task = self._tasks.get(id)
        return self._known[id] if task is None else await asyncio.shield(task)

    async def _resolved(self, call: PlannedCall, results: Mapping[str, Result]) -> Result:
        if call.for_each is None:
            return await self._single(call, self._request(call, results, None), "")
        items = resolved(call.for_each, lambda found: _value(found, results, None))
        if not isinstance(items, Sequence) or isinstance(items, str):
            kind = "a text" if isinstance(items, str) else type(items).__name__
            raise BadReference(f"for_each needs a list, got {kind}")
        requests = [self._request(call, results, (item,)) for item in items]
        running = [
            asyncio.ensure_future(self._single(call, request, f"-{at}"))
            for at, request in enumerate(requests)
        ]
        try:
            return _together(call, [await each for each in running])
        finally:
            await given_up(running)

    def _request(
        self, call: PlannedCall, results: Mapping[str, Result], item: tuple[JSON] | None
    ) -> Request:
        value = resolved(call.arguments, lambda found: _value(found, results, item))
        return Request(call.tool, value)  # type: ignore[arg-type]

    async def _single(self, call: PlannedCall, request: Request, suffix: str) -> Result:
        offer = self._caller.offer
        tool = offer.get(call.tool)
        if tool is not None and tool.effect in REPEATABLE and not offer.needs_approval(tool):
            task = self._shared.start(request, "calls/")
        else:
            task = self._caller.start(request, f"{self._prefix}/{call.id}{suffix}")
        # Shielded, for others may wait for the same call.
        return await asyncio.shield(task)


def _value(found: Reference, results: Mapping[str, Result], item: tuple[JSON] | None) -> JSON:
    if found.call is not None:
        return followed(found, results[found.call].value)
    if item is None:
        raise BadReference("$item stands only in a call with for_each")
    return followed(found, item[0])


def _together(call: PlannedCall, found: Sequence[Result]) -> Result:
    """Return the results of a call's items as one: a failure where one failed, with the others."""
    request = Request(call.tool, call.arguments)
    failed = [each for each in found if each.error is not None]
    if not failed:
        return Result(request, [each.value for each in found])
    assert failed[0].error is not None
    message = f"{len(failed)} of {len(found)} failed; the first: {failed[0].error['message']}"
    items: list[JSON] = [each.shown() for each in found]
    return failure(request, "failed", message, items=items)
