"""What the simulated providers answer, and what they charge for it."""

from __future__ import annotations

import json

from motet.core.chat import (
    ChatRequest,
    ChatResponse,
    Part,
    Reasoning,
    Text,
    ToolCall,
    Usage,
)
from motet.core.json import dumps

CITY = {"city": "Paris", "inhabitants": 2_100_000}
"""What fills a schema, and what tools are called with."""


def reply(request: ChatRequest, model: str, number: int) -> ChatResponse:
    """Return the answer; its usage has counts of every kind, different for each request."""
    parts = _parts(request, number)
    reason = "tool_calls" if any(isinstance(each, ToolCall) for each in parts) else "stop"
    return ChatResponse(parts, reason, _usage(request, parts, number), model, id=f"sim_{number}")


def _parts(request: ChatRequest, number: int) -> tuple[Part, ...]:
    last = request.messages[-1]
    thought = (Reasoning("Let me think."),) if request.thinking is not None else ()
    if last.role == "tool":
        return (*thought, Text(f"The tool said: {last.text}"))
    asked = "call" in last.text
    if request.tools and (asked or request.tool_choice not in (None, "auto", "none")):
        tool = request.tools[0]
        properties = tool.parameters.get("properties") or {}
        assert isinstance(properties, dict)
        arguments = json.dumps({name: CITY.get(name, name) for name in properties})
        return (*thought, ToolCall(f"call_{number}", tool.name, arguments))
    form = request.response_format
    if form is not None and form.get("type") != "text":
        return (*thought, Text(dumps(CITY)))
    return (*thought, Text(f"You said: {last.text}"))


def _usage(request: ChatRequest, parts: tuple[Part, ...], number: int) -> Usage:
    """Count: a token is four characters; of the input some is cached, of the output thought."""
    given = 20 + sum(len(message.text) for message in request.messages) // 4
    said = 5 + sum(len(each.text) for each in parts if isinstance(each, Text)) // 4
    return Usage(
        input_tokens=given,
        output_tokens=said + number % 7,
        cached_tokens=number % 11,
        reasoning_tokens=number % 5,
    )
