"""What a method may use while it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from motet.core.chat import ChatModel, Message
from motet.core.json import JSON
from motet.core.passages import Retriever
from motet.core.protocols import SpanReader
from motet.planner.cost import Price
from motet.runtime.journal import Usage

Emit = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Means:
    """A system's means. `reader` and `chat` load on first use and may raise `SetupNeeded`."""

    system: str
    retriever: Retriever
    reader: Callable[[], SpanReader]
    chat: Callable[[str], ChatModel]
    price: Callable[[str], Price | None]


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a method gives: the value, what it used, and the value as the journal keeps it."""

    value: object
    usage: Usage
    record: JSON


Method = Callable[[Context, Sequence[object], Mapping[str, JSON]], Awaitable[Outcome]]
