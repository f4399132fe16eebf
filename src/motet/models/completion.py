"""OpenAI chat completions, whole or in chunks, read as canonical events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.chat import ChatEvent, Finished, FinishReason, TextDelta, Usage
from motet.core.errors import ProviderError
from motet.core.json import JSON, loads
from motet.models.failures import not_a_completion, reported_failure
from motet.models.sse import ServerSentEvent
from motet.models.tool_calls import ToolCallReader

_REASONS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "safety": "content_filter",
}


class CompletionReader:
    """Reads one completion. A whole answer is read as one chunk, so both make the same events."""

    def __init__(self, where: str, key: str = "") -> None:
        """Start. `where` names the model in errors, out of which `key` is kept."""
        self._where = where
        self._key = key
        self._calls = ToolCallReader()
        self._empty = True
        self._reason: str | None = None
        self._refused = False
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
        if not isinstance(value, Mapping) or not _mappings(value.get("choices")):
            raise not_a_completion(body, where=self._where, key=self._key)
        return [*events, self.finish(declared=True)]

    def chunk(self, sent: ServerSentEvent) -> list[ChatEvent]:
        """Read one event of a stream. Raises `ProviderError`, also for an error sent in it."""
        try:
            value = loads(sent.data)
        except ValueError as error:
            raise self._error("the stream holds a chunk that is not JSON", "try again") from error
        if sent.type == "error":
            raise reported_failure(value, where=self._where, key=self._key)
        return self._feed(value)

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
        return Finished(self._finish_reason(), self._usage, self._model)

    def _feed(self, body: JSON) -> list[ChatEvent]:
        if not isinstance(body, Mapping):
            return []
        if body.get("error"):
            raise reported_failure(body, where=self._where, key=self._key)
        self._empty = False
        self._id = self._id or _string(body.get("id"))
        self._model = _string(body.get("model")) or self._model
        self._usage = read_usage(body.get("usage")) or self._usage
        events: list[ChatEvent] = []
        for choice in _mappings(body.get("choices")):
            if choice.get("index") in (0, None):
                events += self._choice(choice)
        return events

    def _choice(self, choice: Mapping[str, JSON]) -> list[ChatEvent]:
        delta = choice.get("delta") or choice.get("message")
        events: list[ChatEvent] = []
        if isinstance(delta, Mapping):
            refusal = _text(delta.get("refusal"))
            self._refused = self._refused or bool(refusal)
            events += [TextDelta(t) for t in (_text(delta.get("content")), refusal) if t]
            for entry in _mappings(delta.get("tool_calls")):
                call = self._calls.feed(entry, self._id)
                events += [call] if call is not None else []
        reason = _string(choice.get("finish_reason"))
        if reason == "error":
            raise self._error("the provider broke the answer off", "try again")
        self._reason = reason or self._reason
        return events

    def _finish_reason(self) -> FinishReason:
        reason = _REASONS.get((self._reason or "stop").lower(), "stop")
        if reason != "stop":
            return reason
        if self._refused:
            return "content_filter"
        # A forced tool choice ends with "stop" at OpenAI, any call does at some local servers.
        return "tool_calls" if self._calls else "stop"

    def _error(self, message: str, hint: str) -> ProviderError:
        return ProviderError(message, where=self._where, hint=hint)


def read_usage(usage: JSON) -> Usage | None:
    """Read a `usage` object; None where the provider gave no counts."""
    if not isinstance(usage, Mapping) or "prompt_tokens" not in usage:
        return None
    prompt, completion = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    return Usage(
        input_tokens=_count(usage, "prompt_tokens"),
        output_tokens=_count(usage, "completion_tokens"),
        cached_tokens=_count(prompt, "cached_tokens"),
        reasoning_tokens=_count(completion, "reasoning_tokens"),
    )


def _count(counts: JSON, key: str) -> int:
    value = counts.get(key) if isinstance(counts, Mapping) else None
    return max(value, 0) if isinstance(value, int) else 0


def _text(content: JSON) -> str:
    if isinstance(content, str):
        return content
    return "".join(_string(part.get("text")) for part in _mappings(content))


def _string(value: JSON) -> str:
    return value if isinstance(value, str) else ""


def _mappings(value: JSON) -> list[Mapping[str, JSON]]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [item for item in value if isinstance(item, Mapping)]
