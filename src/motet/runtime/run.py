"""A run as it stands, for whoever started it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from motet.core.errors import RunError
from motet.core.values import decode
from motet.runtime.decisions import what
from motet.runtime.records import Record, Span


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node of a run: `started` in epoch seconds, `cost` in USD."""

    id: str
    operator: str
    status: str
    started: float
    seconds: float | None
    cost: float
    tokens: int
    attempts: int
    parent: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Pending:
    """A node that waits: an approval of `value`, an event, or a call in doubt.

    `key` is what an answer is kept under.
    """

    node: str
    operator: str
    message: str
    value: object
    in_doubt: bool
    key: str


class Run:
    """A run: running, paused, done, failed or cancelled.

    `value` is None unless it is done, `error` what failed; `result()` raises that instead.
    """

    def __init__(
        self,
        id: str,
        status: str,
        value: object,
        error: BaseException | None,
        load: Callable[[], Record],
    ) -> None:
        self.id = id
        self.status = status
        self.value = value
        self.error = error
        self._load = load
        self._record: Record | None = None

    def __repr__(self) -> str:
        return f"<run {self.id}, {self.status}>"

    def result(self) -> Any:
        """Return the value. Raises what failed, or `RunError` while there is none."""
        if self.error is not None:
            raise self.error
        if self.status != "done":
            raise RunError(f"the run is {self.status}", where=self.id)
        return self.value

    @property
    def record(self) -> Record:
        """The run with all its nodes, read when first asked for."""
        if self._record is None:
            self._record = self._load()
        return self._record

    @property
    def nodes(self) -> Sequence[NodeView]:
        """The nodes in the order they started."""
        return [_view(each) for each in self.record.nodes]

    @property
    def pending(self) -> Sequence[Pending]:
        """What waits for a person; `motet.answer` answers."""
        return pending(self.record)


def pending(record: Record) -> list[Pending]:
    """Return what a run waits for people for."""
    found = []
    for span in record.nodes:
        asked = what(span) if span.status == "paused" else None
        if asked is not None:
            why = span.usage.note
            key = why if asked == "event" else span.node
            doubt = asked == "doubt"
            found.append(Pending(span.node, span.operator, why, _shown(span), doubt, key))
    return found


def _shown(span: Span) -> object:
    """Return the value put before people: as recorded where this process lacks its type."""
    if span.text is None:
        return None
    try:
        return decode(span.text)
    except ValueError:
        return span.value


def _view(span: Span) -> NodeView:
    return NodeView(
        id=span.node,
        operator=span.operator,
        status=span.status,
        started=span.started,
        seconds=span.seconds,
        cost=span.usage.cost_usd,
        tokens=span.usage.input_tokens + span.usage.output_tokens,
        attempts=span.attempts,
        parent=span.parent,
        error=span.error,
    )
