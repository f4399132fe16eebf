"""A client's request to the Responses API, read as a canonical one.

https://platform.openai.com/docs/api-reference/responses/create
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from motet.core.chat import ChatRequest, Message
from motet.core.json import JSON
from motet.models.dialects.dialect import BadRequest, Incoming
from motet.models.dialects.responses.fields import Fields
from motet.models.dialects.responses.sealing import NAME
from motet.models.dialects.responses.settings import (
    read_choice,
    read_text,
    read_thinking,
    read_tools,
)
from motet.models.dialects.responses.turns import Turns

_ELSEWHERE: Final = ("previous_response_id", "conversation", "prompt")
"""Fields by which the provider knows the conversation already."""


def read_request(value: Mapping[str, JSON]) -> Incoming:
    """Read a request. Raises `BadRequest`."""
    body = Fields(value, "")
    lost: list[str] = []
    model = body.needed("model")
    messages = _messages(body, lost)
    tools, natives = read_tools(body, lost)
    choice, other_choice = read_choice(body)
    format, other_text = read_text(body)
    thinking, other_reasoning = read_thinking(body)
    stream = body.flag("stream") or False
    request = ChatRequest(
        messages=messages,
        tools=tools,
        native_tools=natives,
        tool_choice=choice,
        parallel_tool_calls=body.flag("parallel_tool_calls"),
        temperature=body.number("temperature"),
        top_p=body.number("top_p"),
        max_tokens=_limit(body),
        response_format=format,
        thinking=thinking,
        user=body.text("user"),
        extra={
            **body.rest(),
            **({"tool_choice": other_choice} if other_choice is not None else {}),
            **({"text": other_text} if other_text else {}),
            **({"reasoning": other_reasoning} if other_reasoning else {}),
        },
        extra_dialect=NAME,
    )
    if request.extra.get("top_logprobs"):
        lost.append("top_logprobs")
    return Incoming(model, request, stream, lost=tuple(lost))


def _messages(body: Fields, lost: list[str]) -> tuple[Message, ...]:
    turns = Turns(lost)
    instructions = body.text("instructions")
    if instructions is not None:
        turns.messages.append(Message("system", instructions))
    said = body.raw("input")
    if said is not None:
        turns.read(said)
    elif instructions is None and not any(body.value.get(name) for name in _ELSEWHERE):
        raise BadRequest("'input' is required", param="input")
    return tuple(turns.messages)


def _limit(body: Fields) -> int | None:
    limit = body.integer("max_output_tokens")
    if limit is not None and limit < 1:
        message = "'max_output_tokens' must be at least 1"
        raise BadRequest(message, param="max_output_tokens")
    return limit
