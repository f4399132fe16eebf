"""An answer's events written for a client in its dialect, as they come or all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import orjson

from motet.core.chat import ChatEvent, Finished, ToolCall, ToolCallDelta, Usage
from motet.models.assembly import Assembly, assemble
from motet.models.dialects.dialect import AnswerWriter


class Screen(Protocol):
    """Looks at an answer's events before the client does; may hold some back for a moment."""

    def feed(self, event: ChatEvent) -> Sequence[ChatEvent]:
        """Return the events that may pass. Raises `ProviderError` where the answer must stop."""


class Rendering:
    """Writes events for a client, streamed or whole; a screen sees them first."""

    def __init__(
        self,
        writer: AnswerWriter,
        *,
        stream: bool,
        lost: tuple[str, ...] = (),
        screen: Screen | None = None,
    ) -> None:
        """`lost` is what the request could not carry."""
        self.error: str | None = None
        self._writer = writer
        self._stream = stream
        self._screen = screen
        self._lost = lost
        self._finished: Finished | None = None
        self._started = False
        self._held: list[ChatEvent] = []
        self._calls = Assembly()
        self._events = 0
        self._size = 0

    @property
    def usage(self) -> Usage | None:
        """What the provider counted."""
        return self._finished.usage if self._finished is not None else None

    @property
    def complete(self) -> bool:
        """Whether the answer came to its end."""
        return self._finished is not None

    @property
    def model(self) -> str | None:
        """The model that the provider says it used."""
        return self._finished.model if self._finished is not None else None

    @property
    def upstream_id(self) -> str | None:
        """The provider's id of the answer."""
        return self._finished.id if self._finished is not None else None

    @property
    def seen(self) -> tuple[int, int]:
        """The content events and bytes that came."""
        return self._events, self._size

    @property
    def lost(self) -> tuple[str, ...]:
        """What could not be carried from one dialect to the other."""
        return (*self._lost, *self._writer.lost)

    @property
    def content_type(self) -> bytes:
        """The content type for the client."""
        return b"text/event-stream; charset=utf-8" if self._stream else b"application/json"

    def write(self, events: Iterable[ChatEvent]) -> bytes:
        """Return the client's bytes for more events; of a whole answer all with the last one.

        Raises what the screen raises.
        """
        passed: list[ChatEvent] = []
        for event in events:
            self._events += 1
            if isinstance(event, ToolCallDelta):
                self._calls.feed(event)
            if isinstance(event, Finished):
                self._finished = event  # what was used counts, whatever the screen says
            passed += self._screen.feed(event) if self._screen is not None else (event,)
        if not self._stream:
            return self._collected(passed)
        said = b"".join(map(self._writer.event, passed))
        return self._opening() + said if said else b""

    def tool_calls(self) -> tuple[ToolCall, ...]:
        """Return the calls of a finished answer."""
        answer = self._calls.feed(self._finished) if self._finished is not None else None
        return answer.tool_calls if answer is not None else ()

    def broken(self, message: str) -> bytes:
        """Return the event that says so; nothing can be said within a whole answer."""
        if not self._stream:
            return b""
        return self._opening() + self._writer.failure(502, message, "provider")

    def _collected(self, events: Sequence[ChatEvent]) -> bytes:
        self._held += events
        if self._finished is None:
            return b""
        return orjson.dumps(self._writer.whole(assemble(self._held)))

    def _opening(self) -> bytes:
        if self._started:
            return b""
        self._started = True
        return self._writer.start()
