"""What every dialect of a chat API can do, as a provider's client and as a server to clients.

Reading keeps what the canonical model can hold and names the rest; writing names what the
dialect cannot say. Both give those names as paths in the body they are about
(`messages[2].content[0].cache_control`), never silently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from motet.core.chat import ChatEvent, ChatRequest, ChatResponse, Finished
from motet.core.json import JSON
from motet.models.sse import ServerSentEvent


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request to a provider: the path below its base URL, the JSON body, further headers.

    `lost` names what of the canonical request this dialect cannot say.
    """

    path: str
    body: Mapping[str, JSON]
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request of a client as read; `lost` names what the canonical request cannot hold."""

    model: str
    request: ChatRequest
    stream: bool
    include_usage: bool = True
    lost: tuple[str, ...] = ()


class AnswerReader(Protocol):
    """Reads one answer of a provider; whole and streamed answers make the same parts."""

    @property
    def ended(self) -> bool:
        """Whether the finish reason has come; only usage can be missing then."""
        ...

    def whole(self, body: bytes) -> list[ChatEvent]:
        """Read a whole answer, `Finished` included. Raises `ProviderError`."""
        ...

    def chunk(self, sent: ServerSentEvent) -> list[ChatEvent]:
        """Read one event of a stream. Raises `ProviderError`, also for an error sent in it."""
        ...

    def is_last(self, sent: ServerSentEvent) -> bool:
        """Whether the event marks the stream's end by itself; it is still to be read."""
        ...

    def finish(self, *, declared: bool = False) -> Finished:
        """Return the last event; `declared` says that the provider marked the end itself.

        Raises `ProviderError` where the answer has no end.
        """
        ...


class AnswerWriter(Protocol):
    """Writes one answer to a client."""

    def whole(self, answer: ChatResponse) -> Mapping[str, JSON]:
        """Return the body of a whole answer."""
        ...

    def start(self) -> bytes:
        """Return the bytes that open a stream; may be empty."""
        ...

    def event(self, event: ChatEvent) -> bytes:
        """Return the bytes of one event; for `Finished` also all that ends the stream."""
        ...

    def failure(self, status: int, message: str, code: str | None) -> bytes:
        """Return the bytes that end a stream with an error."""
        ...

    @property
    def lost(self) -> Sequence[str]:
        """What of the answer this dialect could not say, so far."""
        ...


class Dialect(Protocol):
    """One dialect."""

    @property
    def name(self) -> str:
        """Its name: openai, responses, anthropic or gemini."""
        ...

    # As a provider's client

    def headers(self, key: str) -> Mapping[str, str]:
        """Return the headers that carry the key and the version; without a key only the latter."""
        ...

    def outgoing(self, request: ChatRequest, model: str, *, stream: bool) -> Outgoing:
        """Write a request. Raises `UsageError` where the dialect needs what is missing."""
        ...

    def reader(self, where: str, key: str = "") -> AnswerReader:
        """Return a reader for one answer; `where` names the model in errors, without the key."""
        ...

    # As a server

    def incoming(self, body: Mapping[str, JSON]) -> Incoming:
        """Read a client's request. Raises `BadRequest` with the argument at fault."""
        ...

    def writer(self, incoming: Incoming, *, id: str, created: int) -> AnswerWriter:
        """Return a writer for one answer; `id` is ours, used where the answer has none."""
        ...

    def error(
        self, status: int, message: str, code: str | None, param: str | None = None
    ) -> Mapping[str, JSON]:
        """Return the body of an error."""
        ...


class BadRequest(Exception):
    """A client's request that cannot be read; `param` names the argument at fault."""

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code
