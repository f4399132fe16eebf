"""Chat completion requests: what clients send, and what servers of each flavour are sent."""

from __future__ import annotations

from typing import Any

import pytest
from portable import PDF, PNG, WAV

from motet.core.chat import (
    Audio,
    ChatRequest,
    Data,
    Document,
    File,
    Image,
    Message,
    NamedTool,
    Native,
    Text,
    Thinking,
    ToolCall,
    ToolSpec,
    Url,
)
from motet.models.dialects.dialect import BadRequest, Incoming
from motet.models.dialects.openai import DIALECT, FLAVOURS

HELLO: Any = {"role": "user", "content": "Hello"}


def read(*messages: Any, **fields: Any) -> Incoming:
    return DIALECT.incoming({"model": "m", "messages": list(messages) or [HELLO], **fields})


def test_a_bare_request() -> None:
    incoming = read()
    assert incoming.request == ChatRequest((Message("user", "Hello"),))
    assert (incoming.model, incoming.stream, incoming.include_usage) == ("m", False, False)


def test_nulls_count_as_absent() -> None:
    names = ("temperature", "tools", "stop", "n", "user", "stream", "stream_options", "logprobs")
    assert read(**dict.fromkeys(names)) == read()


def test_parts_of_a_user() -> None:
    content = [
        {"type": "text", "text": "See"},
        {"type": "image_url", "image_url": {"url": "https://e.example/a.png", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG.base64}"}},
        {"type": "input_audio", "input_audio": {"data": WAV.base64, "format": "wav"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
        {
            "type": "file",
            "file": {"file_data": f"data:application/pdf;base64,{PDF.base64}", "filename": "a.pdf"},
        },
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "file", "file": {"file_data": "aGk=", "filename": "a.txt"}},
        {"type": "video_url", "video_url": {"url": "https://e.example/a.mp4"}},
    ]
    (message,) = read({"role": "user", "content": content}).request.messages
    assert message.parts == (
        Text("See"),
        Image(Url("https://e.example/a.png"), "low"),
        Image(PNG),
        Audio(WAV),
        Audio(Data("audio/mpeg", "AAAA")),
        Document(PDF, "a.pdf"),
        Document(File("openai", "file-1")),
        Document(Data("text/plain", "aGk="), "a.txt"),
        Native("openai", content[-1]),
    )


def test_a_data_url_may_be_written_out() -> None:
    part = {"type": "image_url", "image_url": "data:image/svg+xml,%3Csvg/%3E"}
    (message,) = read({"role": "user", "content": [part]}).request.messages
    assert message.parts == (Image(Data("image/svg+xml", "PHN2Zy8+")),)


def test_functions_are_tools() -> None:
    incoming = read(
        HELLO,
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "4"},
        functions=[{"name": "f", "parameters": {"type": "object"}}],
        function_call={"name": "f"},
    )
    request = incoming.request
    assert request.tools == (ToolSpec("f", "", {"type": "object"}),)
    assert request.tool_choice == NamedTool("f")
    assert request.messages[1].tool_calls == (ToolCall("call_1", "f", "{}"),)
    assert request.messages[2] == Message("tool", "4", "call_1", "f")


def test_custom_tools_are_this_dialects_own() -> None:
    tool = {"type": "custom", "custom": {"name": "sh"}}
    call = {"id": "call_1", "type": "custom", "custom": {"name": "sh", "input": "ls"}}
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [tool]}}
    turn = {"role": "assistant", "content": None, "tool_calls": [call]}
    result = {"role": "tool", "tool_call_id": "call_1", "content": "a"}
    incoming = read(HELLO, turn, result, tools=[tool], tool_choice=choice)
    assert incoming.request.native_tools == (Native("openai", tool),)
    assert incoming.request.messages[1].parts == (Native("openai", call),)
    body: Any = DIALECT.outgoing(incoming.request, "m", stream=False).body
    assert body["messages"] == [HELLO, turn, result]
    assert (body["tools"], body["tool_choice"]) == ([tool], choice)


def test_what_we_do_not_know_passes() -> None:
    fields = {
        "n": 2,
        "logprobs": True,
        "logit_bias": {"1": -1},
        "modalities": ["text", "audio"],
        "reasoning_effort": "utmost",
        "something_new": {"a": 1},
    }
    request = read(**fields, stream=True, stream_options={"include_obfuscation": False}).request
    assert request.extra_dialect == "openai"
    body = DIALECT.outgoing(request, "m", stream=True).body
    assert {name: body[name] for name in fields} == fields
    assert body["stream_options"] == {"include_obfuscation": False, "include_usage": True}
    assert "stream_options" not in DIALECT.outgoing(request, "m", stream=False).body


