"""Requests and answers that every dialect can say, and features that some can say beside them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace

from hypothesis import strategies as st

from motet.core.chat import (
    Audio,
    ChatRequest,
    ChatResponse,
    Citation,
    Data,
    Document,
    File,
    Image,
    Message,
    NamedTool,
    Native,
    Part,
    Reasoning,
    Seal,
    Text,
    Thinking,
    ToolCall,
    ToolSpec,
    Url,
    Usage,
)
from motet.core.json import dumps

PNG = Data("image/png", base64.b64encode(b"\x89PNG\r\n\x1a\n").decode())
PDF = Data("application/pdf", base64.b64encode(b"%PDF-1.7").decode())
WAV = Data("audio/wav", base64.b64encode(b"RIFF\x00\x00\x00\x00WAVE").decode())
CACHE: Mapping[str, str] = {"type": "ephemeral"}
PRICE = ToolSpec(
    "price",
    "The price of a part",
    {"type": "object", "properties": {"part": {"type": "string"}}, "required": ["part"]},
)
FORMAT = {
    "type": "json_schema",
    "json_schema": {
        "name": "found",
        "schema": {
            "type": "object",
            "properties": {"price": {"type": "number"}},
            "required": ["price"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}

# Drawn

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
some = words.filter(str.strip)
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
values = st.recursive(
    st.booleans() | st.integers(-9, 9) | words, lambda inner: st.lists(inner, max_size=3)
)
objects = st.dictionaries(names, values, max_size=3)
dialects = st.sampled_from(["responses", "anthropic", "gemini"])
signatures = st.binary(min_size=1, max_size=9).map(lambda raw: base64.b64encode(raw).decode())
seals = st.builds(Seal, dialects, signatures)
outer_seals = st.builds(Seal, st.just("gemini"), signatures)
"""Of texts and calls, which nobody else seals."""
counts = st.integers(0, 1000)


@st.composite
def exchanges(draw: st.DrawFn) -> list[Message]:
    """A user's turn and the model's, with the results of its calls."""
    asked: list[Part] = [Text(draw(some))]
    if draw(st.booleans()):
        asked.append(Image(draw(st.sampled_from([PNG, replace(PNG, media_type="image/jpeg")]))))
    said: list[Part] = [Text(draw(some))]
    number = draw(st.integers(0, 2))
    calls = [
        ToolCall(f"call_{draw(st.integers(0, 10**9))}_{place}", draw(names), dumps(draw(objects)))
        for place in range(number)
    ]
    results = [Message("tool", draw(some), call.id) for call in calls]
    return [Message("user", tuple(asked)), Message("assistant", (*said, *calls)), *results]


@st.composite
def requests(draw: st.DrawFn) -> ChatRequest:
    """A request that every dialect can say."""
    messages = [each for turn in draw(st.lists(exchanges(), max_size=2)) for each in turn]
    if draw(st.booleans()):
        messages.insert(0, Message("system", draw(some)))
    messages.append(Message("user", draw(some)))
    tools = draw(
        st.lists(
            st.builds(ToolSpec, names, some, st.just(PRICE.parameters)),
            max_size=2,
            unique_by=lambda tool: tool.name,
        )
    )
    choices = ["auto", "none", "required", *(NamedTool(tool.name) for tool in tools)]
    return ChatRequest(
        tuple(messages),
        tools=tuple(tools),
        tool_choice=draw(st.sampled_from([None, *choices])) if tools else None,
        temperature=draw(st.sampled_from([None, 0.0, 0.5, 1.0])),
        top_p=draw(st.sampled_from([None, 0.5])),
        max_tokens=draw(st.integers(1, 4096)),
    )


@st.composite
def answers(draw: st.DrawFn) -> ChatResponse:
    """An answer that every dialect can say, thoughts of any provider included."""
    thoughts = draw(st.lists(st.builds(Reasoning, some, seals), max_size=2))
    hidden = [Reasoning("", Seal("anthropic", draw(signatures)), redacted=True)]
    parts: list[Part] = [*thoughts, *(hidden if draw(st.booleans()) else [])]
    if draw(st.booleans()):
        parts.append(Text(draw(some), seal=draw(st.none() | outer_seals)))
    number = draw(st.integers(0 if parts else 1, 3))
    for place in range(number):
        arguments = dumps(draw(objects))
        parts.append(
            ToolCall(f"call_{place}", draw(names), arguments, draw(st.none() | outer_seals))
        )
    reason = "tool_calls" if number else draw(st.sampled_from(["stop", "length"]))
    given, written = draw(counts), draw(counts)
    usage = Usage(
        given,
        written,
        cached_tokens=draw(st.integers(0, given)),
        reasoning_tokens=draw(st.integers(0, written)),
    )
    return ChatResponse(tuple(parts), reason, usage)


# Features

ASKED = ChatRequest(
    (
        Message("system", "Be brief."),
        Message("user", "What does it cost?"),
        Message("assistant", (Text("Let me see."), ToolCall("call_1", "price", '{"part":"a"}'))),
        Message("tool", "4", "call_1"),
    ),
    tools=(PRICE,),
    max_tokens=2048,
)
Feature = Callable[[ChatRequest], ChatRequest]


def _turn(place: int, *parts: Part, before: bool = False, **fields: object) -> Feature:
    """Return what puts parts behind those of a message, or before them, or sets its fields."""

    def apply(request: ChatRequest) -> ChatRequest:
        message = request.messages[place]
        said = (*parts, *message.parts) if before else (*message.parts, *parts)
        message = replace(message, **{"content": said, **fields})
        messages = list(request.messages)
        messages[place] = message
        return replace(request, messages=tuple(messages))

    return apply


def _fields(**fields: object) -> Feature:
    return lambda request: replace(request, **fields)


def _part(place: int, at: int, **fields: object) -> Feature:
    """Return what sets fields of a part."""

    def apply(request: ChatRequest) -> ChatRequest:
        parts = list(request.messages[place].parts)
        parts[at] = replace(parts[at], **fields)
        return _turn(place, content=tuple(parts))(request)

    return apply


def _tool(**fields: object) -> Feature:
    return lambda request: replace(request, tools=(replace(PRICE, **fields),))


def _thought(**fields: object) -> Feature:
    return _turn(2, Reasoning(**{"text": "It is about a price.", **fields}), before=True)


FEATURES: Mapping[str, Feature] = {
    "picture by address": _turn(1, Image(Url("https://example.com/a.png"))),
    "picture in detail": _turn(1, Image(PNG, detail="low")),
    "picture as a file": _turn(1, Image(File("anthropic", "file_1"))),
    "cached picture": _turn(1, Image(PNG, cache=CACHE)),
    "sound": _turn(1, Audio(WAV)),
    "document": _turn(1, Document(PDF)),
    "document with a title": _turn(1, Document(PDF, "prices.pdf")),
    "document by address": _turn(1, Document(Url("https://example.com/a.pdf"))),
    "document as a file": _turn(1, Document(File("openai", "file-1"))),
    "document with context": _turn(1, Document(PDF, "prices.pdf", "of 2026", cite=True)),
    "cached document": _turn(1, Document(PDF, cache=CACHE)),
    "cached text": _part(1, 0, cache=CACHE),
    "cached message": _turn(3, cache=CACHE),
    "cached tool": _tool(cache=CACHE),
    "cached call": _part(2, 1, cache=CACHE),
    "strict tool": _tool(strict=True),
    "loose tool": _tool(strict=False),
    "tool without parameters": _tool(parameters={}),
    "tool of Anthropic": _fields(
        native_tools=(Native("anthropic", {"type": "bash_20250124", "name": "bash"}),)
    ),
    "tool of OpenAI": _fields(
        native_tools=(Native("openai", {"type": "custom", "custom": {"name": "sh"}}),)
    ),
    "tool of Responses": _fields(native_tools=(Native("responses", {"type": "web_search"}),)),
    "tool of Gemini": _fields(native_tools=(Native("gemini", {"googleSearch": {}}),)),
    "forced tool": _fields(tool_choice=NamedTool("price")),
    "one call at a time": _fields(parallel_tool_calls=False, tool_choice="auto"),
    "failed result": _turn(3, is_error=True),
    "picture as result": _turn(3, Image(PNG)),
    "name": _turn(1, name="ann"),
    "thought without seal": _thought(),
    "thought of Anthropic": _thought(seal=Seal("anthropic", "c2ln")),
    "thought of Responses": _thought(seal=Seal("responses", "c2ln", "rs_1")),
    "thought of Gemini": _thought(seal=Seal("gemini", "c2ln")),
    "hidden thought": _thought(text="", seal=Seal("anthropic", "c2ln"), redacted=True),
    "sealed call": _part(2, 1, seal=Seal("gemini", "c2ln")),
    "sealed text": _part(2, 0, seal=Seal("gemini", "c2ln")),
    "cited text": _part(2, 0, citations=(Citation("https://example.com", "Shop", None, 0, 3),)),
    "earlier sound": lambda request: replace(
        request,
        messages=(
            *request.messages[:2],
            Message("assistant", (Audio(File("openai", "audio_1"), None, "audio_1"),)),
        ),
    ),
    "earlier picture": _turn(2, Image(PNG), before=True),
    "call before text": _turn(2, content=(*reversed(ASKED.messages[2].parts),)),
    "two texts": _turn(1, Text("In euros.")),
    "developer": lambda request: replace(
        request, messages=(Message("developer", "Be kind."), *request.messages)
    ),
    "late system": lambda request: replace(
        request, messages=(*request.messages, Message("system", "In German."))
    ),
    "top_k": _fields(top_k=7),
    "hot": _fields(temperature=1.5),
    "stop": _fields(stop=("END", "STOP")),
    "seed": _fields(seed=7),
    "presence_penalty": _fields(presence_penalty=0.5),
    "frequency_penalty": _fields(frequency_penalty=0.5),
    "user": _fields(user="ann"),
    "JSON": _fields(response_format={"type": "json_object"}),
    "schema": _fields(response_format=FORMAT),
    "some effort": _fields(thinking=Thinking(effort="low")),
    "no effort": _fields(thinking=Thinking(effort="none")),
    "all effort": _fields(thinking=Thinking(effort="max")),
    "budget": _fields(thinking=Thinking(budget=1024)),
    "summary": _fields(thinking=Thinking(effort="low", summary="auto")),
    "adaptive": _fields(thinking=Thinking(adaptive=True)),
    "field of OpenAI": _fields(extra={"logit_bias": {"1": 2}}, extra_dialect="openai"),
    "field of Anthropic": _fields(extra={"container": "c_1"}, extra_dialect="anthropic"),
    "field of Responses": _fields(extra={"truncation": "auto"}, extra_dialect="responses"),
    "field of both APIs of OpenAI": _fields(
        extra={"service_tier": "flex", "metadata": {"a": "b"}}, extra_dialect="openai"
    ),
    "field of Gemini": _fields(extra={"cachedContent": "c/1"}, extra_dialect="gemini"),
}

ANSWERED = ChatResponse((Text("It costs 4."),), "stop", Usage(10, 5))


def _answer(*parts: Part, **fields: object) -> ChatResponse:
    return replace(ANSWERED, parts=(*ANSWERED.parts, *parts), **fields)


ANSWERS: Mapping[str, ChatResponse] = {
    "nothing": replace(ANSWERED, parts=()),
    "no usage": _answer(usage=None),
    "two texts": _answer(Text(" Or 5.")),
    "text behind a call": replace(
        ANSWERED,
        parts=(ToolCall("call_1", "price", "{}"), Text("Let me see.")),
        finish_reason="tool_calls",
    ),
    "thought behind text": _answer(Reasoning("Is it so?", Seal("anthropic", "c2ln"))),
    "thought without seal": replace(ANSWERED, parts=(Reasoning("Hm."), Text("Four."))),
    "seal with an id": replace(
        ANSWERED, parts=(Reasoning("Hm.", Seal("responses", "c2ln", "rs_1")), Text("Four."))
    ),
    "seal without thoughts": replace(
        ANSWERED, parts=(Reasoning("", Seal("responses", "c2ln", "rs_1")), Text("Four."))
    ),
    "no arguments": replace(
        ANSWERED, parts=(ToolCall("call_1", "price", ""),), finish_reason="tool_calls"
    ),
    "broken arguments": replace(
        ANSWERED, parts=(ToolCall("call_1", "price", '{"part":'),), finish_reason="tool_calls"
    ),
    "cited": replace(
        ANSWERED,
        parts=(
            Text("It costs 4.", citations=(Citation("https://a.example", "Shop", None, 0, 11),)),
        ),
    ),
    "cited nowhere": replace(
        ANSWERED, parts=(Text("It costs 4.", citations=(Citation("https://a.example", "Shop"),)),)
    ),
    "cited by its words": replace(
        ANSWERED, parts=(Text("Four.", citations=(Citation(None, "a.pdf", "costs 4"),)),)
    ),
    "picture": _answer(Image(PNG)),
    "sound": replace(ANSWERED, parts=(Audio(WAV, "It costs 4.", "audio_1"),)),
    "own part of OpenAI": replace(
        ANSWERED,
        parts=(
            Native(
                "openai",
                {"id": "call_1", "type": "custom", "custom": {"name": "sh", "input": "ls"}},
            ),
        ),
        finish_reason="tool_calls",
    ),
    "own part of Anthropic": _answer(
        Native("anthropic", {"type": "container_upload", "file_id": "file_1"})
    ),
    "refusal": replace(ANSWERED, finish_reason="content_filter", detail="refusal"),
    "filtered": replace(ANSWERED, finish_reason="content_filter"),
    "cut off": replace(ANSWERED, finish_reason="length"),
    "stopped by a word": replace(ANSWERED, detail="stop_sequence", stop="END"),
    "pause": replace(ANSWERED, detail="pause_turn"),
    "all counts": replace(
        ANSWERED,
        usage=Usage(
            100, 50, 10, 20, cache_write_tokens=5, audio_input_tokens=7, audio_output_tokens=9
        ),
    ),
}
