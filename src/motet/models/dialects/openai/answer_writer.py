"""Canonical answers, written as chat completions: whole, or in chunks as OpenAI's SDKs take them.

https://platform.openai.com/docs/api-reference/chat-streaming
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from motet.core.chat import ChatEvent, ChatResponse, Finished, FinishReason, TextDelta
from motet.core.json import JSON, dumps
from motet.models.dialects.dialect import Incoming
from motet.models.dialects.openai.deltas import Deltas
from motet.models.dialects.openai.failures import failure
from motet.models.dialects.openai.message import write_message
from motet.models.dialects.openai.request_reader import ChatIncoming
from motet.models.dialects.openai.usage import write_bill

_PLACE = "\x00"


class CompletionWriter:
    """Writes one completion to a client; an `AnswerWriter`.

    Beside OpenAI's fields stand `native_finish_reason` (OpenRouter) for the provider's own
    word, and `stop_reason` (vLLM) for the stop sequence that was met.
    """

    def __init__(self, incoming: Incoming, id: str, created: int) -> None:
        """Start; `created` is a Unix time."""
        self._id = id
        self._created = created
        self._model = incoming.model
        self._include_usage = incoming.include_usage
        self._functions = isinstance(incoming, ChatIncoming) and incoming.functions
        self._lost: list[str] = []
        self._deltas = Deltas(id, created, functions=self._functions, lost=self._lost)
        template = self._chunk({"content": _PLACE})
        self._before, _, self._after = template.partition(dumps(_PLACE).encode())

    @property
    def lost(self) -> Sequence[str]:
        """What of the answer could not be said, so far."""
        return tuple(dict.fromkeys(self._lost))

    def whole(self, answer: ChatResponse) -> Mapping[str, JSON]:
        """Return the object `chat.completion`."""
        message = write_message(
            answer, self._id, self._created, functions=self._functions, lost=self._lost
        )
        choice: dict[str, JSON] = {
            "index": 0,
            "message": message,
            "logprobs": None,
            **self._reason(answer.finish_reason, answer.detail, answer.stop),
        }
        body: dict[str, JSON] = {
            "id": answer.id or self._id,
            "object": "chat.completion",
            "created": self._created,
            "model": answer.model or self._model,
            "choices": [choice],
        }
        return body if answer.usage is None else {**body, **write_bill(answer.usage)}

    def start(self) -> bytes:
        """Return the first chunk, which holds the role."""
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def event(self, event: ChatEvent) -> bytes:
        """Return the chunk of an event; for `Finished` also the usage and `[DONE]`."""
        if isinstance(event, Finished):
            return self._end(event)
        delta = self._deltas.write(event)
        if isinstance(event, TextDelta) and set(delta) == {"content"}:
            return self._before + _encoded(event.text) + self._after
        return self._chunk(delta) if delta else b""

    def failure(self, status: int, message: str, code: str | None) -> bytes:
        """Return the error object as an event, and `[DONE]`."""
        return b"data: " + _encoded(failure(status, message, code)) + b"\n\ndata: [DONE]\n\n"

    def _end(self, end: Finished) -> bytes:
        last = self._deltas.last()
        chunks = self._chunk(last) if last else b""
        self._model = end.model or self._model
        chunks += self._chunk({}, self._reason(end.reason, end.detail, end.stop))
        if self._include_usage and end.usage is not None:
            body = {**self._head(), "choices": [], **write_bill(end.usage)}
            chunks += b"data: " + _encoded(body) + b"\n\n"
        return chunks + b"data: [DONE]\n\n"

    def _reason(self, reason: FinishReason, detail: str, stop: str | None) -> dict[str, JSON]:
        legacy = self._functions and reason == "tool_calls"
        found: dict[str, JSON] = {"finish_reason": "function_call" if legacy else reason}
        if detail:
            found["native_finish_reason"] = detail
        return found if stop is None else {**found, "stop_reason": stop}

    def _head(self) -> dict[str, JSON]:
        return {
            "id": self._id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._model,
        }

    def _chunk(self, delta: Mapping[str, JSON], reason: Mapping[str, JSON] | None = None) -> bytes:
        end = reason or {"finish_reason": None}
        choice: dict[str, JSON] = {"index": 0, "delta": delta, "logprobs": None, **end}
        body: dict[str, JSON] = {**self._head(), "choices": [choice]}
        if self._include_usage:
            body["usage"] = None  # as in every chunk but the last one
        return b"data: " + _encoded(body) + b"\n\n"


def _encoded(value: JSON) -> bytes:
    try:
        return dumps(value).encode()
    except UnicodeEncodeError:
        # Half a character, as providers send it that cut between two: only escapes hold it.
        return json.dumps(value).encode()
