"""What a client of chat completions gets: OpenAI's own SDK reads all that is written for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import openai
import pytest
from chat_server import ChatServer
from conformance import hello, written_stream, written_whole
from openai import OpenAI
from portable import ANSWERED, ANSWERS

from motet.core.chat import (
    Audio,
    ChatResponse,
    Citation,
    Data,
    Finished,
    Part,
    Reasoning,
    Seal,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)
from motet.models.dialects.openai import DIALECT

RICH = ChatResponse(
    (
        Reasoning("It is about ", Seal("anthropic", "c2ln")),
        Reasoning("a price.", Seal("responses", "Z0FBQQ==", "rs_1")),
        Reasoning("", Seal("anthropic", "aGlkZGVu"), redacted=True),
        Text(
            "Zürich, 东京 🌊: it costs 4.",
            citations=(
                Citation("https://a.example", "Shop", "costs 4", 0, 6),
                Citation("https://b.example", "Mall", None, 8, 10),
            ),
            seal=Seal("gemini", "c2lnbmVk"),
        ),
        ToolCall("call_1", "price", '{"part": "hinge"}', Seal("gemini", "Zm9v")),
        ToolCall("call_2", "price", "{}"),
    ),
    "tool_calls",
    Usage(100, 50, 10, 20, cache_write_tokens=5, cost_usd=0.25),
)
MESSAGES: Any = [{"role": "user", "content": "Hello"}]


def streamed(server: ChatServer, answer: ChatResponse) -> Any:
    """Return the completion that the SDK makes of our stream."""
    writer = DIALECT.writer(hello(DIALECT, stream=True), id="chatcmpl-1", created=7)
    name = server.add_recording([written_stream(writer, answer)])
    with (
        OpenAI(base_url=server.base_url, api_key="any", max_retries=0) as client,
        client.chat.completions.stream(model=name, messages=MESSAGES) as stream,
    ):
        return stream.get_final_completion()


def whole(server: ChatServer, answer: ChatResponse) -> Any:
    writer = DIALECT.writer(hello(DIALECT, stream=False), id="chatcmpl-1", created=7)
    name = server.add_recording([written_whole(writer, answer)], "application/json")
    with OpenAI(base_url=server.base_url, api_key="any", max_retries=0) as client:
        return client.chat.completions.create(model=name, messages=MESSAGES)


def plain(value: Any) -> Any:
    """Return what a completion says: no nulls, and no indexes, which are of streams."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    unsaid = (None, "", [])
    return {
        name: plain(each)
        for name, each in value.items()
        if each not in unsaid and name not in ("index", "object", "parsed_arguments")
    }


@pytest.mark.parametrize(
    "answer",
    [RICH, ANSWERED, ANSWERS["picture"], ANSWERS["sound"]],
    ids=["rich", "plain", "picture", "sound"],
)
def test_the_sdk_makes_the_same_of_both(chat_server: ChatServer, answer: ChatResponse) -> None:
    found, expected = streamed(chat_server, answer).to_dict(), whole(chat_server, answer).to_dict()
    assert echoed(found) == echoed(expected) == echoed_parts(answer)
    for completion in (found, expected):
        completion["choices"][0]["message"].pop("reasoning_details", None)
    assert plain(found) == plain(expected)


def echoed(completion: Any) -> Any:
    """Return the thoughts of a message that a client sends back, as we read it."""
    message = completion["choices"][0]["message"]
    turns = [*MESSAGES, {**message, "role": "assistant", "audio": None}]
    incoming = DIALECT.incoming({"model": "m", "messages": turns})
    return [part for part in incoming.request.messages[1].parts if has_seal(part)]


def echoed_parts(answer: ChatResponse) -> list[Part]:
    parts = [replace(p, citations=()) if isinstance(p, Text) else p for p in answer.parts]
    return [part for part in parts if has_seal(part)]


def has_seal(part: Part) -> bool:
    return getattr(part, "seal", None) is not None


