"""Answers written for clients of the Responses API, whole or as a stream of events.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from motet.core.chat import (
    Audio,
    AudioDelta,
    ChatEvent,
    ChatResponse,
    Cited,
    Finished,
    Reasoning,
    ReasoningDelta,
    Text,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    Whole,
)
from motet.core.json import JSON, dumps
from motet.models.dialects.dialect import Incoming
from motet.models.dialects.openai.failures import failure
from motet.models.dialects.responses.envelope import Envelope
from motet.models.dialects.responses.open_items import Event
from motet.models.dialects.responses.stream import Output


class ResponseWriter:
    """Writes one answer; a whole one is what its stream ends with."""

    def __init__(self, incoming: Incoming, *, id: str, created: int) -> None:
        """Start. `id` is ours, `created` in seconds since 1970."""
        self._id = id
        self._envelope = Envelope(incoming, created=created)
        self._lost: list[str] = []
        self._output = Output(id, self._lost)
        self._number = 0

    @property
    def lost(self) -> Sequence[str]:
        """What of the answer this dialect could not say, so far."""
        return tuple(self._lost)

    def whole(self, answer: ChatResponse) -> Mapping[str, JSON]:
        """Return the response object."""
        for event in _events(answer):
            self._output.feed(event)
        end = Finished(
            answer.finish_reason, answer.usage, answer.model, answer.detail, answer.stop, answer.id
        )
        return self._ended(answer.id or self._id, end)[0]

    def start(self) -> bytes:
        """Return the events by which an answer begins."""
        response = self._envelope.opened(self._id)
        return b"".join(
            self._sent({"type": f"response.{name}", "response": response})
            for name in ("created", "in_progress")
        )

    def event(self, event: ChatEvent) -> bytes:
        """Return the bytes of one event; the last ends all items and the answer.

        A stream has said its id when the provider's comes; it keeps its own.
        """
        if not isinstance(event, Finished):
            return b"".join(map(self._sent, self._output.feed(event)))
        response, events = self._ended(self._id, event)
        status = "incomplete" if response["status"] == "incomplete" else "completed"
        last: Event = {"type": f"response.{status}", "response": response}
        return b"".join(map(self._sent, [*events, last]))

    def failure(self, status: int, message: str, code: str | None) -> bytes:
        """Return the events that end a stream with an error, in both of the API's ways."""
        # The official clients raise what stands under `error`, and pass by what does not.
        said = failure(status, message, code)
        error: Event = {"type": "error", "code": code, "message": message, "param": None, **said}
        items = [item for item in self._output.items if item]
        response = self._envelope.failed(self._id, items, message, code)
        return self._sent(error) + self._sent({"type": "response.failed", "response": response})

    def _ended(self, id: str, end: Finished) -> tuple[dict[str, JSON], list[Event]]:
        events = self._output.finish(end)
        return self._envelope.ended(id, self._output.items, end, lost=self._lost), events

    def _sent(self, event: Event) -> bytes:
        event["sequence_number"] = self._number
        self._number += 1
        return f"event: {event['type']}\ndata: {dumps(event)}\n\n".encode()


def _events(answer: ChatResponse) -> Iterator[ChatEvent]:
    """Yield the events of a whole answer; each part is one, with its seal."""
    calls = 0
    for block, part in enumerate(answer.parts):
        if isinstance(part, Text):
            yield TextDelta(part.text, block, part.seal)
            for citation in part.citations:
                yield Cited(citation, block)
        elif isinstance(part, Reasoning):
            yield ReasoningDelta(part.text, block, part.seal, part.redacted)
        elif isinstance(part, ToolCall):
            yield ToolCallDelta(calls, part.id, part.name, part.arguments, part.seal)
            calls += 1
        elif isinstance(part, Audio):
            yield AudioDelta("", part.transcript or "", "")
        else:
            yield Whole(part)
