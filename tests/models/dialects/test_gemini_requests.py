"""Requests in Gemini's dialect: what is said where, and what is lost, both ways."""

from __future__ import annotations

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
from motet.models.dialects.dialect import BadRequest
from motet.models.dialects.gemini import DIALECT

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
PIXEL = Data("image/png", "iVBORw0KGgo=")


def outgoing(*messages: Message, model: str = "gemini-2.5-flash", **fields: Any) -> dict[str, Any]:
    return dict(DIALECT.outgoing(ChatRequest(messages, **fields), model, stream=False).body)


def lost(*messages: Message, model: str = "gemini-2.5-flash", **fields: Any) -> tuple[str, ...]:
    return DIALECT.outgoing(ChatRequest(messages, **fields), model, stream=False).lost


def parts(*messages: Message, **fields: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = outgoing(*messages, **fields)["contents"][-1]["parts"]
    return found


def incoming(**body: Any) -> ChatRequest:
    body.setdefault("contents", [{"parts": [{"text": "Hi"}]}])
    return DIALECT.incoming({"model": "m", **body}).request


def test_paths_and_headers() -> None:
    request = ChatRequest((Message("user", "Hi"),))
    assert DIALECT.outgoing(request, "g", stream=False).path == "/models/g:generateContent"
    stream = DIALECT.outgoing(request, "models/g", stream=True).path
    assert stream == "/models/g:streamGenerateContent?alt=sse"
    tuned = DIALECT.outgoing(request, "tunedModels/mine", stream=False).path
    assert tuned == "/tunedModels/mine:generateContent"
    odd = DIALECT.outgoing(request, "a?key=1", stream=False).path
    assert odd == "/models/a%3Fkey%3D1:generateContent"
    assert DIALECT.headers("secret") == {"x-goog-api-key": "secret"}
    assert DIALECT.headers("") == {}


def test_system_texts_are_joined_and_late_ones_named() -> None:
    messages = (Message("system", "A"), Message("user", "Hi"), Message("developer", "B"))
    body = outgoing(*messages)
    assert body["systemInstruction"] == {"parts": [{"text": "A"}, {"text": "B"}]}
    assert body["contents"] == [{"role": "user", "parts": [{"text": "Hi"}]}]
    assert lost(*messages) == ("messages[2].role",)


def test_a_request_has_at_least_one_turn() -> None:
    assert outgoing(Message("system", "A"))["contents"] == [
        {"role": "user", "parts": [{"text": ""}]}
    ]


def test_results_of_one_turn_stand_together_by_name() -> None:
    calls = (ToolCall("1", "a", '{"x":1}'), ToolCall("2", "b", ""))
    body = outgoing(
        Message("assistant", calls),
        Message("tool", '{"y":2}', tool_call_id="1"),
        Message("tool", "boom", tool_call_id="2", is_error=True),
        Message("user", "go on"),
    )
    assert [turn["role"] for turn in body["contents"]] == ["model", "user", "user"]
    assert body["contents"][0]["parts"] == [
        {"functionCall": {"id": "1", "name": "a", "args": {"x": 1}}},
        {"functionCall": {"id": "2", "name": "b", "args": {}}},
    ]
    assert body["contents"][1]["parts"] == [
        {"functionResponse": {"id": "1", "name": "a", "response": {"y": 2}}},
        {"functionResponse": {"id": "2", "name": "b", "response": {"error": "boom"}}},
    ]


def test_a_result_without_its_call_is_refused() -> None:
    with pytest.raises(UsageError, match=r"messages\[0\] answers no call"):
        outgoing(Message("tool", "42", tool_call_id="1"))


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("30 °C", {"output": "30 °C"}),
        ('{"a":[1.5,null]}', {"a": [1.5, None]}),
        ('{"a": 1}', {"output": '{"a": 1}'}),
        ("[1]", {"output": "[1]"}),
        ('{"output":"x"}', {"output": '{"output":"x"}'}),
        ('{"error":"x"}', {"output": '{"error":"x"}'}),
        ("", {"output": ""}),
    ],
)
def test_results_are_read_as_they_were_written(text: str, response: dict[str, Any]) -> None:
    call = Message("assistant", (ToolCall("1", "a", "{}"),))
    result = Message("tool", text, tool_call_id="1")
    body = outgoing(call, result)
    assert body["contents"][1]["parts"][0]["functionResponse"]["response"] == response
    assert incoming(**body).messages == (call, result)


