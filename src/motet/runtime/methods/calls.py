"""Calling tools for a model: checked, allowed, journalled; a failure is the call's result."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from motet.core.errors import (
    ApprovalNeeded,
    BudgetSpent,
    MotetBug,
    MotetError,
    Refused,
    StoreError,
    TimedOut,
)
from motet.core.ids import sha256
from motet.core.json import JSON, dumps
from motet.core.protocols import Tool
from motet.runtime.context import Context, Outcome
from motet.runtime.methods.offers import REPEATABLE, Offer
from motet.runtime.records import Usage
from motet.tools.functions import InvalidArguments
from motet.tools.redaction import redacted
from motet.tools.validation import Problem, problems

TIMEOUT = 60.0
"""Seconds that a tool may take where nobody said."""
_ENDS_RUN = (ApprovalNeeded, BudgetSpent, MotetBug, StoreError)


@dataclass(frozen=True, slots=True)
class Request:
    """A call that a model asks for: the tool's name on the wire, and its arguments.

    `key` is what equal calls have in common.
    """

    tool: str
    arguments: Mapping[str, JSON]
    key: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        text = dumps([self.tool, self.arguments], sort=True)
        object.__setattr__(self, "key", f"{self.tool}-{sha256(text.encode())[:10]}")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a call: its value, or why there is none.

    `request` is what was really called: of a call that happens once and had happened before
    a crash, it may differ from what the model asks for afterwards.
    """

    request: Request
    value: JSON = None
    error: Mapping[str, JSON] | None = None

    def shown(self) -> JSON:
        """Return what the model gets."""
        return self.value if self.error is None else {"error": self.error}

    def to_json(self) -> JSON:
        """Return the result as the journal keeps it."""
        outcome: dict[str, JSON] = (
            {"value": self.value} if self.error is None else {"error": self.error}
        )
        return {"tool": self.request.tool, "arguments": self.request.arguments, **outcome}


def result_from_json(record: JSON) -> Result:
    """Return the result of a record."""
    found = cast("dict[str, Any]", record)
    request = Request(found["tool"], found["arguments"])
    return Result(request, found.get("value"), found.get("error"))


def failure(
    request: Request, kind: str, message: str, wrong: Sequence[Problem] = (), **more: JSON
) -> Result:
    """Return the result of a call that gave none, in words a model can act on."""
    error: dict[str, JSON] = {"kind": kind, "tool": request.tool, "message": message, **more}
    if wrong:
        error["problems"] = [each.to_json() for each in wrong]
    return Result(request, error=error)