def test_the_sdk_reads_all_fields(chat_server: ChatServer) -> None:
    completion = whole(chat_server, RICH)
    message = completion.choices[0].message
    assert message.content == RICH.text
    assert message.reasoning_content == "It is about a price."
    assert [entry["type"] for entry in message.reasoning_details] == [
        "reasoning.text",
        "reasoning.summary",
        "reasoning.encrypted",
        "reasoning.encrypted",
    ]
    assert [
        (place.url_citation.url, place.url_citation.start_index) for place in message.annotations
    ] == [
        ("https://a.example", 0),
        ("https://b.example", 8),
    ]
    assert [call.id for call in message.tool_calls] == ["call_1", "call_2"]
    assert completion.choices[0].finish_reason == "tool_calls"
    assert completion.usage.prompt_tokens_details.cached_tokens == 10
    assert completion.usage.completion_tokens_details.reasoning_tokens == 20
    assert completion.usage.total_tokens == 150


def test_a_refusal_is_told_as_one(chat_server: ChatServer) -> None:
    message = whole(chat_server, ANSWERS["refusal"]).choices[0].message
    assert (message.refusal, message.content) == ("It costs 4.", None)


def test_the_sdk_raises_what_breaks_a_stream(chat_server: ChatServer) -> None:
    writer = DIALECT.writer(hello(DIALECT, stream=True), id="chatcmpl-1", created=7)
    data = writer.start() + writer.event(TextDelta("It"))
    data += writer.failure(502, "the model is gone", "provider")
    name = chat_server.add_recording([data])
    with OpenAI(base_url=chat_server.base_url, api_key="any", max_retries=0) as client:
        stream = client.chat.completions.create(model=name, messages=MESSAGES, stream=True)
        with pytest.raises(openai.APIError, match="the model is gone"):
            list(stream)


def lines(include_usage: bool, **fields: Any) -> list[str]:
    options = {"stream_options": {"include_usage": True}} if include_usage else {}
    incoming = DIALECT.incoming(
        {"model": "m", "messages": MESSAGES, "stream": True, **options, **fields}
    )
    writer = DIALECT.writer(incoming, id="chatcmpl-1", created=7)
    return written_stream(writer, ANSWERED, 99).decode().strip().split("\n\n")


def test_usage_comes_where_it_was_asked_for() -> None:
    assert len(lines(True)) == 5
    assert '"usage":null' in lines(True)[0]
    assert '"choices":[],"usage":{"prompt_tokens":10' in lines(True)[-2]
    assert len(lines(False)) == 4
    assert not any('"usage"' in line for line in lines(False))
    assert lines(False)[-1] == "data: [DONE]"


def test_older_clients_get_a_function_call() -> None:
    incoming = DIALECT.incoming(
        {"model": "m", "messages": MESSAGES, "functions": [{"name": "price"}]}
    )
    assert incoming.request.tools[0].name == "price"
    calls = ChatResponse(
        (ToolCall("call_1", "price", "{}"), ToolCall("call_2", "price", "{}")), "tool_calls", None
    )
    writer = DIALECT.writer(incoming, id="chatcmpl-1", created=7)
    body: Any = writer.whole(calls)
    choice = body["choices"][0]
    assert choice["message"]["function_call"] == {"name": "price", "arguments": "{}"}
    assert choice["finish_reason"] == "function_call"
    assert writer.lost == ("choices[0].message.tool_calls[1]",)
    writer = DIALECT.writer(incoming, id="chatcmpl-1", created=7)
    stream = written_stream(writer, calls).decode()
    assert '"function_call":{"name":"price","arguments":""}' in stream
    assert "tool_calls" not in stream
    assert writer.lost == ("choices[0].message.tool_calls[1]",)


def test_half_a_character_passes() -> None:
    writer = DIALECT.writer(hello(DIALECT, stream=True), id="chatcmpl-1", created=7)
    assert b'{"content":"\\ud83d"}' in writer.event(TextDelta("\ud83d"))
    assert writer.event(TextDelta("")) == b""


def test_a_sound_of_unmarked_samples_names_its_type() -> None:
    writer = DIALECT.writer(hello(DIALECT, stream=False), id="chatcmpl-1", created=7)
    sound = Audio(Data("audio/pcm;rate=24000", "AAAA"))
    writer.whole(ChatResponse((sound,), "stop", None))
    assert writer.lost == ("choices[0].message.audio.media_type",)


def test_the_model_really_used_is_named_at_the_end() -> None:
    writer = DIALECT.writer(hello(DIALECT, stream=True), id="chatcmpl-1", created=7)
    writer.start()
    last = writer.event(Finished("stop", Usage(1, 1), "gpt-9-2030"))
    assert last.count(b'"model":"gpt-9-2030"') == 2
