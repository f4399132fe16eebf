"""Anthropic messages as a server has them: what clients ask, errors, counts of tokens."""

from __future__ import annotations

import json
from typing import Any

import pytest

from motet.core.chat import ChatRequest, Message, Native, Reasoning, Seal, ToolCall
from motet.core.errors import ProviderError
from motet.models.dialects.anthropic import DIALECT, token_count
from motet.models.dialects.dialect import BadRequest

NEW = "claude-opus-5"
TEXT = {"type": "text", "text": "a"}


def received(**fields: Any) -> ChatRequest:
    body = {"model": NEW, "max_tokens": 10, "messages": [{"role": "user", "content": "hello"}]}
    return DIALECT.incoming({**body, **fields}).request


def test_inner_fields_that_nobody_else_knows_come_back_where_they_were():
    fields = {
        "tools": [
            {"name": "f", "input_schema": {"type": "object"}, "defer_loading": True},
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 2},
        ],
        "tool_choice": {"type": "auto", "new": 1},
        "metadata": {"user_id": "u", "team": "t"},
        "output_config": {"task_budget": {"total": 5}},
        "thinking": {"type": "between_tools"},
        "container": "c",
        "messages": [
            {
                "role": "user",
                "content": [
                    {
                        "type": "image",
                        "source": {"type": "url", "url": "http://x"},
                        "transformations": {"oversized_image": "error"},
                    }
                ],
            }
        ],
    }
    request = received(**fields)
    assert request.user == "u"
    outgoing = DIALECT.outgoing(request, NEW, stream=False)
    assert {key: outgoing.body[key] for key in fields} == fields
    assert outgoing.lost == ()


def test_fields_without_a_place_any_more_are_named():
    gone = {"messages[7].content[0].x": 1, "tools[gone].x": 1, "max_tokens": 3}
    request = ChatRequest((Message("user", "a"),), max_tokens=10, extra={**gone, "[": 1, "a.b": 1})
    outgoing = DIALECT.outgoing(request, NEW, stream=False)
    assert outgoing.lost == tuple(gone)
    body = outgoing.body
    assert (body["max_tokens"], body["["], body["a.b"]) == (10, 1, 1)


def test_older_ways_to_ask_are_understood():
    schema = {"type": "object"}
    format = received(output_format={"type": "json_schema", "schema": schema}).response_format
    named = {"name": "output", "schema": schema}
    assert format == {"type": "json_schema", "json_schema": named}


def test_parts_of_unknown_types_stay_as_they_are():
    blocks = [
        {"type": "search_result", "source": "s", "title": "t", "content": []},
        {"type": "document", "source": {"type": "content", "content": "abc"}},
        {"type": "image", "source": {"type": "moon"}},
    ]
    request = received(messages=[{"role": "user", "content": blocks}])
    assert request.messages[0].content == tuple(Native("anthropic", block) for block in blocks)


def test_other_dialects_seals_come_back_from_what_a_client_echoes():
    content = [
        {"type": "thinking", "thinking": "a", "signature": "motet:gemini:c2ln"},
        {"type": "thinking", "thinking": "b", "signature": ""},
        {"type": "redacted_thinking", "data": "motet:responses#rs_1:enc"},
        {"type": "tool_use", "id": "t", "name": "f", "input": {}},
        {"type": "redacted_thinking", "data": "motet-before:motet:gemini:c2ln"},
    ]
    request = received(messages=[{"role": "assistant", "content": content}])
    assert request.messages[0].content == (
        Reasoning("a", Seal("gemini", "c2ln")),
        Reasoning("b"),
        Reasoning("", Seal("responses", "enc", "rs_1"), redacted=True),
        ToolCall("t", "f", "{}", Seal("gemini", "c2ln")),
    )


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": 1}, "model"),
        ({"model": None}, "model"),
        ({"max_tokens": None}, "max_tokens"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": [1]}, "messages[0]"),
        ({"messages": [{"role": "robot", "content": ""}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [3]}]}, "messages[0].content[0]"),
        ({"messages": [{"role": "user", "content": [{}]}]}, "messages[0].content[0].type"),
        (
            {"messages": [{"role": "user", "content": [{**TEXT, "text": 3}]}]},
            "messages[0].content[0].text",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image"}]}]},
            "messages[0].content[0].source",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "tool_result"}]}]},
            "messages[0].content[0].tool_use_id",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "text", "text": "", "citations": [1]}]}
                ]
            },
            "messages[0].content[0].citations[0]",
        ),
        ({"system": 5}, "system"),
        ({"tools": [{"name": "f"}]}, "tools[0].input_schema"),
        ({"tools": [{"input_schema": {}}]}, "tools[0].name"),
        ({"tool_choice": "auto"}, "tool_choice"),
        ({"tool_choice": {"type": "some"}}, "tool_choice.type"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.name"),
        ({"thinking": {"type": "enabled"}}, "thinking.budget_tokens"),
        ({"thinking": {"type": "adaptive", "display": "all"}}, "thinking.display"),
        ({"output_config": {"effort": "mighty"}}, "output_config.effort"),
        ({"output_config": {"format": {"type": "xml"}}}, "output_config.format.type"),
        ({"output_config": {"format": {"type": "json_schema"}}}, "output_config.format.schema"),
        ({"stop_sequences": [1]}, "stop_sequences"),
        ({"temperature": "hot"}, "temperature"),
        ({"stream": "yes"}, "stream"),
        ({"metadata": {"user_id": 5}}, "metadata.user_id"),
    ],
)
def test_what_a_client_got_wrong_is_named(fields: dict[str, Any], param: str):
    with pytest.raises(BadRequest) as caught:
        received(**fields)
    assert caught.value.param == param
    assert param in caught.value.message


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (402, "billing_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (413, "request_too_large"),
        (418, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (502, "api_error"),
        (529, "overloaded_error"),
    ],
)
def test_errors_have_the_type_of_their_status(status: int, kind: str):
    said = {"type": kind, "message": "model: no such model"}
    body = {"type": "error", "error": said, "request_id": None}
    assert DIALECT.error(status, "no such model", None, "model") == body


# Counting tokens


def test_a_count_needs_no_limit_and_asks_only_about_the_input():
    body = {"model": NEW, "messages": [{"role": "user", "content": "hello"}], "temperature": 0.5}
    incoming = token_count.incoming(body)
    outgoing = token_count.outgoing(incoming.request, incoming.model)
    assert outgoing.path == "/messages/count_tokens"
    assert outgoing.body == {key: body[key] for key in ("model", "messages")}
    answer = json.dumps(token_count.answer(7)).encode()
    assert token_count.read_answer(answer, where="here") == 7


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"input_tokens": "7"}'])
def test_a_count_that_is_none_is_an_error(body: bytes):
    with pytest.raises(ProviderError, match="not an Anthropic message"):
        token_count.read_answer(body, where="here")