class Caller:
    """Calls the tools of an offer as nodes of the running method."""

    def __init__(self, context: Context, offer: Offer, most: int) -> None:
        """Start. `most` is how many calls there may be in all."""
        self.offer = offer
        self._context = context
        self._left = most
        self._most = most
        # Calls belong to the method even when they start inside a step of it.
        self._home = contextvars.copy_context()

    def start(self, request: Request, id: str) -> asyncio.Task[Result]:
        """Make a call beside what else runs; `id` names it in the journal."""
        loop = asyncio.get_running_loop()
        return loop.create_task(self.call(request, id), context=self._home.copy())

    async def call(self, request: Request, id: str) -> Result:
        """Make a call once it is checked and allowed; what cannot be made gives a failure."""
        tool = self.offer.get(request.tool)
        if tool is None:
            near = self.offer.near(request.tool)
            hint = f"did you mean {near}?" if near else f"there are: {', '.join(self.offer.names)}"
            return failure(request, "unknown_tool", f"there is no tool {request.tool!r}; {hint}")
        if self._left <= 0:
            message = f"all {self._most} calls of this answer are used; answer with what you have"
            return failure(request, "too_many_calls", message)
        self._left -= 1
        if tool.effect == "once" and not self.offer.needs_approval(tool):
            # The record first: what happened in this place counts, whatever is asked now.
            return await self._run(tool, request, id)
        if wrong := problems(tool.parameters, request.arguments):
            return failure(request, "invalid_arguments", "; ".join(map(str, wrong)), wrong)
        if not self.offer.needs_approval(tool):
            return await self._run(tool, request, id)
        return await self._allowed(tool, request, id)

    async def _allowed(self, tool: Tool, request: Request, id: str) -> Result:
        steps = self._context.steps
        words = f"Call {tool.name}?"
        decision = await steps.approve(f"{id}/approve", words, dict(request.arguments))
        if not decision.approved:
            reason = decision.reason or "no reason was given"
            return failure(request, "refused", f"a person refused this call: {reason}")
        if decision.value == request.arguments:
            return await self._run(tool, request, id)
        return await self._edited(tool, request, decision.value, id)

    async def _edited(self, tool: Tool, request: Request, edited: JSON, id: str) -> Result:
        wrong = problems(tool.parameters, edited)
        if wrong or not isinstance(edited, Mapping):
            message = f"a person changed the arguments, and they do not fit: {wrong[0]}"
            return failure(request, "invalid_arguments", message, wrong)
        done = await self._run(tool, Request(request.tool, edited), id)
        return Result(request, {"changed_by_a_person": edited, "result": done.shown()})

    async def _run(self, tool: Tool, request: Request, id: str) -> Result:
        """Run the tool. What happens once is recorded with its failure: nobody repeats it."""
        if tool.effect != "once":
            return await self._attempt(tool, request, id)

        async def once() -> Outcome:
            result = await self._attempt(tool, request, "call")
            note = "" if result.error is None else f"failed: {result.error['message']}"
            return Outcome(result, Usage(note=note), result.to_json())

        found = await self._context.steps.step(
            id, once, operator="call", method="call.once", choice=tool.name,
            effect="idempotent", restore=result_from_json,
        )  # fmt: skip
        return cast(Result, found)

    async def _attempt(self, tool: Tool, request: Request, id: str) -> Result:
        async def call() -> Outcome:
            if wrong := problems(tool.parameters, request.arguments):
                raise InvalidArguments(tool.name, wrong)
            value = await tool.call(request.arguments)
            return Outcome(value, Usage(), value)

        limit = None if tool.concurrency is None else (f"tool {tool.name}", tool.concurrency)
        try:
            value = await self._context.steps.step(
                id, call, operator="call", method="call", choice=tool.name, effect=tool.effect,
                limit=limit, timeout=tool.timeout or TIMEOUT, retries=tool.retries,
            )  # fmt: skip
        except _ENDS_RUN:
            raise
        except Exception as error:
            return _failed(request, error)
        return Result(request, cast(JSON, value))


def _failed(request: Request, error: Exception) -> Result:
    if isinstance(error, InvalidArguments):
        wrong = error.problems
        return failure(request, "invalid_arguments", "; ".join(map(str, wrong)), wrong)
    if isinstance(error, TimedOut):
        return failure(request, "timeout", redacted(error.message))
    if isinstance(error, Refused):
        return failure(request, "refused", f"a person refused this call: {error.reason}")
    if isinstance(error, MotetError):
        return failure(request, "failed", redacted(error.message))
    return failure(request, "failed", redacted(f"{type(error).__name__}: {error}"))


class Shared:
    """Calls under way by what they ask: equal ones that change nothing share one run."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._tasks: dict[str, list[asyncio.Task[Result]]] = {}

    def start(self, request: Request, prefix: str) -> asyncio.Task[Result]:
        """Start a call, or join an equal one that has not failed; its id begins with `prefix`."""
        tool = self._caller.offer.get(request.tool)
        equal = self._tasks.setdefault(request.key, [])
        joined = tool is not None and tool.effect in REPEATABLE
        if joined and equal and not _has_failed(equal[-1]):
            return equal[-1]
        suffix = f".{len(equal) + 1}" if equal else ""
        equal.append(self._caller.start(request, f"{prefix}{request.key}{suffix}"))
        return equal[-1]

    async def close(self) -> None:
        """Give up what still runs."""
        await given_up([task for equal in self._tasks.values() for task in equal])


def _has_failed(task: asyncio.Task[Result]) -> bool:
    if not task.done():
        return False
    return task.cancelled() or task.exception() is not None or task.result().error is not None


async def given_up(tasks: Collection[asyncio.Task[Result]]) -> None:
    """Cancel calls that still run, and wait for their end: the method may not end before."""
    running = [task for task in tasks if not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running)
    for task in tasks:
        if not task.cancelled():
            task.exception()  # who cares for it has seen it
