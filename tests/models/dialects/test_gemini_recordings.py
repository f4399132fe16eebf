"""Real exchanges with Gemini, from both sides: nothing of them is lost.

A few lie in `recordings/gemini`; `MOTET_RECORDINGS` names a folder with more, as
`google/*.yaml`.
"""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from gemini_exchanges import Exchange, camel, exchanges, read, read_stream, streamed

from motet.core.chat import ChatEvent, ChatResponse, Citation, Reasoning, Text
from motet.models.assembly import assemble
from motet.models.dialects.dialect import Incoming
from motet.models.dialects.gemini import DIALECT
from motet.models.sse import SSEParser

SHIPPED = sorted((Path(__file__).parent / "recordings" / "gemini").glob("*.yaml"))
MORE = Path(os.environ.get("MOTET_RECORDINGS", "")) / "google"
FILES = [*SHIPPED, *(sorted(MORE.glob("*.yaml")) if "MOTET_RECORDINGS" in os.environ else ())]

every_recording = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def incoming(exchange: Exchange) -> Incoming:
    return DIALECT.incoming(
        {**exchange.request, "model": exchange.model, "stream": exchange.stream, "alt": "sse"}
    )


def events(exchange: Exchange) -> list[ChatEvent]:
    reader = DIALECT.reader("google/test")
    if not exchange.stream:
        return reader.whole(exchange.body)
    parser = SSEParser()
    sent = parser.feed(exchange.body) + parser.close()
    return [event for one in sent for event in reader.chunk(one)] + [reader.finish()]


def without_spelling(body: Any) -> Any:
    """Return a request without what may be said in several ways of the same meaning."""
    body = camel(json.loads(json.dumps(body)))
    body.get("systemInstruction", {}).pop("role", None)
    if not body.get("generationConfig"):
        body.pop("generationConfig", None)
    schema = body.get("generationConfig", {}).pop("responseSchema", None)
    if schema is not None:
        body["generationConfig"]["responseJsonSchema"] = True
    tools = [entry for tool in body.get("tools", ()) for entry in declared(tool)]
    for tool in tools:
        if "parameters" in tool:
            tool["parametersJsonSchema"] = tool.pop("parameters")
        tool["parametersJsonSchema"] = bool(tool.get("parametersJsonSchema", {}).get("properties"))
    calling = body.get("toolConfig", {}).get("functionCallingConfig", {})
    if sorted(calling.get("allowedFunctionNames", ())) == sorted(tool["name"] for tool in tools):
        calling.pop("allowedFunctionNames", None)
    for part in (part for turn in body["contents"] for part in turn["parts"]):
        if part.get("thoughtSignature") == "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=":
            del part["thoughtSignature"]
    return body


