"""Answers of the Responses API, whole or streamed, read as canonical events.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from motet.core.chat import ChatEvent, Finished, FinishReason, Usage
from motet.core.errors import ProviderError
from motet.core.json import JSON, loads
from motet.models.dialects.responses.envelope import STATES
from motet.models.dialects.responses.output import (
    Item,
    Reading,
    Tally,
    mappings,
    reading,
    string,
)
from motet.models.dialects.responses.usage import read_usage
from motet.models.failures import not_a_completion, reported_failure
from motet.models.sse import ServerSentEvent

_LAST: Final = ("response.completed", "response.incomplete", "response.failed", "error")
_SNAPSHOTS: Final = ("response.created", "response.queued", "response.in_progress", *_LAST)
_TYPES: Mapping[str, str] = {
    "response.output_text": "message",
    "response.refusal": "message",
    "response.reasoning_summary_text": "reasoning",
    "response.reasoning_text": "reasoning",
    "response.function_call_arguments": "function_call",
}
_REASONS: Mapping[str, FinishReason] = {
    "max_output_tokens": "length",
    "content_filter": "content_filter",
}

Place = int | str


class ResponseReader:
    """Reads one answer; a whole one is read as the last event of a stream."""

    def __init__(self, where: str, key: str = "") -> None:
        """Start. `where` names the model in errors, out of which `key` is kept."""
        self._where = where
        self._key = key
        self._tally = Tally()
        self._items: dict[Place, Reading] = {}
        self._places: dict[str, Place] = {}
        self._closed: set[Place] = set()
        self._seen = False
        self._status: str | None = None
        self._incomplete = ""
        self._usage: Usage | None = None
        self._model: str | None = None
        self._id: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the answer is finished; nothing can be missing then."""
        return self._status is not None

    def whole(self, body: bytes) -> list[ChatEvent]:
        """Read a whole answer, `Finished` included. Raises `ProviderError`."""
        try:
            value = loads(body)
        except ValueError as error:
            raise not_a_completion(body, where=self._where, key=self._key) from error
        if not isinstance(value, Mapping):
            raise not_a_completion(body, where=self._where, key=self._key)
        self._check(value)
        if not isinstance(value.get("output"), list):
            raise not_a_completion(body, where=self._where, key=self._key)
        events = self._end(value)
        return [*events, self.finish(declared=True)]

    def chunk(self, sent: ServerSentEvent) -> list[ChatEvent]:
        """Read one event of a stream. Raises `ProviderError`, also for an error sent in it."""
        if sent.data == "[DONE]":
            return []
        try:
            value = loads(sent.data)
        except ValueError as error:
            raise self._error("the stream holds a chunk that is not JSON", "try again") from error
        if not isinstance(value, Mapping):
            return []
        kind = string(value.get("type")) or sent.type
        if kind == "error" or value.get("error"):
            raise reported_failure(value, where=self._where, key=self._key)
        if kind not in _SNAPSHOTS:
            return self._item_event(kind, value)
        response = value.get("response")
        if not isinstance(response, Mapping):
            return []
        self._check(response)
        if kind in _LAST:
            return self._end(response)
        self._note(response)
        return []

    def is_last(self, sent: ServerSentEvent) -> bool:
        """Whether the event marks the stream's end by itself; it is still to be read."""
        if sent.type != "message":
            return sent.type in _LAST
        if sent.data == "[DONE]":
            return True
        # Some servers name the event in the data alone.
        return any(f'"{name}"' in sent.data for name in _LAST) and _kind(sent) in _LAST

    def finish(self, *, declared: bool = False) -> Finished:
        """Return the last event. Raises `ProviderError` where the answer has no end.

        `declared` says that the server itself marked the end.
        """
        if self._status is None and not self._seen:
            raise not_a_completion(b"", where=self._where, key=self._key)
        if self._status is None and not declared:
            raise self._error("the stream ended before the answer was finished", "try again")
        reason, detail = self._reason()
        return Finished(reason, self._usage, self._model, detail, id=self._id)

    def _item_event(self, kind: str, event: Item) -> list[ChatEvent]:
        item = event.get("item")
        if kind in ("response.output_item.added", "response.output_item.done"):
            if not isinstance(item, Mapping):
                return []
            place = self._place(event, string(item.get("id")))
            found = self._reading(place, item)
            if kind == "response.output_item.added":
                return [*self._overtake(place), *found.piece(event)]
            return self._close(place, item)
        # Servers that announce no item still say by the event what it is.
        type = _TYPES.get(kind.rpartition(".")[0].removesuffix(".annotation"))
        place = self._place(event, string(event.get("item_id")))
        if type is None and place not in self._items:
            return []
        return self._reading(place, {"type": type}).piece(event)

    def _place(self, event: Item, id: str) -> Place:
        """Return what tells an item from the others: its index, else its id."""
        place = event.get("output_index")
        if not isinstance(place, int):
            return self._places.get(id, id)
        if id:
            self._places[id] = place
        return place

    def _reading(self, place: Place, item: Item) -> Reading:
        self._seen = True
        if place not in self._items:
            self._items[place] = reading(item, self._tally, len(self._items))
        return self._items[place]

    def _overtake(self, place: Place) -> list[ChatEvent]:
        open = (one for at, one in self._items.items() if at != place and at not in self._closed)
        return [event for one in open for event in one.overtaken()]

    def _close(self, place: Place, item: Item) -> list[ChatEvent]:
        if place in self._closed:
            return []
        self._closed.add(place)
        return self._reading(place, item).end(item)

    def _end(self, response: Item) -> list[ChatEvent]:
        """Read the whole answer; of its items, those that the stream did not bring to an end."""
        self._note(response)
        details = response.get("incomplete_details")
        if isinstance(details, Mapping):
            self._incomplete = string(details.get("reason"))
        self._status = string(response.get("status")) or "completed"
        events: list[ChatEvent] = []
        silent = not self._closed
        for place, item in enumerate(mappings(response.get("output"))):
            if silent or place in self._items:
                events += self._close(place, item)
        return events

    def _check(self, response: Item) -> None:
        error = response.get("error")
        if error or response.get("status") == "failed":
            raise reported_failure({"error": error or {}}, where=self._where, key=self._key)

    def _note(self, response: Item) -> None:
        self._seen = True
        self._id = string(response.get("id")) or self._id
        self._model = string(response.get("model")) or self._model
        self._usage = read_usage(response) or self._usage

    def _reason(self) -> tuple[FinishReason, str]:
        if self._status == "incomplete":
            known = _REASONS.get(self._incomplete)
            return (known, "") if known else ("length", self._incomplete)
        if self._status in STATES:
            return "stop", self._status
        if self._tally.refused:
            return "content_filter", "refusal"
        return ("tool_calls" if self._tally.waits or self._tally.calls else "stop"), ""

    def _error(self, message: str, hint: str) -> ProviderError:
        return ProviderError(message, where=self._where, hint=hint)


def _kind(sent: ServerSentEvent) -> JSON:
    try:
        value = loads(sent.data)
    except ValueError:
        return None
    return value.get("type") if isinstance(value, Mapping) else None
