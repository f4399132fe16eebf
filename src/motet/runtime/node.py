"""A node while it runs: its state, what it used, and its row in the journal."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from motet.core.clock import now, tick
from motet.core.json import JSON, dumps
from motet.core.store.sessions import storable
from motet.planner.lowering import METHOD
from motet.planner.written import Call, Plan
from motet.runtime.records import Span, Usage

if TYPE_CHECKING:
    from motet.runtime.execution import Execution
    from motet.runtime.rows import NodeRow

Status = Literal["waiting", "running", "paused", "done", "failed", "cancelled"]


class Label:
    """What a node is to statistics and traces; `limit` is the name it is limited under."""

    __slots__ = ("choice", "limit", "method", "task")

    def __init__(self, method: str, choice: str, task: str = "", limit: str = "") -> None:
        self.method = method
        self.choice = choice
        self.task = task
        self.limit = limit or choice


class Node:
    """One call of a run. It is what operators meet as their caller (`core.running`)."""

    __slots__ = (
        "adds",
        "attempts",
        "base",
        "began",
        "call_",
        "children",
        "counts",
        "decode",
        "dependents",
        "error",
        "execution",
        "kept",
        "label",
        "live",
        "missing",
        "parent",
        "recorded",
        "seconds",
        "span_id",
        "started",
        "status",
        "task",
        "text",
        "usage",
        "value",
        "waiters",
    )

    def __init__(self, call: Call, execution: Execution, recorded: Span | None) -> None:
        self.call_ = call
        self.execution = execution
        self.recorded = recorded
        self.parent: Node | None = None
        self.status: Status = "waiting"
        self.kept: Status = "waiting"
        self.value: Any = None
        self.error: BaseException | None = None
        self.missing = 0
        self.dependents: list[Node] = []
        self.task: asyncio.Task[Any] | None = None
        self.children: set[asyncio.Task[Any]] | None = None
        self.counts: dict[str, int] | None = None
        self.waiters: list[asyncio.Future[None]] | None = None
        self.adds = False
        self.live = ""
        self.label: Label | None = None
        self.decode: Callable[[str], object] | None = None
        self.text: str | None = None
        self.span_id = recorded.span_id if recorded else os.urandom(8).hex()
        self.started = 0.0
        self.began = 0.0
        self.seconds: float | None = None
        self.base = ""
        # What earlier attempts used is spent, also where the process died since.
        self.attempts = recorded.attempts if recorded and recorded.status != "waiting" else 0
        self.usage = recorded.usage if recorded else NOTHING

    @property
    def id(self) -> str:
        """The node's id, unique within its run."""
        return self.call_.id

    def begin(self) -> None:
        """Note that it starts."""
        self.status = "running"
        self.started = now()
        self.began = tick()

    @property
    def run(self) -> str:
        """The id of the run."""
        return self.execution.id

    @property
    def settled(self) -> bool:
        """Whether its end is written, so that it is to be written no more."""
        return self.kept == "done" and self.text is None

    def written(self) -> None:
        """Let go of what is committed; it may have ended since its row was made."""
        if self.kept == "done":
            self.text = None

    def row(self) -> NodeRow:
        """Return the node as the journal keeps it."""
        call = self.call_
        label = self.label
        usage = self.usage
        status = self.kept = self.status
        return (
            self.execution.id,
            call.id,
            call.parent,
            dumps(call.needs) if call.needs else "",
            self.span_id,
            call.operator.name,
            METHOD if label is None else label.method,
            call.operator.choice if label is None else label.choice,
            "" if label is None else label.task,
            call.operator.effect,
            status,
            self.started,
            self.seconds,
            self.attempts,
            usage.input_tokens,
            usage.output_tokens,
            usage.cost_usd,
            usage.rows,
            storable(usage.note),
            self.live or None,
            self.text if status in ("done", "paused") else None,
            self.base,
            None if self.error is None else words(self.error),
        )

    def span(self) -> Span:
        """Return the node as its span."""
        row = self.row()
        return Span(
            node=self.id,
            span_id=self.span_id,
            operator=row[5],
            method=row[6],
            choice=row[7],
            status=self.status,
            started=self.started,
            seconds=row[12],
            usage=self.usage,
            text=self.text,
            error=row[22],
            parent=self.call_.parent,
            needs=self.call_.needs,
            effect=row[9],
            attempts=self.attempts,
        )

    # The caller that operators meet

    @property
    def plan(self) -> Plan | None:
        """The written plan of the run."""
        return self.execution.plan

    def call(self, operator: Any, args: Sequence[object], kwargs: Mapping[str, object]) -> object:
        """Run an operator as a child of this node."""
        return self.execution.child(self, operator, tuple(args), dict(kwargs))

    def report(self, used: Usage) -> None:
        """Add to what the node used; from any thread."""
        self.usage += used
        self.execution.note(self)

    def child_id(self, name: str, key: str) -> str:
        """Return the id of a child: its operator, and what tells its arguments from others'.

        It does not depend on the order in which parallel branches come to their calls;
        calls that are wholly equal are counted.
        """
        if self.counts is None:
            self.counts = {}
        base = f"{self.id}/{name}-{key}" if key else f"{self.id}/{name}"
        count = self.counts[base] = self.counts.get(base, 0) + 1
        return base if count == 1 else f"{base}.{count}"


NOTHING = Usage()
LONGEST = 10_000
"""Characters of an error that are kept."""


class Kept:
    """A span of one run as a node of another."""

    def __init__(self, run: str, span: Span) -> None:
        self.run = run
        self._span = span

    def row(self) -> NodeRow:
        """Return the span as the journal keeps it."""
        span, used = self._span, self._span.usage
        return (
            self.run,
            span.node,
            span.parent,
            dumps(span.needs) if span.needs else "",
            span.span_id,
            span.operator,
            span.method,
            span.choice,
            span.task,
            span.effect,
            span.status,
            span.started,
            span.seconds,
            span.attempts,
            used.input_tokens,
            used.output_tokens,
            used.cost_usd,
            used.rows,
            used.note,
            None if span.call is None else dumps(span.call),
            span.text,
            "",
            span.error,
        )

    @property
    def settled(self) -> bool:
        """Never: it is posted once."""
        return False

    def written(self) -> None:
        """Take note that it is committed."""


def words(error: BaseException) -> str:
    """Return an error as text for a person, without secrets, whatever its own text does."""
    from motet.core.errors import MotetError
    from motet.tools.redaction import without_secrets

    kind = type(error).__name__
    try:
        said = str(error)
    except Exception as broken:
        said = f"(its text cannot be made: {type(broken).__name__})"
    if not isinstance(error, MotetError):
        said = f"{kind}: {said}" if said else kind
    return storable(without_secrets(said)[:LONGEST])


def plain(value: JSON) -> JSON:
    """Return a record's value as it is: what needs no restoring."""
    return value
