"""What crosses between a model's process and ours: one JSON object a line.

To the process: `{"id", "ask": {...}}` and `{"id", "stop": true}`. From it, for each ask:
`{"id", "text"}` any number of times, then `{"id", "end": {...}}` or `{"id", "error"}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from motet.core.chat import ChatRequest, Message, Text
from motet.core.errors import UsageError
from motet.core.json import JSON


class Turn(TypedDict):
    """A message as chat templates know it."""

    role: str
    content: str


class Ask(TypedDict):
    """What to generate; what is not given is left to llama.cpp's defaults."""

    messages: list[Turn]
    sampling: dict[str, float]
    stop: list[str]
    max_tokens: NotRequired[int]
    seed: NotRequired[int]
    schema: NotRequired[Mapping[str, JSON]]


class End(TypedDict):
    """How it ended: `stop` or `length`, the stop sequence that was met, and tokens."""

    reason: str
    stop: str | None
    input_tokens: int
    output_tokens: int


_SAMPLING = {
    "temperature": "temp",
    "top_p": "top_p",
    "top_k": "top_k",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
}


def ask(request: ChatRequest, where: str) -> Ask:
    """Return a request as the process takes it. Raises `UsageError` for what it cannot do."""
    if request.tools or request.native_tools:
        raise UsageError("a local GGUF takes no tools", where=where, hint="leave the tools out")
    written: Ask = {
        "messages": [_turn(each, where) for each in request.messages],
        "sampling": {
            name: value
            for field, name in _SAMPLING.items()
            if (value := getattr(request, field)) is not None
        },
        "stop": list(request.stop),
    }
    if request.max_tokens is not None:
        written["max_tokens"] = request.max_tokens
    if request.seed is not None:
        written["seed"] = request.seed
    if (schema := _schema(request.response_format)) is not None:
        written["schema"] = schema
    return written


def _turn(message: Message, where: str) -> Turn:
    other = [part for part in message.parts if not isinstance(part, Text)]
    if other or message.role == "tool":
        kind = type(other[0]).__name__.lower() if other else "tool result"
        raise UsageError(f"a local GGUF takes text only, not: {kind}", where=where)
    return {
        "role": "system" if message.role == "developer" else message.role,
        "content": message.text,
    }


def _schema(form: Mapping[str, JSON] | None) -> Mapping[str, JSON] | None:
    """Return the JSON Schema that a response format asks for; any object where it names none."""
    kind = form.get("type") if form else "text"
    if form is None or kind == "text":
        return None
    wrapped = form.get("json_schema")
    schema = wrapped.get("schema") if isinstance(wrapped, Mapping) else None
    return schema if isinstance(schema, Mapping) else {"type": "object"}
