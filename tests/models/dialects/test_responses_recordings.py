"""Real exchanges with the Responses API, from both sides: nothing of them is lost.

A few lie in `recordings/responses`; `MOTET_RECORDINGS` names a folder with more, as
`openai_responses/*.yaml`.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conformance import cut, read_events, read_stream
from responses_exchanges import Exchange, exchanges, plain_output, plain_request

from motet.core.chat import ChatEvent, ChatResponse, Reasoning
from motet.core.errors import ProviderError
from motet.core.json import dumps
from motet.models.assembly import assemble
from motet.models.dialects.responses import DIALECT

SHIPPED = sorted((Path(__file__).parent / "recordings" / "responses").glob("*.yaml"))
MORE = Path(os.environ.get("MOTET_RECORDINGS", "")) / "openai_responses"
FILES = [*SHIPPED, *(sorted(MORE.glob("*.yaml")) if "MOTET_RECORDINGS" in os.environ else ())]

every_recording = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def answered(path: Path) -> list[Exchange]:
    return [exchange for exchange in exchanges(path) if exchange.status == 200]


def events(exchange: Exchange, *, size: int = 17) -> list[ChatEvent]:
    reader = DIALECT.reader("openai/test")
    if not exchange.stream:
        return reader.whole(exchange.body)
    return read_events(reader, cut(exchange.body, range(size, len(exchange.body), size)))


def plain(answer: ChatResponse) -> Any:
    """Return an answer without what the provider encrypts anew whenever it says it again.

    Some servers also give thoughts another id at the end.
    """
    parts = [
        replace(part, seal=part.seal and replace(part.seal, value="", id=None))
        if isinstance(part, Reasoning)
        else part
        for part in answer.parts
    ]
    return replace(answer, parts=tuple(sorted(parts, key=repr)))


@every_recording
def test_requests_pass_through(path: Path) -> None:
    for exchange in exchanges(path):
        found = DIALECT.incoming(exchange.request)
        assert found.lost == ()
        sent = DIALECT.outgoing(found.request, found.model, stream=found.stream)
        assert (sent.path, sent.lost) == ("/responses", ())
        assert plain_request(sent.body) == plain_request(exchange.request)
        assert DIALECT.incoming(sent.body) == found


@every_recording
def test_answers_are_read(path: Path) -> None:
    for exchange in answered(path):
        compare(assemble(events(exchange)), exchange.response)


def compare(got: ChatResponse, body: dict[str, Any]) -> None:
    output = body["output"]
    contents = [c for item in output if item["type"] == "message" for c in item["content"]]
    assert got.text == "".join(content["text"] for content in contents)
    annotations = [place for content in contents for place in content.get("annotations") or ()]
    citations = [c for part in got.parts for c in getattr(part, "citations", ())]
    assert len(citations) == len(annotations)
    assert [(call.id, call.name, call.arguments) for call in got.tool_calls] == [
        (item["call_id"], item["name"], item["arguments"])
        for item in output
        if item["type"] == "function_call"
    ]
    thoughts = [item for item in output if item["type"] == "reasoning"]
    assert got.reasoning == "".join(
        "\n\n".join(part["text"] for part in [*item["summary"], *(item.get("content") or ())])
        for item in thoughts
    )
    assert (got.id, got.model) == (body["id"], body["model"])
    assert got.finish_reason == ("tool_calls" if got.tool_calls else "stop")
    compare_usage(got, body["usage"])


def compare_usage(got: ChatResponse, usage: dict[str, Any] | None) -> None:
    if usage is None:
        assert got.usage is None
        return
    assert got.usage is not None
    assert got.usage.input_tokens == usage["input_tokens"]
    assert got.usage.output_tokens == usage["output_tokens"]
    assert got.usage.cached_tokens == usage["input_tokens_details"]["cached_tokens"]
    assert got.usage.reasoning_tokens == usage["output_tokens_details"]["reasoning_tokens"]


@every_recording
def test_answers_are_written_and_read_again(path: Path) -> None:
    for exchange in answered(path):
        answer, asked = assemble(events(exchange)), DIALECT.incoming(exchange.request)
        writer = DIALECT.writer(asked, id="ours", created=1)
        body = dumps(writer.whole(answer)).encode()
        assert assemble(DIALECT.reader("openai/test").whole(body)) == answer
        writer = DIALECT.writer(asked, id=exchange.response["id"], created=1)
        data = writer.start() + b"".join(map(writer.event, events(exchange)))
        assert read_stream(DIALECT.reader("openai/test"), [data]) == answer
        assert not writer.lost


@every_recording
def test_written_answers_are_what_was_recorded(path: Path) -> None:
    for exchange in answered(path):
        asked = DIALECT.incoming(exchange.request)
        whole = DIALECT.reader("openai/test").whole(dumps(exchange.response).encode())
        body = DIALECT.writer(asked, id="ours", created=1).whole(assemble(whole))
        assert plain_output(body["output"]) == plain_output(exchange.response["output"])
        assert body["id"] == exchange.response["id"]


@every_recording
def test_streams_make_the_whole_answer(path: Path) -> None:
    for exchange in answered(path):
        whole = DIALECT.reader("openai/test").whole(dumps(exchange.response).encode())
        assert plain(assemble(events(exchange))) == plain(assemble(whole))


STREAMED = ["raw_thoughts_stream", "reasoning_and_call_stream", "file_search_stream"]


@pytest.mark.parametrize("name", STREAMED)
def test_streams_are_read_however_they_are_cut(name: str) -> None:
    path = Path(__file__).parent / "recordings" / "responses" / f"{name}.yaml"
    exchange = answered(path)[0]
    answer = assemble(events(exchange))
    data = exchange.body
    for place in range(1, len(data), 7):
        pieces = [data[:place], data[place:]]
        assert read_stream(DIALECT.reader("openai/test"), pieces) == answer
    changed = [
        data.replace(b"\n", b"\r\n"),
        data.replace(b"\n\n", b"\n\n: comment\n\n"),
        data.rstrip(b"\n"),
        b"".join(line for line in data.splitlines(True) if not line.startswith(b"event:")),
    ]
    for other in changed:
        assert read_stream(DIALECT.reader("openai/test"), cut(other, range(0, len(other), 11))) == (
            answer
        )


def test_a_stream_cut_short_is_an_error() -> None:
    path = Path(__file__).parent / "recordings" / "responses" / "reasoning_and_call_stream.yaml"
    data = answered(path)[0].body
    end = data.index(b"event: response.completed")
    with pytest.raises(ProviderError, match="ended before the answer was finished"):
        read_stream(DIALECT.reader("openai/test"), [data[:end]])