def test_unknown_fields_of_parts_are_named() -> None:
    part = {"type": "text", "text": "Hi", "prompt_cache_breakpoint": {"mode": "explicit"}}
    incoming = read({"role": "user", "content": [part], "mood": "good"})
    assert incoming.lost == (
        "messages[0].content[0].prompt_cache_breakpoint",
        "messages[0].mood",
    )


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "model"),
        ({"model": 7}, "model"),
        ({"model": "m"}, "messages"),
        ({"model": "m", "messages": []}, "messages"),
        ({"model": "m", "messages": "hi"}, "messages"),
        ({"model": "m", "messages": ["hi"]}, "messages[0]"),
        ({"model": "m", "messages": [{}]}, "messages[0].role"),
        ({"model": "m", "messages": [{"role": "king", "content": ""}]}, "messages[0].role"),
        ({"model": "m", "messages": [{"role": "user"}]}, "messages[0].content"),
        ({"model": "m", "messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
        (
            {"model": "m", "messages": [{"role": "user", "content": [{"type": "text"}]}]},
            "messages[0].content[0].text",
        ),
        (
            {"model": "m", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "messages[0].content[0].image_url",
        ),
        (
            {
                "model": "m",
                "messages": [{"role": "user", "content": [{"type": "file", "file": {}}]}],
            },
            "messages[0].content[0].file.file_data",
        ),
        ({"model": "m", "messages": [{"role": "tool", "content": ""}]}, "messages[0].tool_call_id"),
        (
            {"model": "m", "messages": [{"role": "assistant", "tool_calls": [{"id": "c"}]}]},
            "messages[0].tool_calls[0].function",
        ),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"stream": "yes"}, "stream"),
        ({"stop": [7]}, "stop"),
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        ({"tools": {}}, "tools"),
        ({"tool_choice": "maybe"}, "tool_choice"),
        ({"tool_choice": 7}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {}}}, "tool_choice.function.name"),
        ({"response_format": "json"}, "response_format"),
        ({"reasoning": {"max_tokens": "many"}}, "reasoning.max_tokens"),
    ],
)
def test_mistakes_are_named(body: dict[str, Any], param: str) -> None:
    given = body if not body or "model" in body else {"model": "m", "messages": [HELLO], **body}
    with pytest.raises(BadRequest) as caught:
        DIALECT.incoming(given)
    assert caught.value.param == param
    assert param in caught.value.message
    assert caught.value.code


def test_results_of_tools_that_are_no_text_follow_as_a_users_message() -> None:
    request = ChatRequest(
        (
            Message("user", "Look."),
            Message("assistant", (ToolCall("a", "shot", "{}"), ToolCall("b", "shot", "{}"))),
            Message("tool", (Image(PNG),), "a"),
            Message("tool", (Text("Done."), Image(PNG)), "b"),
            Message("user", "Well?"),
        )
    )
    outgoing = DIALECT.outgoing(request, "m", stream=False)
    messages: Any = outgoing.body["messages"]
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG.base64}"}}
    assert [each["role"] for each in messages] == [
        "user", "assistant", "tool", "tool", "user", "user",
    ]  # fmt: skip
    assert messages[3]["content"] == "Done."
    assert messages[4]["content"] == [
        {"type": "text", "text": "Result of a:"},
        picture,
        {"type": "text", "text": "Result of b:"},
        picture,
    ]
    assert outgoing.lost == ("messages[2].content[0]", "messages[3].content[1]")
    extended: Any = FLAVOURS["extended"].outgoing(request, "m", stream=False)
    assert extended.body["messages"][2]["content"] == [picture]
    assert extended.lost == ()


@pytest.mark.parametrize(
    ("budget", "effort"), [(0, "none"), (1024, "low"), (8000, "medium"), (32000, "high")]
)
def test_a_budget_is_an_effort_where_there_is_none(budget: int, effort: str) -> None:
    request = ChatRequest((Message("user", "Hi"),), thinking=Thinking(budget=budget))
    outgoing = DIALECT.outgoing(request, "m", stream=False)
    assert outgoing.body["reasoning_effort"] == effort
    assert outgoing.lost == (("thinking.budget",) if budget else ())


def test_servers_are_not_sent_what_only_some_know() -> None:
    request = ChatRequest(
        (Message("developer", "Be kind."), Message("user", "Hi")), top_k=7, max_tokens=9
    )
    names = {}
    for flavour, dialect in FLAVOURS.items():
        body: Any = dialect.outgoing(request, "m", stream=False).body
        names[flavour] = (set(body) - {"model", "messages"}, body["messages"][0]["role"])
    assert names == {
        "openai": ({"max_completion_tokens"}, "developer"),
        "compatible": ({"max_tokens"}, "system"),
        "extended": ({"max_tokens", "top_k"}, "system"),
    }