def test_calls_of_other_models_are_marked_for_gemini_3() -> None:
    own = ToolCall("1", "a", "{}", Seal("gemini", "c2ln"))
    other = ToolCall("2", "b", "{}", Seal("openai", "x"))
    signed = parts(Message("assistant", (other, own)), model="gemini-3-pro-preview")
    assert [part["thoughtSignature"] for part in signed] == [
        "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=",
        "c2ln",
    ]
    body = outgoing(Message("assistant", (other, own)), model="gemini-3-pro-preview")
    assert incoming(**body).messages[0].tool_calls == (ToolCall("2", "b", "{}"), own)
    assert lost(Message("assistant", (other, own))) == ("messages[0].content[0].seal",)
    assert "thoughtSignature" not in parts(Message("assistant", (other,)))[0]


def test_thoughts_keep_their_own_seal_and_lose_others() -> None:
    mine = Reasoning("hm", Seal("gemini", "c2ln"))
    theirs = Reasoning("so", Seal("anthropic", "sig"))
    hidden = Reasoning("", Seal("anthropic", "data"), redacted=True)
    turn = Message("assistant", (mine, theirs, hidden, Text("ok")))
    assert parts(turn) == [
        {"text": "hm", "thought": True, "thoughtSignature": "c2ln"},
        {"text": "so", "thought": True},
        {"text": "ok"},
    ]
    assert lost(turn) == ("messages[0].content[1].seal", "messages[0].content[2].seal")


def test_media() -> None:
    turn = Message(
        "user",
        (
            Image(PIXEL),
            Image(Url("https://example.com/cat.webp?x=1")),
            Audio(Data("audio/wav", "AAAA")),
            Document(Url("gs://bucket/a.pdf"), title="A"),
            Document(File("gemini", "https://generativelanguage.googleapis.com/v1beta/files/1")),
            Image(File("openai", "file-1"), detail="high"),
        ),
    )
    files = "https://generativelanguage.googleapis.com/v1beta/files/1"
    assert parts(turn) == [
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
        {"fileData": {"fileUri": "https://example.com/cat.webp?x=1", "mimeType": "image/webp"}},
        {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}},
        {"fileData": {"fileUri": "gs://bucket/a.pdf", "mimeType": "application/pdf"}},
        {"fileData": {"fileUri": files, "mimeType": "application/pdf"}},
    ]
    assert lost(turn) == ("messages[0].content[3].title", "messages[0].content[5]")


def test_detail_of_pictures_needs_gemini_3() -> None:
    turn = Message("user", (Image(PIXEL, detail="low"),))
    assert lost(turn) == ("messages[0].content[0].detail",)
    (part,) = parts(turn, model="gemini-3-flash-preview")
    assert part["mediaResolution"] == {"level": "MEDIA_RESOLUTION_LOW"}
    assert incoming(contents=[{"parts": [part]}]).messages == (turn,)


