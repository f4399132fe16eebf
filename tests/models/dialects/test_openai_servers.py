"""Chat completions as other servers than OpenAI's write them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conformance import read_stream

from motet.core.chat import (
    Audio,
    ChatResponse,
    Citation,
    Data,
    Image,
    Native,
    Reasoning,
    Seal,
    Text,
    ToolCall,
    Url,
    Usage,
)
from motet.models.assembly import assemble
from motet.models.dialects.openai import DIALECT


def whole(message: Any, reason: str = "stop", **fields: Any) -> ChatResponse:
    choice = {"index": 0, "message": message, "finish_reason": reason, **fields.pop("choice", {})}
    body = json.dumps({"id": "c", "model": "m", "choices": [choice], **fields})
    return assemble(DIALECT.reader("m").whole(body.encode()))


def streamed(*deltas: Any, reason: str = "stop", **fields: Any) -> ChatResponse:
    chunks = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    chunks.append({"index": 0, "delta": {}, "finish_reason": reason, **fields.pop("choice", {})})
    bodies = [{"id": "c", "model": "m", "choices": [chunk]} for chunk in chunks]
    bodies.append({"id": "c", "model": "m", "choices": [], **fields})
    lines = "".join(f"data: {json.dumps(body)}\n\n" for body in bodies)
    return read_stream(DIALECT.reader("m"), [f"{lines}data: [DONE]\n\n".encode()])


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_thoughts_in_a_field_of_their_own(field: str) -> None:
    answer = whole({"content": "4", field: "2 and 2"})
    assert answer.parts == (Reasoning("2 and 2"), Text("4"))
    assert streamed({field: "2 "}, {field: "and 2"}, {"content": "4"}) == answer


def test_thoughts_with_their_seals() -> None:
    text = {"type": "reasoning.text", "index": 0, "format": "anthropic-claude-v1"}
    hidden = {"type": "reasoning.encrypted", "index": 1, "data": "aGk=", "id": "rs_1"}
    hidden["format"] = "openai-responses-v1"
    details = [{**text, "text": "2 and 2", "signature": "c2ln"}, hidden]
    answer = whole({"content": "4", "reasoning": "2 and 2", "reasoning_details": details})
    assert answer.parts == (
        Reasoning("2 and 2", Seal("anthropic", "c2ln")),
        Reasoning("", Seal("responses", "aGk=", "rs_1")),
        Text("4"),
    )
    again = streamed(
        {"reasoning": "2 ", "reasoning_details": [{**text, "text": "2 "}]},
        {"reasoning": "and 2", "reasoning_details": [{**text, "text": "and 2"}]},
        {"reasoning_details": [{**text, "signature": "c2ln"}]},
        {"reasoning_details": [hidden]},
        {"content": "4"},
    )
    assert again == answer


def test_thoughts_within_the_content() -> None:
    content = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "2 and 2"}]},
        {"type": "text", "text": "4"},
    ]
    answer = whole({"content": content})
    assert answer.parts == (Reasoning("2 and 2"), Text("4"))
    assert streamed({"content": content[:1]}, {"content": "4"}) == answer


def test_seals_of_calls() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    call["extra_content"] = {"google": {"thought_signature": "c2ln"}}
    answer = whole({"tool_calls": [call]}, "tool_calls")
    assert answer.parts == (ToolCall("c1", "f", "{}", Seal("gemini", "c2ln")),)
    assert streamed({"tool_calls": [{"index": 0, **call}]}, reason="tool_calls") == answer


def test_calls_of_custom_tools() -> None:
    call = {"id": "c1", "type": "custom", "custom": {"name": "sh", "input": "ls -l"}}
    answer = whole({"tool_calls": [call]}, "tool_calls")
    assert answer.parts == (Native("openai", call),)
    begun = {"index": 0, **call, "custom": {"name": "sh", "input": "ls"}}
    more = {"index": 0, "custom": {"input": " -l"}}
    for reason in ("tool_calls", "stop"):
        again = streamed({"tool_calls": [begun]}, {"tool_calls": [more]}, reason=reason)
        assert again == answer


def test_an_older_function_call() -> None:
    call = {"name": "f", "arguments": '{"a": 1}'}
    answer = whole({"content": None, "function_call": call}, "function_call")
    assert [(each.name, each.arguments) for each in answer.tool_calls] == [("f", '{"a": 1}')]
    assert answer.finish_reason == "tool_calls"
    deltas = [{"name": "f", "arguments": ""}, {"arguments": '{"a"'}, {"arguments": ": 1}"}]
    assert streamed(*({"function_call": each} for each in deltas), reason="function_call") == answer


def test_sound() -> None:
    sound = {"id": "audio_1", "data": "UklGRgAAAABXQVZF", "transcript": "Hi", "expires_at": 9}
    answer = whole({"content": None, "audio": sound})
    assert answer.parts == (Audio(Data("audio/wav", "UklGRgAAAABXQVZF"), "Hi", "audio_1"),)
    again = streamed(
        {"audio": {"id": "audio_1"}},
        {"audio": {"transcript": "H"}},
        {"audio": {"data": "UklGRgAA"}},
        {"audio": {"transcript": "i"}},
        {"audio": {"data": "AABXQVZF"}},
        {"audio": {"expires_at": 9}},
    )
    assert again == answer


def test_pictures_beside_the_content() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://e.example/a.png"}}
    answer = whole({"content": "Look.", "images": [image]})
    assert answer.parts == (Text("Look."), Image(Url("https://e.example/a.png")))
    assert streamed({"content": "Look."}, {"images": [{"index": 0, **image}]}) == answer


def test_sources() -> None:
    place = {"url": "https://a.example", "title": "A", "start_index": 0, "end_index": 2}
    entry = {"type": "url_citation", "url_citation": place}
    answer = whole({"content": "Hi", "annotations": [entry]})
    assert answer.parts == (
        Text("Hi", citations=(Citation("https://a.example", "A", None, 0, 2),)),
    )
    assert streamed({"content": "Hi"}, {"annotations": [entry]}) == answer


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            {"prompt_tokens": 5, "completion_tokens": 2, "prompt_cache_hit_tokens": 3},
            Usage(5, 2, 3),
        ),
        ({"prompt_tokens": 5, "completion_tokens": 2, "cached_tokens": 3}, Usage(5, 2, 3)),
        (
            {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 17},
            Usage(5, 12, reasoning_tokens=10),
        ),
        ({"prompt_tokens": 5, "completion_tokens": 2, "cost": 0.5}, Usage(5, 2, cost_usd=0.5)),
        (
            {
                "prompt_tokens": 5,
                "completion_tokens": 2,
                "prompt_tokens_details": {"audio_tokens": 4, "cache_write_tokens": 1},
                "completion_tokens_details": {"audio_tokens": 2},
            },
            Usage(5, 2, cache_write_tokens=1, audio_input_tokens=4, audio_output_tokens=2),
        ),
        ({"prompt_tokens": None}, None),
        ({}, None),
    ],
)
def test_counts(usage: Any, expected: Usage | None) -> None:
    assert whole({"content": "Hi"}, usage=usage).usage == expected
    assert streamed({"content": "Hi"}, usage=usage).usage == expected
    assert streamed({"content": "Hi"}, x_groq={"usage": usage}).usage == expected


@pytest.mark.parametrize(
    ("reason", "native", "expected"),
    [
        ("stop", "end_turn", ("stop", "")),
        ("stop", "STOP", ("stop", "")),
        ("stop", "pause_turn", ("stop", "pause_turn")),
        ("length", "max_tokens", ("length", "")),
        ("content_filter", "SAFETY", ("content_filter", "SAFETY")),
        ("model_length", None, ("length", "")),
    ],
)
def test_reasons(reason: str, native: str | None, expected: tuple[str, str]) -> None:
    answer = whole({"content": "Hi"}, reason, choice={"native_finish_reason": native})
    assert (answer.finish_reason, answer.detail) == expected
    again = streamed({"content": "Hi"}, reason=reason, choice={"native_finish_reason": native})
    assert again == answer


def test_the_stop_sequence_that_was_met() -> None:
    assert whole({"content": "Hi"}, choice={"stop_reason": "END"}).stop == "END"
    assert whole({"content": "Hi"}, choice={"stop_reason": 151645}).stop is None
