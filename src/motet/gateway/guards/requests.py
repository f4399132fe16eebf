"""A chat request with every text of it screened."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace

from motet.core.chat import (
    Audio,
    ChatRequest,
    Data,
    Document,
    Image,
    Message,
    Native,
    Part,
    Reasoning,
    Text,
    ToolCall,
    ToolSpec,
)
from motet.core.json import JSON
from motet.gateway.guards.finding import Group
from motet.gateway.guards.screening import Side

_OPAQUE = frozenset(
    ("data", "signature", "encrypted_content", "thoughtSignature", "thought_signature", "id",
     "type", "file_id", "file_data", "b64_json", "call_id", "tool_use_id", "media_type", "mimeType")
)  # fmt: skip
"""Fields that hold bytes or names of a provider, which mean nothing when changed."""
_TRUSTED: tuple[Group, ...] = ("injection",)
"""Turns of the system give orders to the model: that is what they are for."""


def screened_request(request: ChatRequest, side: Side) -> ChatRequest:
    """Return the request with all finds decided; as it is where nothing is changed."""
    return replace(
        request,
        messages=tuple(_message(each, side) for each in request.messages),
        tools=tuple(_tool(each, side) for each in request.tools),
        native_tools=tuple(replace(t, value=_object(t.value, side)) for t in request.native_tools),
        user=side.screened(request.user) if request.user else request.user,
        extra=_object(request.extra, side),
    )


def _message(message: Message, side: Side) -> Message:
    but = _TRUSTED if message.role in ("system", "developer") else ()
    if isinstance(message.content, str):
        return replace(message, content=side.screened(message.content, but=but))
    return replace(message, content=tuple(_part(each, side, but) for each in message.content))


def _part(part: Part, side: Side, but: tuple[Group, ...]) -> Part:
    if isinstance(part, Text):
        text = side.screened(part.text, but=but)
        return part if text == part.text else replace(part, text=text, citations=(), seal=None)
    if isinstance(part, Reasoning):
        text = side.screened(part.text, but=but)
        return part if text == part.text else replace(part, text=text, seal=None)
    if isinstance(part, ToolCall):
        return replace(part, arguments=side.screened(part.arguments, json=True, but=but))
    if isinstance(part, Native):
        return replace(part, value=_object(part.value, side))
    if isinstance(part, Audio):
        told = part.transcript
        return part if told is None else replace(part, transcript=side.screened(told, but=but))
    return part if isinstance(part, Image) else _document(part, side, but)


def _document(part: Document, side: Side, but: tuple[Group, ...]) -> Document:
    if part.title or part.context:
        title = side.screened(part.title, but=but) if part.title else part.title
        context = side.screened(part.context, but=but) if part.context else part.context
        part = replace(part, title=title, context=context)
    source = part.source
    if not isinstance(source, Data) or not source.media_type.startswith("text/"):
        return part
    try:
        text = base64.b64decode(source.base64, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return part  # not the text that it says it is; the provider will tell
    found = base64.b64encode(side.screened(text, but=but).encode()).decode()
    return replace(part, source=replace(source, base64=found))


def _tool(tool: ToolSpec, side: Side) -> ToolSpec:
    description = side.screened(tool.description)
    return replace(tool, description=description, parameters=_object(tool.parameters, side))


def _object(value: Mapping[str, JSON], side: Side) -> dict[str, JSON]:
    return {
        key: each if key in _OPAQUE and isinstance(each, str) else screened_value(each, side)
        for key, each in value.items()
    }


def screened_value(value: JSON, side: Side) -> JSON:
    """Return a JSON value with its texts screened, but for those that only a provider reads."""
    if isinstance(value, str):
        return value if value.startswith("data:") else side.screened(value)
    if isinstance(value, Mapping):
        return _object(value, side)
    if isinstance(value, list | tuple):
        return [screened_value(each, side) for each in value]
    return value