def test_pictures_in_results() -> None:
    call = Message("assistant", (ToolCall("1", "draw", "{}"),))
    result = Message("tool", (Text("done"), Image(PIXEL)), tool_call_id="1")
    body = outgoing(call, result)
    response = body["contents"][1]["parts"][0]["functionResponse"]
    assert response["response"] == {"output": "done"}
    assert response["parts"] == [{"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}]
    assert incoming(**body).messages == (call, result)


def test_a_seal_behind_a_picture_is_the_pictures() -> None:
    turn = Message("assistant", (Image(PIXEL), Text("", seal=Seal("gemini", "c2ln"))))
    (part,) = parts(turn)
    assert part["thoughtSignature"] == "c2ln"
    assert incoming(contents=[{"role": "model", "parts": [part]}]).messages == (turn,)


def test_tools_of_the_provider_stand_beside_functions() -> None:
    tool = ToolSpec("weather", "The weather", SCHEMA)
    search, foreign = Native("gemini", {"googleSearch": {}}), Native("openai", {"type": "x"})
    body = outgoing(Message("user", "Hi"), tools=(tool,), native_tools=(search, foreign))
    declared = {"name": "weather", "description": "The weather", "parametersJsonSchema": SCHEMA}
    assert body["tools"] == [{"googleSearch": {}}, {"functionDeclarations": [declared]}]
    assert lost(Message("user", "Hi"), native_tools=(search, foreign)) == ("native_tools[1]",)


@pytest.mark.parametrize(
    ("choice", "config"),
    [
        ("auto", {"mode": "AUTO"}),
        ("none", {"mode": "NONE"}),
        ("required", {"mode": "ANY"}),
        (NamedTool("weather"), {"mode": "ANY", "allowedFunctionNames": ["weather"]}),
    ],
)
def test_tool_choices(choice: Any, config: dict[str, Any]) -> None:
    tools = (ToolSpec("weather", "", SCHEMA), ToolSpec("time", "", SCHEMA))
    body = outgoing(Message("user", "Hi"), tools=tools, tool_choice=choice)
    assert body["toolConfig"] == {"functionCallingConfig": config}
    found = incoming(**body)
    assert (found.tools, found.tool_choice) == (tools, choice)


def test_strict_tools_are_validated() -> None:
    tools = (ToolSpec("weather", "", SCHEMA, strict=True),)
    body = outgoing(Message("user", "Hi"), tools=tools)
    assert body["toolConfig"] == {"functionCallingConfig": {"mode": "VALIDATED"}}
    assert incoming(**body).tools == tools
    forced = {"tools": tools, "tool_choice": "required"}
    assert lost(Message("user", "Hi"), **forced) == ("tools[0].strict",)


def test_some_of_the_functions_allowed_stays_between_gemini_and_gemini() -> None:
    tools = [{"functionDeclarations": [{"name": name} for name in "abc"]}]
    config = {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["a", "b"]}}
    found = incoming(tools=tools, toolConfig=config)
    assert found.tool_choice == "required"
    assert found.extra_dialect == "gemini"
    again = DIALECT.outgoing(found, "gemini-2.5-pro", stream=False)
    assert again.body["toolConfig"] == config


@pytest.mark.parametrize(
    ("model", "thinking", "config", "unsaid"),
    [
        ("gemini-3-flash", Thinking(effort="low"), {"thinkingLevel": "LOW"}, ()),
        ("gemini-3-flash", Thinking("none"), {"thinkingLevel": "MINIMAL"}, ("thinking.effort",)),
        ("gemini-3-pro", Thinking("minimal"), {"thinkingLevel": "LOW"}, ("thinking.effort",)),
        ("gemini-2.5-flash", Thinking(effort="none"), {"thinkingBudget": 0}, ()),
        ("gemini-2.5-flash", Thinking(effort="medium"), {"thinkingBudget": 8192}, ()),
        ("gemini-2.5-flash", Thinking(adaptive=True), {"thinkingBudget": -1}, ()),
        (
            "gemini-2.5-flash",
            Thinking(budget=100, summary="detailed"),
            {"thinkingBudget": 100, "includeThoughts": True},
            ("thinking.summary",),
        ),
        ("gemini-2.5-flash", Thinking(summary="none"), {"includeThoughts": False}, ()),
    ],
)
def test_thinking(
    model: str, thinking: Thinking, config: dict[str, Any], unsaid: tuple[str, ...]
) -> None:
    body = outgoing(Message("user", "Hi"), model=model, thinking=thinking)
    assert body["generationConfig"] == {"thinkingConfig": config}
    assert lost(Message("user", "Hi"), model=model, thinking=thinking) == unsaid


def test_formats() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "response", "schema": SCHEMA}}
    for written in (form, {"type": "json_object"}, {"type": "text"}):
        body = outgoing(Message("user", "Hi"), response_format=written)
        assert incoming(**body).response_format == written
    named = {"type": "json_schema", "json_schema": {"name": "city", "schema": SCHEMA}}
    assert lost(Message("user", "Hi"), response_format=named) == (
        "response_format.json_schema.name",
    )
    assert lost(Message("user", "Hi"), response_format={"type": "grammar"}) == ("response_format",)


def test_googles_own_schemas_are_read() -> None:
    google = {
        "type": "OBJECT",
        "properties": {
            "n": {"type": "INTEGER", "nullable": True, "minimum": 1},
            "tags": {"type": "ARRAY", "items": {"type": "STRING"}, "min_items": "2"},
            "kind": {"type": "STRING", "format": "enum", "enum": ["a"]},
            "either": {"anyOf": [{"type": "STRING"}, {"type": "NUMBER"}], "nullable": True},
        },
        "property_ordering": ["n", "tags"],
    }
    declaration = {"name": "f", "parameters": google}
    (tool,) = incoming(tools=[{"functionDeclarations": [declaration]}]).tools
    assert tool.parameters == {
        "type": "object",
        "properties": {
            "n": {"type": ["integer", "null"], "minimum": 1},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2},
            "kind": {"type": "string", "enum": ["a"]},
            "either": {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]},
        },
        "propertyOrdering": ("n", "tags"),
    }


