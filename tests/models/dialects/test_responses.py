"""The Responses API toward what other dialects say, and what it says that others cannot."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from conformance import read_stream

from motet.core.chat import (
    Audio,
    AudioDelta,
    ChatEvent,
    ChatRequest,
    Citation,
    Cited,
    Data,
    Document,
    Effort,
    File,
    Finished,
    Image,
    Message,
    NamedTool,
    Native,
    Reasoning,
    ReasoningDelta,
    Seal,
    Text,
    TextDelta,
    Thinking,
    ToolCall,
    ToolCallDelta,
    ToolSpec,
    Url,
    Whole,
)
from motet.core.errors import UsageError
from motet.core.json import dumps
from motet.models.assembly import assemble
from motet.models.dialects.counts import read as read_counts
from motet.models.dialects.responses import DIALECT

HELLO = ChatRequest((Message("user", "Hello"),))
KNOWN = Reasoning("Hm.", Seal("responses", "gAAAA", "rs_1"))


def sent(request: ChatRequest) -> dict[str, Any]:
    return dict(DIALECT.outgoing(request, "m", stream=False).body)


def lost(request: ChatRequest) -> tuple[str, ...]:
    return DIALECT.outgoing(request, "m", stream=False).lost


def received(**fields: Any) -> ChatRequest:
    return DIALECT.incoming({"model": "m", "input": "Hello", **fields}).request


def said(*parts: Any) -> ChatRequest:
    return ChatRequest((Message("user", "Hello"), Message("assistant", parts)))


# Requests


def test_headers_carry_the_key() -> None:
    assert DIALECT.headers("sk-1") == {"Authorization": "Bearer sk-1"}
    assert DIALECT.headers("") == {}


def test_a_first_system_text_becomes_the_instructions() -> None:
    request = ChatRequest(
        (Message("system", "Be brief."), Message("system", "Be kind."), *HELLO.messages)
    )
    body = sent(request)
    assert body["instructions"] == "Be brief."
    assert body["input"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hello"},
    ]
    assert DIALECT.incoming(body).request.messages == request.messages


def test_the_items_of_one_turn_are_one_message() -> None:
    request = received(
        input=[
            {"role": "user", "content": "Hi"},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"},
            {
                "type": "message",
                "id": "msg_1",
                "role": "assistant",
                "status": "completed",
                "phase": "commentary",
                "content": [
                    {"type": "output_text", "text": "Let me look.", "annotations": []},
                    {"type": "refusal", "refusal": "Or not."},
                ],
            },
            {
                "type": "function_call",
                "id": "fc_1",
                "call_id": "call_1",
                "name": "look",
                "arguments": "{}",
            },
            {"type": "custom_tool_call", "call_id": "call_2", "name": "sh", "input": "ls"},
            {"type": "custom_tool_call_output", "call_id": "call_2", "output": "a b"},
            {"type": "function_call_output", "call_id": "call_1", "output": "nothing"},
            {"type": "item_reference", "id": "msg_0"},
        ]
    )
    assert [message.role for message in request.messages] == [
        "user",
        "assistant",
        "tool",
        "assistant",
    ]
    thought, text, refusal, call, native, output = request.messages[1].parts
    assert thought == Reasoning("", Seal("responses", "gAAAA", "rs_1"), redacted=True)
    assert text == Text("Let me look.", seal=Seal("responses", "commentary", "msg_1"))
    assert refusal == Text("Or not.", seal=Seal("responses", "refusal", "msg_1"))
    assert call == ToolCall("call_1", "look", "{}", Seal("responses", "", "fc_1"))
    assert isinstance(native, Native)
    assert isinstance(output, Native)
    assert native.value["type"] == "custom_tool_call"
    body = sent(request)
    assert [item.get("type", item.get("role")) for item in body["input"]] == [
        "user",
        "reasoning",
        "message",
        "function_call",
        "custom_tool_call",
        "custom_tool_call_output",
        "function_call_output",
        "item_reference",
    ]
    assert body["input"][2]["phase"] == "commentary"


def test_texts_pictures_and_files_are_read() -> None:
    content = [
        {"type": "input_text", "text": "See"},
        {"type": "input_image", "image_url": "https://example.com/a.png"},
        {"type": "input_image", "file_id": "file-1", "detail": "high"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AA"},
        {"type": "input_file", "file_url": "https://example.com/a.pdf"},
        {"type": "input_audio", "input_audio": {"data": "AA", "format": "mp3"}},
        {"type": "input_video", "video_url": "https://example.com/a.mp4"},
    ]
    request = received(input=[{"type": "message", "role": "user", "content": content}])
    assert request.messages[0].parts == (
        Text("See"),
        Image(Url("https://example.com/a.png")),
        Image(File("responses", "file-1"), "high"),
        Document(Data("application/pdf", "AA"), "a.pdf"),
        Document(Url("https://example.com/a.pdf")),
        Audio(Data("audio/mpeg", "AA")),
        Native("responses", {"type": "input_video", "video_url": "https://example.com/a.mp4"}),
    )
    assert sent(request)["input"] == [{"role": "user", "content": content}]


def test_bytes_without_a_name_get_one() -> None:
    document = Document(Data("application/pdf", "AA"))
    body = sent(ChatRequest((Message("user", (document,)),)))
    assert body["input"][0]["content"][0]["filename"] == "untitled.pdf"
    assert DIALECT.incoming(body).request.messages[0].parts == (document,)


def test_results_with_pictures() -> None:
    result = Message("tool", (Text("Look"), Image(Data("image/png", "AA"))), "call_1")
    item = sent(ChatRequest((result,)))["input"][0]
    assert (item["type"], item["call_id"]) == ("function_call_output", "call_1")
    assert [part["type"] for part in item["output"]] == ["input_text", "input_image"]
    with pytest.raises(UsageError, match="must name its call"):
        sent(ChatRequest((Message("tool", "4"),)))


def test_what_the_client_left_to_the_api_stays_so() -> None:
    tool = {"type": "function", "name": "f", "parameters": {"type": "object"}}
    request = received(tools=[tool], reasoning={"effort": "low"})
    body = sent(request)
    assert body["tools"] == [tool]
    assert not {"store", "include"} & body.keys()


def test_other_dialects_mean_tools_that_are_not_strict() -> None:
    request = replace(HELLO, tools=(ToolSpec("f", "", {"type": "object"}),))
    assert sent(request)["tools"][0]["strict"] is False


@pytest.mark.parametrize(
    ("request_", "asks"),
    [
        (HELLO, False),
        (replace(HELLO, thinking=Thinking(effort="low")), True),
        (said(KNOWN, Text("Yes")), True),
    ],
)
def test_thoughts_are_asked_for_so_that_they_can_be_given_back(
    request_: ChatRequest, asks: bool
) -> None:
    body = sent(request_)
    assert (body.get("include") == ["reasoning.encrypted_content"]) is asks
    assert (body.get("store") is False) is asks


@pytest.mark.parametrize(
    ("budget", "effort"), [(0, "none"), (1024, "low"), (10_000, "medium"), (60_000, "high")]
)
def test_a_budget_becomes_the_nearest_effort(budget: int, effort: Effort) -> None:
    request = replace(HELLO, thinking=Thinking(budget=budget))
    assert sent(request)["reasoning"] == {"effort": effort}
    assert lost(request) == (("thinking.budget",) if budget else ())


@pytest.mark.parametrize(
    "seal", [None, Seal("anthropic", "c2ln"), Seal("responses", ""), Seal("gemini", "c2ln", "x")]
)
def test_thoughts_that_the_provider_does_not_know_are_named(seal: Seal | None) -> None:
    request = said(Reasoning("Hm.", seal), Text("Yes"))
    assert lost(request) == ("messages[1].content[0]",)
    assert [item["role"] for item in sent(request)["input"]] == ["user", "assistant"]


def test_raw_thoughts_stay_raw() -> None:
    item = {
        "id": "rs_1",
        "type": "reasoning",
        "summary": [],
        "content": [{"type": "reasoning_text", "text": "Hm."}],
    }
    request = received(input=[item])
    assert request.messages[0].parts == (
        Reasoning("Hm.", Seal("responses", "reasoning_text", "rs_1")),
    )
    assert sent(request)["input"] == [item]


def test_ids_that_we_made_mean_nothing_to_a_provider() -> None:
    writer = DIALECT.writer(DIALECT.incoming({"model": "m", "input": "x"}), id="r", created=1)
    answer = assemble([TextDelta("Hi"), ToolCallDelta(0, "c", "f", "{}"), Finished("stop", None)])
    output = json.loads(dumps(writer.whole(answer)["output"]))
    assert [item["id"].split("_")[:2] for item in output] == [["msg", "motet"], ["fc", "motet"]]
    items = sent(received(input=output))["input"]
    assert all("id" not in item for item in items)


def test_what_chat_completions_say_too_is_carried() -> None:
    extra = {
        "metadata": {"a": "b"},
        "verbosity": "low",
        "service_tier": "flex",
        "n": 1,
        "logit_bias": {"1": 1},
    }
    request = replace(HELLO, extra=extra, extra_dialect="openai")
    body = sent(request)
    assert (body["metadata"], body["service_tier"]) == ({"a": "b"}, "flex")
    assert body["text"] == {"verbosity": "low"}
    assert lost(request) == ("logit_bias",)


def test_fields_of_others_are_named() -> None:
    request = replace(HELLO, extra={"container": "c"}, extra_dialect="anthropic", seed=1, top_k=2)
    assert lost(request) == ("container", "top_k", "seed")
    assert "container" not in sent(request)


def test_fields_that_only_this_api_has_are_kept_beside() -> None:
    asked = {
        "previous_response_id": "resp_1",
        "background": True,
        "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": []},
        "text": {"verbosity": "low", "format": {"type": "json_object"}},
        "reasoning": {"effort": "high", "summary": "auto", "context": "all_turns"},
        "novel": [1],
    }
    request = received(**asked)
    assert request.response_format == {"type": "json_object"}
    assert request.thinking == Thinking(effort="high", summary="auto")
    assert request.extra_dialect == "responses"
    assert request.extra.keys() == asked.keys()
    assert sent(request) == {
        "model": "m",
        "input": [{"role": "user", "content": "Hello"}],
        **asked,
    }


def test_tools_of_the_provider_are_native() -> None:
    request = received(
        tools=[{"type": "web_search"}, {"type": "function", "name": "f", "parameters": None}],
        tool_choice={"type": "function", "name": "f"},
    )
    assert request.native_tools == (Native("responses", {"type": "web_search"}),)
    assert request.tools == (ToolSpec("f", "", {}),)
    assert request.tool_choice == NamedTool("f")
    assert [tool["type"] for tool in sent(request)["tools"]] == ["function", "web_search"]


def test_what_the_canonical_request_cannot_hold_is_named() -> None:
    found = DIALECT.incoming(
        {
            "model": "m",
            "input": [
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "input_text",
                            "text": "x",
                            "prompt_cache_breakpoint": {"mode": "explicit"},
                        }
                    ],
                }
            ],
            "tools": [{"type": "function", "name": "f", "defer_loading": True}],
            "top_logprobs": 2,
        }
    )
    assert found.lost == (
        "input[0].content[0].prompt_cache_breakpoint",
        "tools[0].defer_loading",
        "top_logprobs",
    )


# Answers


def stream(*events: ChatEvent) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Return the events of a written stream, and what was lost."""
    writer = DIALECT.writer(DIALECT.incoming({"model": "m", "input": "x"}), id="resp_1", created=1)
    data = writer.start() + b"".join(map(writer.event, events))
    lines = [line[6:] for line in data.decode().splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines], tuple(writer.lost)


