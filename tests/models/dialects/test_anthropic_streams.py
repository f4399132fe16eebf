"""Answers of Anthropic as servers send them and as clients get them, at their edges."""

from __future__ import annotations

import json
from typing import Any

import pytest
from anthropic_exchanges import accumulated
from conformance import read_events, read_stream

from motet.core.chat import (
    Audio,
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Citation,
    Cited,
    Data,
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
    Usage,
    Whole,
)
from motet.core.errors import ProviderError
from motet.models.assembly import assemble
from motet.models.dialects.anthropic import DIALECT
from motet.models.dialects.dialect import AnswerWriter, Incoming
from motet.models.sse import ServerSentEvent

USAGE = {"input_tokens": 3, "output_tokens": 1}
BEGIN = {"type": "message_start", "message": {"id": "msg_1", "model": "claude", "usage": USAGE}}
STOP = {"type": "content_block_stop", "index": 0}
LAST = {"type": "message_stop"}
END = Finished("stop", Usage(3, 5), "claude", id="msg_1")


def ending(word: str | None = "end_turn", **usage: Any) -> dict[str, Any]:
    delta = {"stop_reason": word, "stop_sequence": None}
    return {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 5, **usage}}


def starts(block: dict[str, Any], index: int = 0) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def adds(delta: dict[str, Any], index: int = 0) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def sse(*events: dict[str, Any]) -> bytes:
    lines = (f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    return "".join(lines).encode()


def read(*events: dict[str, Any], key: str = "") -> list[ChatEvent]:
    return read_events(DIALECT.reader("here", key), [sse(*events)])


def whole(**fields: Any) -> list[ChatEvent]:
    message = {"id": "msg_1", "model": "claude", "content": [], "stop_reason": "end_turn"}
    return DIALECT.reader("here").whole(json.dumps({**message, **fields}).encode())


# Reading


def test_arguments_stream_as_they_come():
    call = {"type": "tool_use", "id": "t", "name": "look", "input": {}}
    pieces = [adds({"type": "input_json_delta", "partial_json": each}) for each in ('{"x": ', "1}")]
    assert read(BEGIN, starts(call), *pieces, STOP, ending("tool_use"), LAST) == [
        ToolCallDelta(0, "t", "look", ""),
        ToolCallDelta(0, None, None, '{"x": '),
        ToolCallDelta(0, None, None, "1}"),
        Finished("tool_calls", Usage(3, 5), "claude", id="msg_1"),
    ]


@pytest.mark.parametrize(("input", "arguments"), [({}, "{}"), ({"x": 1}, '{"x":1}')])
def test_arguments_may_come_with_the_call(input: dict[str, Any], arguments: str):
    call = {"type": "tool_use", "id": "t", "name": "look", "input": input}
    found = assemble(read(BEGIN, starts(call), STOP, ending(), LAST))
    assert found.parts == (ToolCall("t", "look", arguments),)
    assert assemble(whole(content=[call])).parts == found.parts


def test_calls_without_an_id_get_the_same_one_streamed_or_not():
    calls = [{"type": "tool_use", "name": "look", "input": {}}] * 2
    streamed = read(BEGIN, starts(calls[0]), STOP, starts(calls[1], 1), ending(), LAST)
    first, second = assemble(streamed).tool_calls
    assert (first, second) == assemble(whole(content=calls)).tool_calls
    assert first.id != second.id


def test_a_call_without_a_name_is_an_error():
    with pytest.raises(ProviderError, match="without a name"):
        whole(content=[{"type": "tool_use", "id": "t", "input": {}}])


def test_blocks_that_never_stop_end_with_the_answer():
    native = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    query = adds({"type": "input_json_delta", "partial_json": '{"query":"a"}'})
    found = assemble(read(BEGIN, starts(native), query, ending(), LAST))
    assert found.parts == (Native("anthropic", {**native, "input": {"query": "a"}}),)


def test_parts_of_unknown_kinds_take_what_their_deltas_say():
    block = {"type": "compaction", "content": None}
    more = adds({"type": "compaction_delta", "content": "what was said"})
    found = assemble(read(BEGIN, starts(block), more, STOP, ending(), LAST))
    assert found.parts == (Native("anthropic", {**block, "content": "what was said"}),)


def test_events_of_unknown_types_and_shapes_are_ignored():
    noise = [
        {"type": "ping"},
        {"type": "news", "index": 0},
        {"type": "content_block_start", "index": 0},
        adds({"type": "text_delta", "text": "lost"}, index=9),
        {"type": "content_block_stop", "index": 9},
        {"type": "message_start"},
        {"type": "message_delta"},
    ]
    assert read(*noise, BEGIN, *noise, ending(), *noise, LAST) == [END]


def test_input_counts_what_caches_gave_and_took():
    usage = {
        "cache_read_input_tokens": 10,
        "cache_creation_input_tokens": 100,
        "output_tokens_details": {"thinking_tokens": 2},
    }
    counted = Usage(113, 5, 10, 2, cache_write_tokens=100)
    *_, end = read(BEGIN, ending(**usage), LAST)
    assert isinstance(end, Finished)
    assert end.usage == counted
    *_, end = whole(usage={**USAGE, **usage, "output_tokens": 5})
    assert isinstance(end, Finished)
    assert end.usage == counted
    assert isinstance(nothing := whole()[-1], Finished)
    assert nothing.usage is None


@pytest.mark.parametrize(
    ("word", "reason", "detail"),
    [
        ("end_turn", "stop", ""),
        ("max_tokens", "length", ""),
        ("stop_sequence", "stop", "stop_sequence"),
        ("tool_use", "tool_calls", ""),
        ("pause_turn", "stop", "pause_turn"),
        ("refusal", "content_filter", "refusal"),
        ("model_context_window_exceeded", "length", "model_context_window_exceeded"),
        ("bored", "stop", "bored"),
    ],
)
def test_stop_reasons(word: str, reason: str, detail: str):
    for events in (read(BEGIN, ending(word), LAST), whole(stop_reason=word)):
        [end] = events
        assert isinstance(end, Finished)
        assert (end.reason, end.detail) == (reason, detail)


@pytest.mark.parametrize(
    ("kind", "status"), [("overloaded_error", 529), ("rate_limit_error", 429), ("api_error", 500)]
)
def test_an_error_in_a_stream_is_raised_without_the_key(kind: str, status: int):
    error = {"type": "error", "error": {"type": kind, "message": "sk-secret is too busy"}}
    with pytest.raises(ProviderError, match=r"\[key\] is too busy") as caught:
        read(BEGIN, error, key="sk-secret")
    assert caught.value.status == status
    with pytest.raises(ProviderError) as caught:
        DIALECT.reader("here").whole(json.dumps(error).encode())
    assert caught.value.status == status


@pytest.mark.parametrize("body", [b"", b"<title>Moved</title>", b"[1]", b"{}", b'{"content": "a"}'])
def test_what_is_no_message_is_an_error(body: bytes):
    with pytest.raises(ProviderError, match="not an Anthropic message"):
        DIALECT.reader("here").whole(body)


def test_a_stream_that_breaks_off_is_an_error():
    text = starts({"type": "text", "text": "a"})
    for events in ([BEGIN], [BEGIN, text], [BEGIN, text, LAST]):
        with pytest.raises(ProviderError, match="before the answer was finished"):
            read(*events)
    with pytest.raises(ProviderError, match="not an Anthropic message"):
        read()
    with pytest.raises(ProviderError, match="not JSON"):
        DIALECT.reader("here").chunk(ServerSentEvent("message_stop", "{"))


def test_only_usage_can_be_missing_once_the_stop_reason_is_there():
    reader = DIALECT.reader("here")
    seen = []
    for event in (BEGIN, ending()):
        reader.chunk(ServerSentEvent(event["type"], json.dumps(event)))
        seen.append(reader.ended)
    assert seen == [False, True]
    assert reader.finish() == END


# Writing


def writer() -> AnswerWriter:
    return DIALECT.writer(Incoming("asked", ChatRequest(()), True), id="msg_ours", created=0)


def written(*events: ChatEvent) -> list[dict[str, Any]]:
    to = writer()
    stream = b"".join([to.start(), *map(to.event, events)])
    lines = stream.decode().splitlines()
    return [json.loads(line[6:]) for line in lines if line.startswith("data: ")]


def test_events_come_as_the_official_clients_expect_them():
    usage = Usage(16, 5, 10, 2, cache_write_tokens=3)
    events = written(TextDelta("a"), TextDelta("b"), Finished("length", usage))
    counted = {
        "input_tokens": 3,
        "cache_creation_input_tokens": 3,
        "cache_read_input_tokens": 10,
        "output_tokens": 5,
        "output_tokens_details": {"thinking_tokens": 2},
    }
    message = {
        "id": "msg_ours",
        "type": "message",
        "role": "assistant",
        "model": "asked",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": dict.fromkeys(list(counted)[:4], 0),
    }
    assert events == [
        {"type": "message_start", "message": message},
        starts({"type": "text", "text": ""}),
        adds({"type": "text_delta", "text": "a"}),
        adds({"type": "text_delta", "text": "b"}),
        STOP,
        {
            "type": "message_delta",
            "delta": {"stop_reason": "max_tokens", "stop_sequence": None},
            "usage": counted,
        },
        LAST,
    ]


def test_a_whole_answer_names_itself_where_the_model_did_not():
    answer = ChatResponse((Text("a"),), "stop", None)
    body = writer().whole(answer)
    assert (body["id"], body["model"]) == ("msg_ours", "asked")
    known = writer().whole(ChatResponse((), "stop", None, "used", id="msg_theirs"))
    assert (known["id"], known["model"]) == ("msg_theirs", "used")


def blocks(*events: ChatEvent) -> list[dict[str, Any]]:
    to = writer()
    stream = b"".join([to.start(), *map(to.event, events), to.event(END)])
    content: list[dict[str, Any]] = accumulated(stream)["content"]
    return content


def test_calls_whose_fragments_interleave_are_put_behind_each_other():
    events = written(
        ToolCallDelta(0, "a", "lo", ""),
        ToolCallDelta(0, None, "ok", '{"x"'),
        ToolCallDelta(1, "b", "see", '{"y"'),
        ToolCallDelta(0, None, None, ":1}"),
        ToolCallDelta(1, None, None, ":2}"),
        ToolCallDelta(2, "c", "go", ""),
        Finished("tool_calls", None),
    )
    order = [(event["type"], event.get("index")) for event in events[1:-2]]
    start, delta, stop = "content_block_start", "content_block_delta", "content_block_stop"
    assert order == [
        *[(start, 0), (delta, 0), (delta, 0), (stop, 0)],
        *[(start, 1), (delta, 1), (delta, 1), (stop, 1)],
        *[(start, 2), (stop, 2)],
    ]
    names = [event["content_block"]["name"] for event in events if event["type"] == start]
    assert names == ["look", "see", "go"]


def test_what_comes_after_the_end_of_a_call_is_named():
    to = writer()
    for event in (
        ToolCallDelta(0, "a", "look", "{}"),
        TextDelta("so"),
        ToolCallDelta(0, None, None, " "),
    ):
        to.event(event)
    assert to.lost == ()
    to.event(ToolCallDelta(0, None, None, "{}"))
    assert to.lost == ("tool_calls[0].arguments",)


def test_a_servers_tool_takes_its_input_as_a_delta():
    native = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "a"}}
    start, delta, _ = written(Whole(Native("anthropic", native)))[1:]
    assert start["content_block"]["input"] == {}
    assert delta["delta"] == {"type": "input_json_delta", "partial_json": '{"query":"a"}'}
    assert blocks(Whole(Native("anthropic", native))) == [native]


