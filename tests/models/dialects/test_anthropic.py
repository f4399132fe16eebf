"""Anthropic messages as a client of the API writes them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

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
    Reasoning,
    Seal,
    Text,
    Thinking,
    ToolCall,
    ToolSpec,
    Url,
)
from motet.core.errors import UsageError
from motet.models.dialects.anthropic import DIALECT
from motet.models.dialects.registry import dialect

HELLO = Message("user", "hello")
NOW = {"type": "ephemeral"}
NEW, OLD = "claude-opus-5", "claude-sonnet-4-5-20250929"


def sent(*messages: Message, model: str = NEW, **fields: Any) -> dict[str, Any]:
    fields = {"max_tokens": 10, **fields}
    outgoing = DIALECT.outgoing(ChatRequest(messages or (HELLO,), **fields), model, stream=False)
    return {**json.loads(json.dumps(outgoing.body)), "lost": list(outgoing.lost)}


def test_the_registry_knows_it():
    assert dialect("anthropic") is DIALECT
    assert DIALECT.name == "anthropic"


def test_the_key_travels_in_a_header():
    version = {"anthropic-version": "2023-06-01"}
    assert DIALECT.headers("k") == {"x-api-key": "k", **version}
    assert DIALECT.headers("") == version


# Asking


def test_a_stream_is_asked_for():
    outgoing = DIALECT.outgoing(ChatRequest((HELLO,), max_tokens=1), NEW, stream=True)
    assert outgoing.path == "/messages"
    assert outgoing.body["stream"] is True
    assert "stream" not in sent()


def test_without_a_limit_the_models_own_is_asked_for():
    assert sent(model=OLD, max_tokens=None)["max_tokens"] == 64000
    assert sent(model="unheard-of", max_tokens=None)["max_tokens"] == 4096
    thinking = Thinking(budget=5000)
    assert sent(model="unheard-of", max_tokens=None, thinking=thinking)["max_tokens"] == 9096


def test_system_messages_become_the_prompt():
    body = sent(Message("system", "a"), Message("developer", "b"), HELLO)
    assert body["system"] == [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert body["messages"] == [{"role": "user", "content": "hello"}]
    assert sent(Message("system", "a"), HELLO)["system"] == "a"


def test_a_later_system_message_stays_only_where_an_anthropic_client_put_it():
    messages = (HELLO, Message("system", "now in French"))
    foreign = sent(*messages)
    assert (foreign["system"], foreign["lost"]) == ("now in French", ["messages[1].role"])
    own = sent(*messages, extra_dialect="anthropic")
    assert own["messages"][1] == {"role": "system", "content": "now in French"}
    assert own["lost"] == []


def test_turns_of_one_side_become_one_and_results_stand_first():
    call = ToolCall("t1", "look", '{"x": 1}')
    body = sent(
        HELLO,
        Message("assistant", (Text("let me see"), call, ToolCall("t2", "look", ""))),
        Message("user", "quick"),
        Message("tool", "found", "t1", cache=NOW),
        Message("tool", (Text("no"), Image(Url("http://x/a.png"))), "t2", is_error=True),
    )
    assert [turn["role"] for turn in body["messages"]] == ["user", "assistant", "user"]
    assert [block.get("input") for block in body["messages"][1]["content"]] == [None, {"x": 1}, {}]
    assert body["messages"][2]["content"] == [
        {"type": "tool_result", "tool_use_id": "t1", "content": "found", "cache_control": NOW},
        {
            "type": "tool_result",
            "tool_use_id": "t2",
            "content": [
                {"type": "text", "text": "no"},
                {"type": "image", "source": {"type": "url", "url": "http://x/a.png"}},
            ],
            "is_error": True,
        },
        {"type": "text", "text": "quick"},
    ]


def test_empty_texts_are_left_out():
    body = sent(HELLO, Message("assistant", ""), Message("user", (Text(""), Text("more"))))
    text = [{"type": "text", "text": each} for each in ("hello", "more")]
    assert body["messages"] == [{"role": "user", "content": text}]
    assert body["lost"] == ["messages[1]"]
    with pytest.raises(UsageError, match="no message of a user"):
        sent(Message("user", ""))


def test_ids_that_the_api_refuses_are_replaced_on_both_sides():
    call = Message("assistant", (ToolCall("functions.look:0", "look", "{}"),))
    body = sent(HELLO, call, Message("tool", "found", "functions.look:0"))
    made = body["messages"][1]["content"][0]["id"]
    assert made.startswith("toolu_")
    assert body["messages"][2]["content"][0]["tool_use_id"] == made


def test_arguments_that_are_no_object_are_wrapped_and_unwrapped():
    broken = Message("assistant", (ToolCall("t", "look", '{"x'),))
    content = sent(HELLO, broken, Message("tool", "what?", "t"))["messages"][1]["content"]
    assert content[0]["input"] == {"INVALID_JSON": '{"x'}
    turns = [{"role": "assistant", "content": content}]
    read = DIALECT.incoming({"model": NEW, "max_tokens": 1, "messages": turns}).request
    assert read.messages[0].tool_calls[0].arguments == '{"x'


def test_caches_are_marked_wherever_a_part_asks_for_it():
    tool = ToolSpec("look", "", {}, cache=NOW)
    body = sent(
        Message("system", "a", cache=NOW),
        Message("user", (Text("b", NOW), Image(Url("http://x"), cache=NOW))),
        Message("assistant", (ToolCall("t", "look", "{}", cache=NOW),)),
        tools=(tool,),
    )
    assert body["tools"][0]["cache_control"] == NOW
    assert body["system"] == [{"type": "text", "text": "a", "cache_control": NOW}]
    blocks = [block for turn in body["messages"] for block in turn["content"]]
    assert [block["cache_control"] for block in blocks] == [NOW] * 3


def test_documents_of_every_source():
    text = Data("text/csv", base64.b64encode(b"a,b").decode())
    body = sent(
        Message(
            "user",
            (
                Document(Data("application/pdf", "JVBERi0x"), "T", "C", True, NOW),
                Document(text),
                Document(Url("http://x/a.pdf", "application/pdf")),
                Document(File("anthropic", "file_1")),
                Document(File("openai", "file-2")),
            ),
        )
    )
    first, second, third, fourth = body["messages"][0]["content"]
    assert first == {
        "type": "document",
        "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0x"},
        "title": "T",
        "context": "C",
        "citations": {"enabled": True},
        "cache_control": NOW,
    }
    assert second["source"] == {"type": "text", "media_type": "text/plain", "data": "a,b"}
    assert third["source"] == {"type": "url", "url": "http://x/a.pdf"}
    assert fourth["source"] == {"type": "file", "file_id": "file_1"}
    place = "messages[0].content"
    assert body["lost"] == [
        f"{place}[1].source.media_type",
        f"{place}[2].source.media_type",
        f"{place}[4]",
    ]


def test_what_the_api_cannot_be_told_is_named():
    body = sent(
        Message("user", (Text("a"), Audio(Data("audio/wav", "")), Native("gemini", {})), name="b"),
        Message("assistant", (Reasoning("hm"), Text("c", seal=Seal("gemini", "s")))),
        native_tools=(Native("openai", {}),),
        tool_choice="auto",
        seed=1,
        presence_penalty=0.1,
        frequency_penalty=0.1,
        temperature=1.5,
        response_format={"type": "json_object"},
        extra={"logit_bias": {}},
        extra_dialect="openai",
    )
    assert sorted(body["lost"]) == [
        "frequency_penalty",
        "logit_bias",
        "messages[0].content[1]",
        "messages[0].content[2]",
        "messages[0].name",
        "messages[1].content[0]",
        "messages[1].content[1].seal",
        "native_tools[0]",
        "presence_penalty",
        "response_format",
        "seed",
        "temperature",
        "tool_choice",
    ]
    assert body["temperature"] == 1.0
    assert not {"tools", "tool_choice", "output_config", "logit_bias"} & body.keys()


def test_thoughts_go_back_only_with_their_signature():
    thoughts = (
        Reasoning("hm", Seal("anthropic", "sig")),
        Reasoning("", Seal("anthropic", "data"), redacted=True),
        Reasoning("other", Seal("gemini", "sig")),
    )
    body = sent(HELLO, Message("assistant", thoughts))
    assert body["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "hm", "signature": "sig"},
        {"type": "redacted_thinking", "data": "data"},
    ]
    assert body["lost"] == ["messages[1].content[2]"]


@pytest.mark.parametrize(
    ("choice", "parallel", "written"),
    [
        ("auto", None, {"type": "auto"}),
        ("required", False, {"type": "any", "disable_parallel_tool_use": True}),
        (NamedTool("f"), True, {"type": "tool", "name": "f", "disable_parallel_tool_use": False}),
        (None, False, {"type": "auto", "disable_parallel_tool_use": True}),
        ("none", None, {"type": "none"}),
        (None, None, None),
    ],
)
def test_tool_choices(choice: Any, parallel: bool | None, written: dict[str, Any] | None):
    tool = ToolSpec("f", "does f", {"properties": {}}, strict=True)
    body = sent(tools=(tool,), tool_choice=choice, parallel_tool_calls=parallel)
    assert body.get("tool_choice") == written
    schema = {"type": "object", "properties": {}}
    described = {"name": "f", "description": "does f", "input_schema": schema, "strict": True}
    assert body["tools"] == [described]


# How much to think


@pytest.mark.parametrize(
    ("thinking", "model", "written", "lost"),
    [
        (Thinking("high"), NEW, ({"type": "adaptive"}, "high"), []),
        (Thinking("minimal"), NEW, ({"type": "adaptive"}, "low"), ["thinking.effort"]),
        (Thinking(budget=9), NEW, ({"type": "adaptive"}, None), ["thinking.budget"]),
        (Thinking("none"), NEW, ({"type": "disabled"}, None), []),
        (Thinking("low"), OLD, ({"type": "enabled", "budget_tokens": 2000}, None), []),
        (Thinking(budget=9), OLD, ({"type": "enabled", "budget_tokens": 1024}, None), []),
        (Thinking(budget=20000), OLD, ({"type": "enabled", "budget_tokens": 9999}, None), []),
        (
            Thinking("high", summary="detailed"),
            NEW,
            ({"type": "adaptive", "display": "summarized"}, "high"),
            ["thinking.summary"],
        ),
        (Thinking("high"), "kimi-k2", (None, "high"), []),
    ],
)
def test_others_wishes_become_the_models_kind_of_thinking(
    thinking: Thinking, model: str, written: tuple[Any, Any], lost: list[str]
):
    body = sent(model=model, thinking=thinking, max_tokens=10000)
    config = body.get("output_config", {})
    assert (body.get("thinking"), config.get("effort")) == written
    assert body["lost"] == lost


@pytest.mark.parametrize(
    ("model", "budgeted"),
    [
        ("claude-3-7-sonnet-latest", True),
        ("claude-opus-4-20250514", True),
        ("claude-opus-4-1", True),
        ("claude-haiku-4-5", True),
        ("claude-opus-4-6", False),
        ("claude-sonnet-4-6-20260217", False),
        ("claude-fable-5", False),
    ],
)
def test_generations_of_models_are_told_by_their_names(model: str, budgeted: bool):
    body = sent(model=model, thinking=Thinking("high"), max_tokens=10000)
    assert (body["thinking"]["type"] == "enabled") == budgeted


def test_a_wish_that_the_api_would_refuse_is_left_out():
    look = ToolSpec("look", "", {})
    assert sent(model=OLD, thinking=Thinking("high"), max_tokens=1024)["lost"] == ["thinking"]
    forced = sent(thinking=Thinking("high"), tools=(look,), tool_choice="required")
    assert ("thinking" in forced, forced["lost"]) == (False, ["thinking"])
    hot = sent(model=OLD, thinking=Thinking("low"), max_tokens=9000, temperature=0.2, top_k=4)
    assert (hot["temperature"], hot["lost"]) == (1.0, ["temperature", "top_k"])


@pytest.mark.parametrize("signed", [True, False])
def test_amid_calls_an_older_model_thinks_on_only_from_its_own_thoughts(signed: bool):
    seal = Seal("anthropic", "sig") if signed else Seal("gemini", "sig")
    answer = Message("assistant", (Reasoning("hm", seal), ToolCall("t", "look", "{}")))
    messages = (HELLO, answer, Message("tool", "found", "t"))
    body = sent(*messages, model=OLD, thinking=Thinking("low"), max_tokens=9000)
    assert ("thinking" in body) == signed


def test_an_anthropic_clients_wish_passes_as_it_is():
    body = sent(
        model=OLD,
        thinking=Thinking("high", adaptive=True),
        temperature=0.3,
        tools=(ToolSpec("f", "", {}),),
        tool_choice="required",
        extra_dialect="anthropic",
    )
    assert (body["thinking"], body["output_config"]) == ({"type": "adaptive"}, {"effort": "high"})
    assert (body["temperature"], body["lost"]) == (0.3, [])


def test_a_schema_is_asked_for():
    schema = {"type": "object"}
    format = {"name": "output", "schema": schema, "strict": False, "description": "d"}
    body = sent(response_format={"type": "json_schema", "json_schema": format})
    assert body["output_config"] == {"format": {"type": "json_schema", "schema": schema}}
    place = "response_format.json_schema"
    assert body["lost"] == [f"{place}.strict", f"{place}.description"]
