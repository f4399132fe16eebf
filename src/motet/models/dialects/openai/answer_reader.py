"""OpenAI chat completions, whole or in chunks, read as canonical events."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import ChatEvent, Finished, FinishReason, Usage
from motet.core.errors import ProviderError
from motet.core.json import JSON, loads
from motet.models.dialects.openai.call_reader import ToolCallReader
from motet.models.dialects.openai.custom_calls import CustomCalls
from motet.models.dialects.openai.said import Said, mappings, string
from motet.models.dialects.openai.usage import read_usage
from motet.models.failures import not_a_completion, reported_failure
from motet.models.sse import ServerSentEvent

_REASONS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "safety": "content_filter",
}
_PLAIN = frozenset({*_REASONS, "end_turn", "tool_use", "completed", "eos"} - {"safety"})
"""Words of providers that say no more than the reason they come with."""


class CompletionReader:
    """Reads one completion; an `AnswerReader`.

    A whole answer is read as one chunk, so both make the same events.
    """

    def __init__(self, where: str, key: str = "") -> None:
        """Start. `where` names the model in errors, out of which `key` is kept."""
        self._where = where
        self._key = key
        self._calls = ToolCallReader()
        self._custom = CustomCalls()
        self._said = Said()
        self._empty = True
        self._reason: str | None = None
        self._detail = ""
        self._stop: str | None = None
        self._usage: Usage | None = None
        self._model: str | None = None
        self._id = ""

    @property
    def ended(self) -> bool:
        """Whether the finish reason has come; only usage can be missing then."""
        return self._reason is not None

    def whole(self, body: bytes) -> list[ChatEvent]:
        """Read a whole answer, `Finished` included. Raises `ProviderError`."""
        try:
            value = loads(body)
        except ValueError as error:
            raise not_a_completion(body, where=self._where, key=self._key) from error
        events = self._feed(value)
        if not isinstance(value, Mapping) or not mappings(value.get("choices")):
            raise not_a_completion(body, where=self._where, key=self._key)
        return [*events, *self._custom.given_out(), self.finish(declared=True)]

    def chunk(self, sent: ServerSentEvent) -> list[ChatEvent]:
        """Read one event of a stream. Raises `ProviderError`, also for an error sent in it."""
        if self.is_last(sent):
            return [*self._custom.given_out()]
        try:
            value = loads(sent.data)
        except ValueError as error:
            raise self._error("the stream holds a chunk that is not JSON", "try again") from error
        if sent.type == "error":
            raise reported_failure(value, where=self._where, key=self._key)
        return self._feed(value)

    def is_last(self, sent: ServerSentEvent) -> bool:
        """Whether the event is `[DONE]`."""
        return sent.data.strip() == "[DONE]"

    def finish(self, *, declared: bool = False) -> Finished:
        """Return the last event. Raises `ProviderError` where the answer has no end.

        `declared` says that the server itself marked the end, so that a missing finish
        reason means nothing.
        """
        if self._empty:
            raise not_a_completion(b"", where=self._where, key=self._key)
        if self._reason is None and not declared:
            raise self._error("the stream ended before the answer was finished", "try again")
        if self._calls.nameless:
            raise self._error("the model called a tool without a name", "try again")
        return Finished(
            self._finish_reason(),
            self._usage,
            self._model,
            "refusal" if self._said.refused else self._detail,
            self._stop,
            self._id or None,
        )

    def _feed(self, body: JSON) -> list[ChatEvent]:
        if not isinstance(body, Mapping):
            return []
        if body.get("error"):
            raise reported_failure(body, where=self._where, key=self._key)
        self._empty = False
        self._id = self._id or string(body.get("id"))
        self._model = string(body.get("model")) or self._model
        groq = body.get("x_groq")
        usage = body.get("usage") or (groq.get("usage") if isinstance(groq, Mapping) else None)
        self._usage = read_usage(usage, body.get("service_tier")) or self._usage
        events: list[ChatEvent] = []
        for choice in mappings(body.get("choices")):
            if choice.get("index") in (0, None):
                events += self._choice(choice)
        return events

    def _choice(self, choice: Mapping[str, JSON]) -> list[ChatEvent]:
        delta = choice.get("delta") or choice.get("message")
        events: list[ChatEvent] = []
        if isinstance(delta, Mapping):
            events += self._said.feed(delta)
            events += self._called(delta)
        self._end(choice)
        return [*events, *self._custom.given_out()] if self.ended else events

    def _called(self, delta: Mapping[str, JSON]) -> list[ChatEvent]:
        events: list[ChatEvent] = []
        for place, entry in enumerate(mappings(delta.get("tool_calls"))):
            if not self._custom.takes(entry, place):
                call = self._calls.feed(entry, self._id)
                events += [call] if call is not None else []
        legacy = delta.get("function_call")
        if isinstance(legacy, Mapping):
            call = self._calls.feed({"index": 0, "function": legacy}, self._id)
            events += [call] if call is not None else []
        return events

    def _end(self, choice: Mapping[str, JSON]) -> None:
        reason = string(choice.get("finish_reason"))
        if reason == "error":
            raise self._error("the provider broke the answer off", "try again")
        self._reason = reason or self._reason
        native = string(choice.get("native_finish_reason")) or reason
        if native and native.lower() not in _PLAIN:
            self._detail = native
        self._stop = string(choice.get("stop_reason")) or self._stop

    def _finish_reason(self) -> FinishReason:
        reason = _REASONS.get((self._reason or "stop").lower(), "stop")
        if reason != "stop":
            return reason
        if self._said.refused:
            return "content_filter"
        # A forced tool choice ends with "stop" at OpenAI, any call does at some local servers.
        return "tool_calls" if self._calls or self._custom.met else "stop"

    def _error(self, message: str, hint: str) -> ProviderError:
        return ProviderError(message, where=self._where, hint=hint)
