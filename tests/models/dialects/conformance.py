"""What the contract suites of all dialects share: reading streams, and comparing what was said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from itertools import pairwise
from typing import Any

from answer_events import events_of

from motet.core.chat import (
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Document,
    File,
    Image,
    Message,
    Part,
    Text,
    ToolCall,
    ToolSpec,
    Usage,
)
from motet.core.json import JSON, dumps
from motet.models.assembly import assemble
from motet.models.dialects.dialect import AnswerReader, AnswerWriter, Dialect, Incoming, Outgoing
from motet.models.dialects.openai import FLAVOURS
from motet.models.dialects.registry import DIALECTS
from motet.models.sse import SSEParser

SPOKEN: Mapping[str, Dialect] = {**DIALECTS, "extended": FLAVOURS["extended"]}
"""All dialects; that of OpenAI also as other servers have extended it."""

# Reading


def read_events(reader: AnswerReader, pieces: Iterable[bytes]) -> list[ChatEvent]:
    """Read a stream that comes in pieces, as `RemoteChat` does."""
    parser = SSEParser()
    events: list[ChatEvent] = []
    for piece in [*filter(None, pieces), b""]:
        for sent in parser.feed(piece) if piece else parser.close():
            events += reader.chunk(sent)
            if reader.is_last(sent):
                return [*events, reader.finish(declared=True)]
    return [*events, reader.finish()]


def read_stream(reader: AnswerReader, pieces: Iterable[bytes]) -> ChatResponse:
    """Read a stream that comes in pieces to the answer it makes."""
    return assemble(read_events(reader, pieces))


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    """Return the bytes cut at these places, as far as there are so many."""
    edges = [0, *sorted(place for place in places if place < len(data)), len(data)]
    return [data[low:high] for low, high in pairwise(edges) if low < high]


# Writing


def asked(dialect: Dialect, outgoing: Outgoing, *, stream: bool = False) -> Incoming:
    """Return a request that was written, read as a server of that dialect does."""
    body = json.loads(dumps(outgoing.body))
    if dialect.name == "gemini":  # its clients say these in the address
        body |= {"model": "m", "stream": stream, "alt": "sse"}
    return dialect.incoming(body)


def hello(dialect: Dialect, *, stream: bool) -> Incoming:
    """Return the least request, as a client of the dialect makes it."""
    request = ChatRequest((Message("user", "Hello"),))
    return asked(dialect, dialect.outgoing(request, "m", stream=stream), stream=stream)


def written_whole(writer: AnswerWriter, answer: ChatResponse) -> bytes:
    """Return the bytes of a whole answer."""
    return dumps(writer.whole(answer)).encode()


def written_stream(writer: AnswerWriter, answer: ChatResponse, size: int = 3) -> bytes:
    """Return the bytes of a streamed answer, its texts in pieces of `size` characters."""
    return writer.start() + b"".join(map(writer.event, events_of(answer, size)))


def answered(
    dialect: Dialect, answer: ChatResponse, *, stream: bool
) -> tuple[ChatResponse, Sequence[str]]:
    """Return an answer as a client of the dialect reads it, and what could not be said."""
    writer = dialect.writer(hello(dialect, stream=stream), id="ours", created=1)
    reader = dialect.reader("m")
    if stream:
        return read_stream(reader, [written_stream(writer, answer)]), writer.lost
    return assemble(reader.whole(written_whole(writer, answer))), writer.lost


# Comparing


def same_request(request: ChatRequest) -> ChatRequest:
    """Return a request without what makes no difference, whatever dialect it is said in.

    Contents are parts, developers are the system, and its messages at the start are one. Not
    to think is an effort, to choose freely among tools and to keep to no schema are defaults,
    and a tool without parameters takes an empty object. Of the extra fields those are left
    out by which a dialect asks for seals.
    """
    messages: list[Message] = []
    for message in request.messages:
        parts = tuple(map(_same_part, message.parts))
        role = "system" if message.role == "developer" else message.role
        if role == "system" and messages and messages[-1].role == "system":
            parts = (*messages.pop().parts, *parts)
        messages.append(replace(message, role=role, content=parts))
    thinking = request.thinking
    if thinking is not None and thinking.budget == 0:
        thinking = replace(thinking, effort="none", budget=None)
    return replace(
        request,
        messages=tuple(messages),
        tools=tuple(map(_same_tool, request.tools)),
        tool_choice=request.tool_choice or ("auto" if request.tools else None),
        thinking=thinking,
        extra={k: v for k, v in request.extra.items() if k not in ("include", "store")},
        extra_dialect="",
    )


def same_answer(answer: ChatResponse) -> ChatResponse:
    """Return an answer without what makes no difference.

    Ids and names of a stream are ours, no counts are as good as zeros, and what a filter
    stops is a refusal.
    """
    parts = tuple(map(_same_part, answer.parts))
    detail = "refusal" if answer.finish_reason == "content_filter" else answer.detail
    usage = answer.usage or Usage()
    return replace(answer, parts=parts, id=None, model=None, usage=usage, detail=detail)


def _same_tool(tool: ToolSpec) -> ToolSpec:
    nothing = {"type": "object", "properties": {}}
    parameters = {**nothing, **tool.parameters}
    return replace(tool, strict=bool(tool.strict), parameters=parameters)


def _same_part(part: Part) -> Part:
    if isinstance(part, ToolCall):
        return replace(part, arguments=_same_json(part.arguments or "{}"))
    if isinstance(part, Text):
        cited = tuple(replace(each, quote=each.quote or None) for each in part.citations)
        return replace(part, citations=cited)
    if isinstance(part, Image | Document) and isinstance(part.source, File):
        owner = part.source.dialect.replace("responses", "openai")  # one store of files
        return replace(part, source=replace(part.source, dialect=owner))
    return part


def _same_json(text: str) -> str:
    try:
        return dumps(json.loads(text), sort=True)
    except ValueError:
        return text


def told(value: Any) -> JSON:
    """Return an answer as JSON: what is not by default, each part with its kind."""
    if is_dataclass(value):
        said = {
            field.name: told(getattr(value, field.name))
            for field in fields(value)
            if getattr(value, field.name) != _default(field)
        }
        return {type(value).__name__: said}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [told(each) for each in value]
    found: JSON = json.loads(json.dumps(value))
    return found


def _default(field: Field[Any]) -> Any:
    """Return what a field is by default; one without a default is like nothing else."""
    return field.default if field.default_factory is MISSING else field.default_factory()