def test_calls_without_ids_find_their_results_by_name() -> None:
    found = incoming(
        contents=[
            {"role": "user", "parts": [{"text": "Hi"}]},
            {
                "role": "model",
                "parts": [
                    {"functionCall": {"name": "a", "args": {"x": 1}}},
                    {"functionCall": {"name": "a", "args": {"x": 2}}},
                    {"function_call": {"name": "b"}},
                ],
            },
            {
                "parts": [
                    {"functionResponse": {"name": "b", "response": {"output": "B"}}},
                    {"functionResponse": {"name": "a", "response": {"output": "A1"}}},
                    {"functionResponse": {"name": "a", "response": {"error": "A2"}}},
                    {"text": "and?"},
                ]
            },
        ]
    )
    assert [call.id for call in found.messages[1].tool_calls] == ["call_0", "call_1", "call_2"]
    assert found.messages[2:] == (
        Message("tool", "B", tool_call_id="call_2"),
        Message("tool", "A1", tool_call_id="call_0"),
        Message("tool", "A2", tool_call_id="call_1", is_error=True),
        Message("user", "and?"),
    )


def test_fields_of_its_own_pass_to_gemini_alone() -> None:
    own = {
        "safetySettings": [{"category": "X", "threshold": "OFF"}],
        "cachedContent": "cachedContents/1",
        "generationConfig": {"temperature": 0.5, "responseModalities": ["AUDIO"], "topK": 40.0},
    }
    found = incoming(**own)
    assert (found.temperature, found.top_k) == (0.5, 40)
    again = DIALECT.outgoing(found, "g", stream=False)
    assert again.body == {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}], **own}
    foreign = ChatRequest((Message("user", "Hi"),), extra={"n": 2}, extra_dialect="openai")
    sent = DIALECT.outgoing(foreign, "g", stream=False)
    assert sent.lost == ("n",) and "n" not in sent.body


def test_moving_pictures_stay_as_they_are() -> None:
    video = {"fileData": {"fileUri": "https://youtu.be/x"}, "videoMetadata": {"fps": 1}}
    found = incoming(contents=[{"parts": [video]}])
    assert found.messages == (Message("user", (Native("gemini", video),)),)
    assert parts(*found.messages) == [video]


def test_what_has_no_place_is_named() -> None:
    body = {
        "model": "models/m",
        "contents": [
            {"parts": [{"text": "Hi", "partMetadata": {"a": 1}}]},
            {"parts": [{"inlineData": {"mimeType": "image/png", "data": ""}, "x": 1}]},
        ],
        "generationConfig": {"candidateCount": 2},
        "tools": [{"functionDeclarations": [{"name": "f", "behavior": "NON_BLOCKING"}]}],
    }
    found = DIALECT.incoming(body)
    assert found.model == "m"
    assert set(found.lost) == {
        "contents[0].parts[0].partMetadata",
        "contents[1].parts[0].x",
        "generationConfig.candidateCount",
        "tools[0].functionDeclarations[0].behavior",
    }
    request = ChatRequest((Message("user", "Hi"),), user="me", parallel_tool_calls=False)
    sent = DIALECT.outgoing(request, "g", stream=False)
    assert sent.lost == ("user", "parallel_tool_calls")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"contents": "Hi"}, "contents"),
        ({"contents": ["Hi"]}, "contents[0]"),
        ({"contents": [{"role": "system", "parts": []}]}, "contents[0].role"),
        ({"contents": [{"parts": [{"text": 1}]}]}, "contents[0].parts[0].text"),
        ({"contents": [{"parts": {"text": "x"}}]}, "contents[0].parts"),
        (
            {"contents": [{"parts": [{"functionCall": {"args": {}}}]}]},
            "contents[0].parts[0].functionCall.name",
        ),
        ({"generationConfig": {"temperature": "hot"}}, "generationConfig.temperature"),
        ({"generationConfig": {"maxOutputTokens": 1.5}}, "generationConfig.maxOutputTokens"),
        ({"generationConfig": {"maxOutputTokens": True}}, "generationConfig.maxOutputTokens"),
        ({"generationConfig": {"stopSequences": [1]}}, "generationConfig.stopSequences[0]"),
        ({"tools": {}}, "tools"),
        (
            {"toolConfig": {"functionCallingConfig": {"mode": "MAYBE"}}},
            "toolConfig.functionCallingConfig.mode",
        ),
        ({"model": ""}, "model"),
    ],
)
def test_wrong_types_are_named(body: dict[str, Any], param: str) -> None:
    whole = {"model": "m", "contents": [], **body}
    with pytest.raises(BadRequest) as caught:
        DIALECT.incoming(whole)
    assert caught.value.param == param
    assert param in caught.value.message