def test_other_dialects_seals_travel_as_thoughts_do():
    found = blocks(
        ReasoningDelta("hm", 0, Seal("responses", "enc", "rs_1")),
        ReasoningDelta("", 1, Seal("responses", "enc"), redacted=True),
        ToolCallDelta(0, "t", "look", "{}", Seal("gemini", "c2ln")),
    )
    assert found == [
        {"type": "thinking", "thinking": "hm", "signature": "motet:responses#rs_1:enc"},
        {"type": "redacted_thinking", "data": "motet:responses:enc"},
        {"type": "tool_use", "id": "t", "name": "look", "input": {}, "caller": {"type": "direct"}},
        {"type": "redacted_thinking", "data": "motet-before:motet:gemini:c2ln"},
    ]


def test_citations_of_others_become_web_results_where_they_have_an_address():
    citation = Citation("http://x", "T", "q", 0, 4)
    to = writer()
    to.event(TextDelta("text"))
    assert b'"citations_delta"' in to.event(Cited(citation))
    assert to.event(Cited(Citation(title="a book"))) == b""
    assert to.lost == ("parts[0].citations[0].start", "parts[0].citations[0]")
    block = writer().whole(ChatResponse((Text("text", citations=(citation,)),), "stop", None))
    found = json.loads(json.dumps(block))["content"][0]["citations"]
    assert found == [
        {
            "type": "web_search_result_location",
            "url": "http://x",
            "title": "T",
            "cited_text": "q",
            "encrypted_index": "",
        }
    ]


def test_what_a_client_cannot_be_told_is_named():
    parts = (
        Image(Data("image/png", "")),
        Audio(Data("audio/wav", "")),
        Native("gemini", {}),
        Reasoning("why", Seal("gemini", "s"), redacted=True),
    )
    to = writer()
    to.whole(ChatResponse(parts, "stop", Usage(audio_output_tokens=4), detail="SPII"))
    named = [*(f"parts[{at}]" for at in range(3)), "parts[3].text", "detail"]
    assert to.lost == (*named, "usage.audio_output_tokens")
    to = writer()
    to.event(Whole(Image(Data("image/png", ""))))
    assert to.lost == ("image",)


def test_half_a_character_is_told_as_json_tells_it():
    to = writer()
    stream = to.start() + to.event(TextDelta("\ud83d")) + to.event(END)
    assert b'"text": "\\ud83d"' in stream
    assert read_stream(DIALECT.reader("here"), [stream]).text == "\ud83d"


def test_a_stream_can_end_with_an_error():
    to = writer()
    stream = to.start() + to.event(TextDelta("a")) + to.failure(529, "too busy", None)
    with pytest.raises(ProviderError, match="too busy") as caught:
        read_stream(DIALECT.reader("here"), [stream])
    assert caught.value.status == 529
