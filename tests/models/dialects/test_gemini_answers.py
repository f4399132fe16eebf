"""Answers in Gemini's dialect: read from the provider, written to its clients."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from gemini_exchanges import read_stream, streamed

from motet.core.chat import (
    Audio,
    AudioDelta,
    ChatEvent,
    ChatResponse,
    Citation,
    Cited,
    Data,
    Document,
    Finished,
    Image,
    Native,
    Reasoning,
    ReasoningDelta,
    Seal,
    Text,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    Url,
    Usage,
    Whole,
)
from motet.core.errors import ProviderError
from motet.models.assembly import assemble
from motet.models.dialects.dialect import AnswerWriter
from motet.models.dialects.gemini import DIALECT
from motet.models.sse import ServerSentEvent

ASKED = {"model": "g", "contents": [{"parts": [{"text": "Hi"}]}], "stream": True, "alt": "sse"}


def writer(**asked: Any) -> AnswerWriter:
    return DIALECT.writer(DIALECT.incoming({**ASKED, **asked}), id="ours", created=1)


def whole(*parts: dict[str, Any], **candidate: Any) -> ChatResponse:
    return answered({"content": {"parts": list(parts)}, "finishReason": "STOP", **candidate})


def answered(candidate: dict[str, Any], **body: Any) -> ChatResponse:
    data = json.dumps({"candidates": [candidate], **body}).encode()
    return assemble(DIALECT.reader("google/g").whole(data))


def chunks(*bodies: dict[str, Any]) -> ChatResponse:
    data = "".join(f"data: {json.dumps(body)}\n\n" for body in bodies)
    return read_stream(data.encode(), DIALECT.reader("google/g"))


def chunk(*parts: dict[str, Any], **candidate: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": list(parts)}, **candidate}]}


def test_texts_thoughts_and_calls_in_order() -> None:
    answer = whole(
        {"text": "hm", "thought": True},
        {"text": "so", "thoughtSignature": "c2ln"},
        {"functionCall": {"name": "f", "args": {"x": 1}, "id": "1"}, "thoughtSignature": "c2ln"},
        {"text": "done"},
    )
    seal = Seal("gemini", "c2ln")
    assert answer.parts == (
        Reasoning("hm"),
        Text("so", seal=seal),
        ToolCall("1", "f", '{"x":1}', seal),
        Text("done"),
    )
    assert answer.finish_reason == "tool_calls"


def test_a_signature_that_comes_last_seals_the_text() -> None:
    answer = chunks(
        chunk({"text": "a"}),
        chunk({"text": "b"}),
        chunk({"text": "", "thoughtSignature": "c2ln"}, finishReason="STOP"),
    )
    assert answer.parts == (Text("ab", seal=Seal("gemini", "c2ln")),)


def test_calls_without_an_id_get_the_same_one_streamed_or_not() -> None:
    parts = [{"functionCall": {"name": "f"}}, {"functionCall": {"name": "f"}}]
    one = answered({"content": {"parts": parts}, "finishReason": "STOP"}, responseId="r")
    two = chunks(
        {**chunk(parts[0]), "responseId": "r"},
        {**chunk(parts[1], finishReason="STOP"), "responseId": "r"},
    )
    assert one.tool_calls == two.tool_calls
    assert len({call.id for call in one.tool_calls}) == 2
    assert one.tool_calls[0].arguments == "{}"


def test_pictures_and_sound() -> None:
    picture = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thoughtSignature": "c2ln"}
    sound = base64.b64encode(b"12").decode()
    piece = {"inlineData": {"mimeType": "audio/L16;rate=24000", "data": sound}}
    answer = chunks(chunk(picture), chunk(piece), chunk(piece, finishReason="STOP"))
    assert answer.parts == (
        Image(Data("image/png", "AAAA")),
        Text("", seal=Seal("gemini", "c2ln")),
        Audio(Data("audio/L16;rate=24000", base64.b64encode(b"1212").decode())),
    )


def test_parts_of_its_own_stay_as_they_are() -> None:
    code = {"executableCode": {"language": "PYTHON", "code": "1+1"}}
    draft = {"thought": True, "inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    assert whole(code, draft).parts == (Native("gemini", code), Native("gemini", draft))


@pytest.mark.parametrize(
    ("word", "reason", "detail"),
    [
        ("STOP", "stop", ""),
        ("MAX_TOKENS", "length", ""),
        ("SAFETY", "content_filter", ""),
        ("RECITATION", "content_filter", "RECITATION"),
        ("MALFORMED_FUNCTION_CALL", "stop", "MALFORMED_FUNCTION_CALL"),
        ("SOMETHING_NEW", "stop", "SOMETHING_NEW"),
    ],
)
def test_reasons_survive_both_ways(word: str, reason: str, detail: str) -> None:
    answer = whole({"text": "x"}, finishReason=word)
    assert (answer.finish_reason, answer.detail) == (reason, detail)
    body = writer().whole(answer)
    assert json.loads(json.dumps(body))["candidates"][0]["finishReason"] == word


def test_foreign_details_are_lost_and_named() -> None:
    out = writer()
    answer = ChatResponse((), "content_filter", None, detail="refusal", stop="END")
    body = json.loads(json.dumps(out.whole(answer)))
    assert body["candidates"] == [
        {"content": {"role": "model"}, "finishReason": "SAFETY", "index": 0}
    ]
    assert list(out.lost) == ["detail", "stop"]


def test_usage_counts_tools_and_thoughts() -> None:
    answer = answered(
        {"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"},
        usageMetadata={
            "promptTokenCount": 10,
            "toolUsePromptTokenCount": 5,
            "cachedContentTokenCount": 4,
            "candidatesTokenCount": 7,
            "thoughtsTokenCount": 3,
            "promptTokensDetails": [
                {"modality": "TEXT", "tokenCount": 4},
                {"modality": "AUDIO", "tokenCount": 6},
            ],
            "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 2}],
        },
    )
    usage = Usage(15, 10, 4, 3, audio_input_tokens=6, audio_output_tokens=2)
    assert answer.usage == usage
    again = json.dumps(writer().whole(answer)).encode()
    assert assemble(DIALECT.reader("g").whole(again)).usage == usage


def test_byte_offsets_become_code_points() -> None:
    text = "Grüße aus Zürich. 你好。"
    data = text.encode()
    start = data.index("你".encode())
    support = {
        "segment": {"startIndex": start, "endIndex": len(data), "text": "你好。"},
        "groundingChunkIndices": [0, 7],
    }
    web = {"web": {"uri": "https://example.com", "title": "Example"}}
    metadata = {"groundingChunks": [web], "groundingSupports": [support]}
    answer = whole({"text": text}, groundingMetadata=metadata)
    citation = Citation("https://example.com", "Example", None, 18, 21)
    assert answer.parts[0] == Text(text, citations=(citation,))
    (native,) = answer.parts[1:]
    assert isinstance(native, Native)  # the index that points nowhere is not said by citations


def test_grounding_that_fits_no_text_has_no_place() -> None:
    support = {"segment": {"endIndex": 3, "text": "abc"}, "groundingChunkIndices": [0]}
    metadata = {
        "groundingChunks": [{"retrievedContext": {"text": "quote"}}],
        "groundingSupports": [support],
    }
    answer = whole({"text": "xyz"}, groundingMetadata=metadata)
    assert answer.parts[0] == Text("xyz", citations=(Citation(quote="quote"),))


def test_recitation_is_a_citation() -> None:
    source = {"startIndex": 1, "endIndex": 3, "uri": "https://example.com", "license": "MIT"}
    answer = whole({"text": "abcd"}, citationMetadata={"citationSources": [source]})
    assert isinstance(answer.parts[0], Text)
    assert answer.parts[0].citations == (Citation("https://example.com", start=1, end=3),)


def test_errors() -> None:
    reader = DIALECT.reader("google/g", "secret")
    body = {"error": {"code": 503, "message": "overloaded secret", "status": "UNAVAILABLE"}}
    with pytest.raises(ProviderError, match=r"overloaded \[key\]") as caught:
        reader.chunk(ServerSentEvent("message", json.dumps(body)))
    assert caught.value.status == 503
    for data in (b"<html>", b"{}", b"[]", b'{"candidates":[]}'):
        with pytest.raises(ProviderError, match="not a chat completion"):
            DIALECT.reader("google/g").whole(data)
    with pytest.raises(ProviderError, match="ended before"):
        chunks(chunk({"text": "a"}))
    with pytest.raises(ProviderError, match="without a name"):
        whole({"functionCall": {"args": {}}})
    with pytest.raises(ProviderError, match="not JSON"):
        reader.chunk(ServerSentEvent("message", "{"))


def test_errors_are_written_as_google_does() -> None:
    error = DIALECT.error(400, "temperature must be a number", None, "generationConfig.temperature")
    violation = {
        "field": "generationConfig.temperature",
        "description": "temperature must be a number",
    }
    assert error == {
        "error": {
            "code": 400,
            "message": "temperature must be a number",
            "status": "INVALID_ARGUMENT",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.BadRequest",
                    "fieldViolations": [violation],
                }
            ],
        }
    }
    assert writer().failure(503, "gone", "overloaded").startswith(b'data: {"error":{"code":503')
    listed = writer(alt="json")
    data = listed.event(TextDelta("a")) + listed.failure(500, "gone", None)
    assert json.loads(data)[1]["error"]["status"] == "INTERNAL"


PARTS = (
    Reasoning("", Seal("anthropic", "data+/="), redacted=True),
    Reasoning("one"),
    Reasoning("two", Seal("anthropic", "sig")),
    Text("a", citations=(Citation("https://a", "A", None, 0, 1), Citation(quote="q"))),
    Text("b"),
    Text("c", seal=Seal("gemini", "c2ln")),
    Text("d"),
    ToolCall("1", "f", '{"x":1}', Seal("openai", "s")),
    ToolCall("2", "g", "{}"),
    Image(Data("image/png", "AAAA")),
    Document(Url("https://example.com/a.pdf")),
    Native("gemini", {"codeExecutionResult": {"outcome": "OUTCOME_OK"}}),
    Text("end", citations=(Citation("https://a", "A", None, 1, 3),)),
)
EVENTS: list[ChatEvent] = [
    ReasoningDelta("", 0, Seal("anthropic", "data+/="), redacted=True),
    ReasoningDelta("o", 1),
    ReasoningDelta("ne", 1),
    ReasoningDelta("two", 2),
    ReasoningDelta("", 2, Seal("anthropic", "sig")),
    TextDelta("a", 0),
    Cited(Citation("https://a", "A", None, 0, 1), 0),
    Cited(Citation(quote="q"), 0),
    TextDelta("b", 1),
    TextDelta("c", 2, Seal("gemini", "c2ln")),
    TextDelta("d", 3),
    ToolCallDelta(0, "1", "f", '{"x"'),
    ToolCallDelta(0, None, None, ":1}", Seal("openai", "s")),
    ToolCallDelta(1, "2", "g", ""),
    Whole(Image(Data("image/png", "AAAA"))),
    Whole(Document(Url("https://example.com/a.pdf"))),
    Whole(Native("gemini", {"codeExecutionResult": {"outcome": "OUTCOME_OK"}})),
    TextDelta("e", 4),
    TextDelta("nd", 4),
    Cited(Citation("https://a", "A", None, 1, 3), 4),
]


def test_an_answer_with_everything_comes_back() -> None:
    usage = Usage(20, 10, 5, 4)
    answer = ChatResponse(PARTS, "tool_calls", usage, "claude", id="ours")
    out = writer()
    body = json.dumps(out.whole(answer)).encode()
    assert assemble(DIALECT.reader("g").whole(body)) == answer
    assert not out.lost
    out = writer()
    data = streamed(out, [*EVENTS, Finished("tool_calls", usage, "claude", id="ours")])
    assert read_stream(data, DIALECT.reader("g")) == answer
    assert not out.lost


def test_a_call_is_given_out_when_the_next_begins() -> None:
    out = writer()
    assert out.event(ToolCallDelta(0, "1", "f", '{"x":')) == b""
    assert out.event(ToolCallDelta(0, None, None, "1}")) == b""
    assert b'"functionCall":{"id":"1"' in out.event(ToolCallDelta(1, "2", "g", ""))
    assert b'"functionCall":{"id":"2"' in out.event(TextDelta("so"))


def test_calls_whose_arguments_are_no_object_are_named() -> None:
    out = writer()
    body = out.whole(ChatResponse((ToolCall("1", "f", "{"),), "tool_calls", None))
    assert '{"INVALID_JSON": "{"}' in json.dumps(body)
    assert list(out.lost) == ["parts[0].arguments"]


def test_sound_is_written_without_its_words() -> None:
    out = writer()
    data = out.event(AudioDelta("AAAA", "hello", "audio/wav"))
    assert b'"inlineData":{"mimeType":"audio/wav","data":"AAAA"}' in data
    assert list(out.lost) == ["parts[0].transcript"]


def test_line_ends_of_unicode_do_not_split_an_event() -> None:
    data = writer().event(TextDelta("a\u2028b\u2029c\x85d\ne"))
    assert len(data.decode().splitlines()) == 2  # the event and its blank line
    assert json.loads(data[5:])["candidates"][0]["content"]["parts"][0]["text"] == (
        "a\u2028b\u2029c\x85d\ne"
    )


def test_signatures_survive_clients_that_change_their_alphabet() -> None:
    seal = Seal("anthropic", "???>>>~~~")
    out = writer()
    body = json.loads(json.dumps(out.whole(ChatResponse((Text("a", seal=seal),), "stop", None))))
    content = body["candidates"][0]["content"]
    part = content["parts"][0]
    part["thoughtSignature"] = base64.urlsafe_b64encode(
        base64.b64decode(part["thoughtSignature"])
    ).decode()
    found = DIALECT.incoming({"model": "g", "contents": [content]})
    assert found.request.messages[0].content == (Text("a", seal=seal),)
