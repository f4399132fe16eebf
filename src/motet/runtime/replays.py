"""A recorded run gone through again: the same code must come to the same values."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from motet.core import blocking
from motet.core.errors import MotetError, UsageError
from motet.core.values import ValueTypeError, encode
from motet.planner.written import check
from motet.runtime.execution import Execution
from motet.runtime.node import Node
from motet.runtime.operators import Operators
from motet.runtime.records import Span
from motet.runtime.runs import journal_of


@dataclass(frozen=True, slots=True)
class Difference:
    """A node whose replay is not as recorded, and how."""

    node: str
    recorded: str
    replayed: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay came to; `again` are the nodes whose code ran."""

    run: str
    again: Sequence[str]
    differences: Sequence[Difference]

    @property
    def same(self) -> bool:
        """Whether everything came out as recorded."""
        return not self.differences


async def areplay(
    run: str, *, operators: Iterable[Any] = (), home: str | Path | None = None
) -> Replay:
    """Go through a finished run again without touching the outside.

    Workflows and pure operators run anew; all others give what they gave. Nothing is
    recorded. A difference is a value that came out otherwise, or a call that the record
    does not hold: then the code is no longer deterministic, or no longer the same.
    Raises `UsageError` for an unknown run and one that is not done, `PlanError`.
    """
    record = await asyncio.to_thread(journal_of(home).get, run)
    if record.kind != "plan" or record.status != "done":
        raise UsageError("only finished runs of written plans are replayed", where=run)
    known = Operators(operators)
    plan, want = known.plan(record.plan)
    spans = {span.node: span for span in record.nodes}
    kept = {name: span for name, span in spans.items() if span.effect != "pure"}
    replaying = _Replaying(run, kept)
    replaying.plan = plan
    plan.live.append(replaying)
    try:
        await replaying.run(check(plan, want))
    finally:
        plan.live.remove(replaying)
    found = _compared(replaying, spans)
    if isinstance(replaying.error, MotetError) and not found:
        found = [Difference("", "done", str(replaying.error))]
    return Replay(run, sorted(replaying.again), found)


def replay(run: str, **options: Any) -> Replay:
    """Go through a finished run again; see `areplay`."""
    return blocking.run(lambda: areplay(run, **options))


class _Replaying(Execution):
    """Runs what is pure, and refuses to call anything else."""

    def __init__(self, run: str, recorded: dict[str, Span]) -> None:
        super().__init__(run, None, recorded=recorded)
        self.again: set[str] = set()
        self.strange: list[str] = []

    async def _called(self, node: Node, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if node.call_.operator.effect != "pure":
            self.strange.append(node.id)
            raise UsageError("the record does not hold this call", where=node.id)
        self.again.add(node.id)
        return await super()._called(node, args, kwargs)


def _compared(replaying: _Replaying, spans: dict[str, Span]) -> list[Difference]:
    found = [Difference(name, "", "called") for name in replaying.strange]
    for name in sorted(replaying.again & set(spans)):
        node, before = replaying.nodes[name], spans[name].text or ""
        try:
            text = encode(node.value) if node.status == "done" else f"{node.status}"
        except ValueTypeError as error:
            text = str(error)
        if text != before:
            found.append(Difference(name, before, text))
    return found
