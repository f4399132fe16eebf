"""Operators that Motet brings for plans written in Python."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeVar

from motet.core.clock import now
from motet.core.errors import UsageError
from motet.core.running import CALLER
from motet.core.values import decode, encode
from motet.planner.operator import Operator, as_operator
from motet.runtime.node import Node
from motet.runtime.records import Usage

T = TypeVar("T")
EVENT = "event:"
"""What an event's name follows where answers are kept."""
WIDTH = 100
"""Items of a map that run at once."""


def running() -> Node:
    """Return the node that runs here. Raises `UsageError` outside of a run."""
    caller = CALLER.get()
    if not isinstance(caller, Node):
        raise UsageError("this is for inside a run", hint="call it from an operator or workflow")
    return caller


def report(
    tokens: int = 0,
    cost: float = 0.0,
    *,
    input_tokens: int = 0,
    rows: int | None = None,
    note: str = "",
) -> None:
    """Say what the running operator used: tokens, USD, and how many rows it gives.

    It is recorded at once, counts against the budget, and teaches the cost model.
    Raises `UsageError` for what cannot have been used.
    """
    for name, count in (("tokens", tokens), ("input_tokens", input_tokens), ("rows", rows or 0)):
        if not isinstance(count, int) or not 0 <= count < 1 << 48:
            raise UsageError(f"`{name}` is a count, got {count!r}", where="report")
    if not isinstance(cost, (int, float)) or not 0 <= cost < float("inf"):
        raise UsageError(f"`cost` is an amount of USD, got {cost!r}", where="report")
    running().report(Usage(input_tokens, tokens, float(cost), rows, str(note)))


async def _approve(value: T, message: str = "") -> T:
    """Wait for a person, for weeks if need be; return the value, or what they made of it.

    Raises `Refused` with their reason.
    """
    node = running()
    said = await node.execution.people.ask(node, message or "may this go on?", encode(value))
    if said.value is None:
        return value
    edited: Any = decode(said.value)
    return edited  # type: ignore[no-any-return]


async def _event(name: str) -> object:
    """Wait for an event that somebody sends to the run; return its value. See `send`."""
    said = await running().execution.people.ask(running(), EVENT + name, key=EVENT + name)
    return None if said.value is None else decode(said.value)


async def _sleep(seconds: float) -> float:
    """Wait that long, counted from when it was first called, through crashes and restarts."""
    began = await clock()
    await asyncio.sleep(max(0.0, began + seconds - now()))
    return seconds


async def _clock() -> float:
    """Return the time in epoch seconds, the same again when the run is resumed."""
    return now()


async def _map(
    operator: Operator[[Any], T],
    items: Iterable[Any],
    *,
    width: int | None = None,
    executor: Literal["ray"] | None = None,
) -> list[T]:
    """Apply an operator to every item, `width` at once; return the results in their order.

    The first failure ends it. Each item is a node of its own. With the executor `ray`, items
    go in batches to a Ray cluster (`RAY_ADDRESS`, else one of this process), and their
    results are recorded as they come; it needs the extra `motet[ray]`.
    """
    applied = as_operator(operator)
    if executor is None:
        return await _mapped(applied, items, WIDTH if width is None else width)
    if executor != "ray":
        raise UsageError(f"no such executor: {executor!r}", hint="ray, or none")
    from motet.runtime import ray

    async with ray.through(applied) as away:
        return await _mapped(away, items, ray.WIDTH if width is None else width)


async def _mapped(operator: Operator[..., T], items: Iterable[Any], width: int) -> list[T]:
    pending = enumerate(items)
    results: dict[int, T] = {}

    async def work(turns: Iterator[tuple[int, Any]]) -> None:
        for at, item in turns:
            results[at] = await _one(operator, item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(max(1, width)):
                group.create_task(work(pending))
    except BaseExceptionGroup as failures:
        raise first(failures) from None
    return [results[at] for at in range(len(results))]


def first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first failure that is not itself a group."""
    failure: BaseException = failures
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure


async def _one(operator: Operator[[Any], T], item: Any) -> T:
    node = running()
    found: Any = node.call(operator, (item,), {})
    return await found  # type: ignore[no-any-return]


event: Operator[..., Any] = Operator(_event, effect="read", name="event")
clock: Operator[..., Any] = Operator(_clock, effect="read", name="clock")
sleep: Operator[..., Any] = Operator(_sleep, effect="pure", name="sleep", composes=True)
approve: Operator[..., Any] = Operator(_approve, effect="read", name="approve")
map: Operator[..., Any] = Operator(_map, effect="pure", name="map", composes=True)