END = Finished("stop", None)


def test_what_comes_late_for_a_text_becomes_a_message_of_its_own() -> None:
    events, missing = stream(
        TextDelta("Let me "), ToolCallDelta(0, "c", "f", "{}"), TextDelta("see."), END
    )
    output = events[-1]["response"]["output"]
    assert [item["type"] for item in output] == ["message", "function_call", "message"]
    assert [item["content"][0]["text"] for item in (output[0], output[2])] == ["Let me ", "see."]
    assert missing == ()


def test_a_citation_that_comes_late_is_still_said() -> None:
    events, _ = stream(
        TextDelta("See here."),
        ToolCallDelta(0, "c", "f", "{}"),
        Cited(Citation("https://example.com", "Shop", None, 0, 3)),
        END,
    )
    added = [each for each in events if each["type"].endswith("annotation.added")]
    assert [(each["output_index"], each["annotation_index"]) for each in added] == [(0, 0)]
    text = events[-1]["response"]["output"][0]["content"][0]
    assert [note["url"] for note in text["annotations"]] == ["https://example.com"]


def test_a_seal_that_comes_late_is_in_the_whole_answer() -> None:
    events, _ = stream(
        ReasoningDelta("Hm.", 0),
        TextDelta("Yes", 1),
        ReasoningDelta("", 0, Seal("anthropic", "c2ln")),
        END,
    )
    output = events[-1]["response"]["output"]
    assert [item["type"] for item in output] == ["reasoning", "message"]
    assert output[0]["encrypted_content"] == "motet:anthropic:c2ln"


