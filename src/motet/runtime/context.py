"""What a method may use while it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from motet.core.chat import ChatModel, Message
from motet.core.json import JSON
from motet.core.passages import Retriever
from motet.core.protocols import Recollection, SpanReader, Tool
from motet.planner.cost import Price
from motet.planner.operator import Operator
from motet.planner.plan import Effect
from motet.runtime.records import Usage

Emit = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Means:
    """A system's means. `reader` and `chat` load on first use and may raise `SetupNeeded`.

    `approve` holds the patterns of tools that a person must allow; `operators` are those
    that the system's author wrote.
    """

    system: str
    retriever: Retriever
    reader: Callable[[], SpanReader]
    chat: Callable[[str], ChatModel]
    price: Callable[[str], Price | None]
    tools: Mapping[str, Tool]
    approve: Sequence[str] = ()
    operators: Mapping[str, Operator[..., object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a method gives: the value, what it used, and the value as the journal keeps it.

    `sources` are those it was taken from, as (source, version).
    """

    value: object
    usage: Usage
    record: JSON
    sources: Collection[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided: `value` is theirs where they edited it; `reason` says why not."""

    approved: bool
    value: JSON
    reason: str


def same(record: JSON) -> object:
    """Return a record as the value it is."""
    return record


class Steps(Protocol):
    """Child nodes of the node that is running."""

    async def step(
        self,
        id: str,
        call: Callable[[], Awaitable[Outcome]],
        *,
        operator: str,
        method: str,
        choice: str,
        effect: Effect = "read",
        task: str = "",
        restore: Callable[[JSON], object] = same,
        limit: tuple[str, int] | None = None,
        timeout: float | None = None,
        retries: int = 0,
    ) -> object:
        """Run a journalled child and return its value.

        `id` is unique within the parent and the same when the run is resumed; then a child
        that had finished gives `restore` of its record, and `call` is not called. A failure
        raises and leaves siblings alone. Any number may run at once.
        """
        ...

    async def approve(self, id: str, message: str, value: JSON) -> Decision:
        """Wait, if need be for weeks and across restarts, for a person's decision."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """One run: its question and earlier turns, and where text goes that comes in pieces.

    What is emitted, put together, is the `marked` of the answer; methods that have the
    whole answer at once need not emit it.
    """

    means: Means
    question: str
    history: tuple[Message, ...]
    emit: Emit
    steps: Steps
    memory: Recollection | None = None
    """What is remembered of whoever asks, None where nothing is."""


Method = Callable[[Context, Sequence[object], Mapping[str, JSON]], Awaitable[Outcome]]
Restore = Callable[[Context, JSON], object]
"""Turns a record back into the value it was made of."""
