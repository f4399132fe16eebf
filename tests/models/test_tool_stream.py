"""When a streamed tool call is complete: never too early, never twice, whatever the cut."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.core.chat import ChatEvent, Finished, FinishReason, TextDelta, ToolCallDelta
from motet.models.dialects.openai.answer_reader import CompletionReader
from motet.models.sse import SSEParser
from motet.models.tool_stream import StreamedCall, ToolCallStream


def delta(index: int, text: str = "", name: str | None = None, id: str | None = None) -> ChatEvent:
    return ToolCallDelta(index, id, name, text)


def end(reason: FinishReason = "tool_calls") -> ChatEvent:
    return Finished(reason, None)


def steps(*events: ChatEvent) -> list[list[Any]]:
    """Return the arguments of the calls that each event completes; None for one that is bad."""
    stream = ToolCallStream()
    return [[call.arguments for call in stream.feed(event)] for event in events]


def all_calls(*events: ChatEvent) -> list[StreamedCall]:
    stream = ToolCallStream()
    return [call for event in events for call in stream.feed(event)]


def test_a_call_is_complete_when_the_next_one_begins() -> None:
    assert steps(
        TextDelta("Looking."),
        delta(0, name="a", id="x"),
        delta(0, '{"i"'),
        delta(0, ":1}"),
        delta(1, name="b", id="y"),
        delta(1, '{"i":2}'),
        end(),
    ) == [[], [], [], [], [{"i": 1}], [], [{"i": 2}]]


def test_what_looks_whole_may_go_on() -> None:
    assert steps(
        delta(0, '{"i":1', name="a"), delta(0, "}"), delta(0, " "), delta(1, name="b")
    ) == [
        [],
        [],
        [],
        [{"i": 1}],
    ]
    assert steps(delta(0, '{"i":1}', name="a"), delta(0, "0}"), delta(1, name="b")) == [[], [], []]


@pytest.mark.parametrize("text", ["1", '"x"', "null", "true", "[1]", "12"])
def test_what_is_no_object_never_runs(text: str) -> None:
    made = all_calls(delta(0, text, name="a"), delta(1, "{}", name="b"), end())
    assert [call.arguments for call in made] == [None, {}]
    assert "not an object" in made[0].problem


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"i":', "not valid JSON"),
        ('{"i":1}{"i":2}', "not valid JSON"),
        ('{"i":NaN}', "NaN is not JSON"),
        ('{"i":"\\ud83d"}', "half a character"),
        ("{'i': 1}", "not valid JSON"),
        ('{"i":' + "[" * 100_000, "nested too deeply"),
    ],
)
def test_invalid_arguments_are_told(text: str, words: str) -> None:
    (call,) = all_calls(delta(0, text, name="a"), end())
    assert call.arguments is None
    assert words in call.problem
    assert json.loads(call.as_message().arguments) == {}


def test_no_arguments_are_an_empty_object() -> None:
    assert steps(delta(0, name="a"), delta(1, name="b"), end()) == [[], [], [{}, {}]]


@pytest.mark.parametrize("text", ['{"i":1', "", "  "])
def test_a_call_that_was_cut_off_never_runs(text: str) -> None:
    made = all_calls(delta(0, "{}", name="a"), delta(1, text, name="b"), end("length"))
    assert [call.arguments for call in made] == [{}, None]
    assert "cut off" in made[1].problem


def test_interleaved_fragments_are_put_together() -> None:
    assert steps(
        delta(0, '{"i":', name="a"),
        delta(1, '{"i":', name="b"),
        delta(0, "0}"),
        delta(1, "1"),
        delta(1, "}"),
        end(),
    ) == [[], [], [], [{"i": 0}], [], [{"i": 1}]]


def test_indexes_may_come_out_of_order() -> None:
    assert steps(
        delta(2, '{"i":2}', name="c"),
        delta(0, '{"i":0}', name="a"),
        delta(1, '{"i":1}', name="b"),
        end(),
    ) == [[], [], [{"i": 0}], [{"i": 1}, {"i": 2}]]


def test_a_call_sent_twice_runs_once() -> None:
    whole = delta(0, '{"i":1}', name="a", id="x")
    assert steps(whole, whole, delta(1, name="b", id="y"), whole, end()) == [
        [],
        [],
        [{"i": 1}],
        [],
        [{}],
    ]


def test_a_name_in_pieces_is_one_name() -> None:
    (call,) = all_calls(
        delta(0, name="get_", id="x"), delta(0, name="price"), delta(0, "{}"), end()
    )
    assert (call.name, call.id) == ("get_price", "x")


def test_ids_differ_and_are_never_empty() -> None:
    made = all_calls(
        delta(0, name="a", id="x"), delta(1, name="a", id="x"), delta(2, name="a"), end()
    )
    assert len({call.id for call in made} - {""}) == 3


def test_a_call_without_a_name_is_told() -> None:
    (call,) = all_calls(delta(0, "{}"), end())
    assert (call.arguments, call.problem) == (None, "the call names no tool")


# Streams of bytes, cut anywhere

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
calls = st.lists(st.dictionaries(st.text(max_size=5), values, max_size=3), min_size=1, max_size=5)


def chunk(entry: object, reason: str | None = None) -> bytes:
    choice = {
        "index": 0,
        "delta": {"tool_calls": [entry]} if entry else {},
        "finish_reason": reason,
    }
    body = {"id": "c", "object": "chat.completion.chunk", "choices": [choice]}
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[dict[str, Any]], bytes]:
    """Draw calls and a stream of them, in fragments, perhaps interleaved or in one piece."""
    made = draw(calls)
    queues = []
    for index, arguments in enumerate(made):
        text = json.dumps(arguments, ensure_ascii=draw(st.booleans()))
        size = draw(st.integers(1, max(1, len(text))))
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        head = {"index": index, "id": f"id{index}", "type": "function"}
        queue = [{**head, "function": {"name": f"tool_{index}", "arguments": ""}}]
        queue += [{"index": index, "function": {"arguments": piece}} for piece in pieces]
        queues.append(queue)
    entries: list[object] = []
    if draw(st.booleans()):
        while any(queues):
            entries.append(draw(st.sampled_from([each for each in queues if each])).pop(0))
    else:
        entries = [entry for queue in queues for entry in queue]
    return made, b"".join([*map(chunk, entries), chunk(None, "tool_calls"), b"data: [DONE]\n\n"])


def read(pieces: Iterable[bytes]) -> list[StreamedCall]:
    """Read a stream; every call is given out while, and only while, it is what it stays."""
    parser, reader, stream = SSEParser(), CompletionReader("test"), ToolCallStream()
    found: list[StreamedCall] = []
    for piece in pieces:
        for sent in parser.feed(piece):
            if sent.data == "[DONE]":
                found += stream.feed(reader.finish(declared=True))
            else:
                found += [call for event in reader.chunk(sent) for call in stream.feed(event)]
    return found


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted({place % len(data) for place in places}), len(data)]
    return [data[low:high] for low, high in pairwise(edges)]


@given(streams(), st.lists(st.integers(0, 100_000), max_size=20))
def test_calls_do_not_depend_on_where_the_bytes_are_cut(
    drawn: tuple[list[dict[str, Any]], bytes], places: list[int]
) -> None:
    made, data = drawn
    whole = read([data])
    assert read(cut(data, places)) == whole
    by_index = sorted(whole, key=lambda call: call.index)
    assert [call.arguments for call in by_index] == made
    assert [call.name for call in by_index] == [f"tool_{i}" for i in range(len(made))]


@given(streams(), st.integers(0, 100_000))
def test_a_stream_that_stops_early_gave_out_only_what_holds(
    drawn: tuple[list[dict[str, Any]], bytes], place: int
) -> None:
    made, data = drawn
    for call in read([data[: place % len(data)]]):
        assert call.arguments == made[call.index]


@given(streams())
def test_each_byte_by_itself(drawn: tuple[list[dict[str, Any]], bytes]) -> None:
    _, data = drawn
    assert read(cut(data, range(len(data)))) == read([data])


def test_a_name_in_pieces_is_read_from_the_wire() -> None:
    def entry(name: str, arguments: str = "") -> object:
        return {"index": 0, "function": {"name": name, "arguments": arguments}}

    pieces = [entry("get_"), entry("price"), entry("get_price"), entry("get_price", "{}")]
    data = [*map(chunk, pieces), chunk(None, "tool_calls"), b"data: [DONE]\n\n"]
    assert [(call.name, call.arguments) for call in read(data)] == [("get_price", {})]