def test_what_cannot_be_said_of_an_answer_is_named() -> None:
    _, missing = stream(
        TextDelta("x"),
        Cited(Citation(None, "a.pdf", "its words")),
        AudioDelta("AA", "hello", "audio/wav"),
        AudioDelta("AA", "", "audio/wav"),
        Whole(Document(Url("https://example.com/a.pdf"))),
        Whole(Native("anthropic", {"type": "server_tool_use"})),
        Finished("stop", None, detail="stop_sequence", stop="END"),
    )
    assert missing == (
        "output[0].content[0].annotations[0]",
        "audio",
        "output[1].document",
        "output[1].anthropic",
        "detail",
        "stop",
    )


def test_what_was_asked_is_repeated_in_the_answer() -> None:
    asked = {
        "model": "m",
        "input": "x",
        "instructions": "Be brief.",
        "temperature": 0.5,
        "metadata": {"a": "b"},
        "previous_response_id": "resp_0",
        "conversation": "conv_1",
        "reasoning": {"effort": "low"},
        "text": {"format": {"type": "json_object"}},
    }
    writer = DIALECT.writer(DIALECT.incoming(asked), id="resp_1", created=7)
    body = writer.whole(assemble([TextDelta("{}"), END]))
    for name in ("instructions", "temperature", "metadata", "previous_response_id", "text"):
        assert body[name] == asked[name]
    assert body["conversation"] == {"id": "conv_1"}
    assert body["reasoning"] == {"effort": "low", "summary": None}
    assert (body["object"], body["created_at"], body["model"]) == ("response", 7, "m")
    assert body["usage"] is None