def declared(tool: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tool.get("functionDeclarations", [])
    return found


@every_recording
def test_requests_pass_through(path: Path) -> None:
    for exchange in exchanges(path):
        found = incoming(exchange)
        sent = DIALECT.outgoing(found.request, exchange.model, stream=exchange.stream)
        assert not found.lost and not sent.lost
        verb = "streamGenerateContent?alt=sse" if exchange.stream else "generateContent"
        assert sent.path == f"/models/{exchange.model}:{verb}"
        want, got = without_spelling(exchange.request), without_spelling(sent.body)
        if want.get("generationConfig", {}).get("responseJsonSchema") is True:
            assert got["generationConfig"].pop("responseJsonSchema")
            del want["generationConfig"]["responseJsonSchema"]
        assert got == want
        again = DIALECT.incoming({**sent.body, "model": exchange.model})
        assert again.request == found.request


@every_recording
def test_answers_are_read(path: Path) -> None:
    for exchange in exchanges(path):
        compare(read(exchange), exchange)


def compare(got: ChatResponse, exchange: Exchange) -> None:
    chunks = exchange.chunks
    candidates = [candidate for chunk in chunks for candidate in chunk.get("candidates", ())]
    parts = [part for one in candidates for part in one.get("content", {}).get("parts", ())]
    assert got.text == "".join(p["text"] for p in parts if "text" in p and not p.get("thought"))
    assert got.reasoning == "".join(p["text"] for p in parts if p.get("thought"))
    assert [(call.name, json.loads(call.arguments)) for call in got.tool_calls] == [
        (p["functionCall"]["name"], p["functionCall"]["args"]) for p in parts if "functionCall" in p
    ]
    seals = [p.seal.value for p in got.parts if not_native(p) and p.seal is not None]
    signatures = [p["thoughtSignature"] for p in parts if "thoughtSignature" in p]
    natives = [p for p in parts if "toolCall" in p or "toolResponse" in p]
    assert sorted(seals + [p["thoughtSignature"] for p in natives]) == sorted(signatures)
    counts = chunks[-1]["usageMetadata"]
    if got.usage is None:
        assert "promptTokenCount" not in counts
    else:
        assert got.usage.input_tokens + got.usage.output_tokens == counts["totalTokenCount"]
        assert got.usage.reasoning_tokens == counts.get("thoughtsTokenCount", 0)
        assert got.usage.cached_tokens == counts.get("cachedContentTokenCount", 0)
    assert got.model == chunks[-1]["modelVersion"]
    assert got.id == chunks[-1]["responseId"]
    word = candidates[-1]["finishReason"] if candidates else "blocked"
    usual = "tool_calls" if got.tool_calls else "stop"
    reasons = {"STOP": usual, "MAX_TOKENS": "length"}
    assert got.finish_reason == reasons.get(word, "content_filter")


def not_native(part: Any) -> bool:
    return hasattr(part, "seal")


@every_recording
def test_answers_are_written_and_read_again(path: Path) -> None:
    for exchange in exchanges(path):
        answer, asked = read(exchange), incoming(exchange)
        writer = DIALECT.writer(asked, id="ours", created=1)
        body = json.dumps(writer.whole(answer)).encode()
        assert assemble(DIALECT.reader("google/test").whole(body)) == answer
        assert not writer.lost
        writer = DIALECT.writer(asked, id=answer.id or "", created=1)
        data = streamed(writer, events(exchange))
        assert read_stream(data, DIALECT.reader("google/test"), step=13) == answer
        assert not writer.lost
        listed = DIALECT.incoming({**exchange.request, "model": "m", "stream": True, "alt": "json"})
        data = streamed(DIALECT.writer(listed, id=answer.id or "", created=1), events(exchange))
        assert isinstance(json.loads(data), list)
        assert assemble(DIALECT.reader("google/test").whole(data)) == answer


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_streams_may_be_cut_anywhere(path: Path) -> None:
    for exchange in exchanges(path):
        if exchange.stream and len(exchange.body) < 8000:
            whole = read(exchange)
            for step in (1, 2, 3, 7, 61):
                assert read_stream(exchange.body, DIALECT.reader("google/test"), step) == whole


def test_recorded_grounding_cites_what_it_says() -> None:
    path = next(path for path in SHIPPED if path.stem == "model_web_search_tool_stream")
    answer = read(next(exchanges(path)))
    (text,) = (part for part in answer.parts if isinstance(part, Text))
    first = text.citations[0]
    assert first.title == "Weather information for San Francisco, CA, US"
    cited = text.text[first.start : first.end]
    assert cited.startswith("As of Tuesday afternoon") and cited.endswith("approximately 68%.")
    places = [(one.start or 0, one.end or 0) for one in text.citations]
    assert all(one[0] <= other[0] for one, other in pairwise(places))


def test_recorded_file_search_quotes_the_file() -> None:
    path = next(path for path in SHIPPED if path.stem.startswith("model_file_search"))
    answer = read(next(exchanges(path)))
    text = next(part for part in answer.parts if isinstance(part, Text))
    quote = "Paris is the capital of France. The Eiffel Tower is a famous landmark in Paris.\n"
    assert text.citations == (Citation(quote=quote, start=0, end=35),)
    assert text.seal is not None
    assert not any(isinstance(part, Reasoning) for part in answer.parts)


def test_a_blocked_prompt_is_told() -> None:
    path = next(path for path in SHIPPED if path.stem.startswith("model_armor_prompt"))
    answer = read(next(exchanges(path)))
    assert (answer.text, answer.finish_reason, answer.detail) == (
        "",
        "content_filter",
        "MODEL_ARMOR",
    )