@pytest.mark.parametrize(
    ("status", "details", "reason", "detail"),
    [
        ("completed", None, "stop", ""),
        ("incomplete", {"reason": "max_output_tokens"}, "length", ""),
        ("incomplete", {"reason": "content_filter"}, "content_filter", ""),
        ("incomplete", {"reason": "steered"}, "length", "steered"),
        ("queued", None, "stop", "queued"),
        ("cancelled", None, "stop", "cancelled"),
    ],
)
def test_how_an_answer_ended(
    status: str, details: dict[str, Any] | None, reason: str, detail: str
) -> None:
    body = {"id": "r", "status": status, "incomplete_details": details, "output": []}
    answer = assemble(DIALECT.reader("m").whole(dumps(body).encode()))
    assert (answer.finish_reason, answer.detail) == (reason, detail)


@pytest.mark.parametrize("kind", ["custom_tool_call", "local_shell_call", "apply_patch_call"])
def test_calls_of_native_tools_wait_for_the_client(kind: str) -> None:
    item = {"type": kind, "call_id": "c"}
    body = {"id": "r", "status": "completed", "output": [item]}
    answer = assemble(DIALECT.reader("m").whole(dumps(body).encode()))
    assert answer.finish_reason == "tool_calls"
    assert answer.parts == (Native("responses", item),)


def test_a_server_that_sends_only_what_grows_is_read() -> None:
    sent_events = [
        {"type": "response.output_text.delta", "item_id": "msg_1", "delta": "Hel"},
        {"type": "response.output_text.delta", "item_id": "msg_1", "delta": "lo"},
        {"type": "response.completed", "response": {"id": "r", "output": []}},
    ]
    data = "".join(f"data: {dumps(event)}\n\n" for event in sent_events).encode()
    assert read_stream(DIALECT.reader("m"), [data]).text == "Hello"


def test_a_server_that_sends_only_the_end_is_read() -> None:
    content = [{"type": "output_text", "text": "Hello"}]
    response = {"id": "r", "output": [{"type": "message", "content": content}]}
    data = f"data: {dumps({'type': 'response.completed', 'response': response})}\n\n".encode()
    assert read_stream(DIALECT.reader("m"), [data]).text == "Hello"


def test_counts_are_read_from_events_and_bodies() -> None:
    usage = {
        "input_tokens": 10,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 3},
        "total_tokens": 15,
    }
    for value in ({"usage": usage}, {"type": "response.completed", "response": {"usage": usage}}):
        found = read_counts("responses", value, {})
        assert found is not None
        assert (found.input_tokens, found.cached_tokens, found.cache_write_tokens) == (10, 4, 2)
        assert (found.output_tokens, found.reasoning_tokens) == (5, 3)
    assert read_counts("responses", {"usage": None}, {}) is None
