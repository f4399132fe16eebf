"""Completions: streamed or whole, cut anywhere, they are read as the same answer."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conformance import read_events, told
from hypothesis import given
from hypothesis import strategies as st

from motet.core.chat import ChatEvent, ChatResponse, Finished, TextDelta, ToolCallDelta
from motet.core.errors import ProviderError
from motet.models.assembly import assemble
from motet.models.dialects.openai.answer_reader import CompletionReader

COMPLETIONS = Path(__file__).parent / "completions"
NAMES = sorted(path.stem for path in COMPLETIONS.glob("*.sse"))


def read_pieces(pieces: list[bytes]) -> list[ChatEvent]:
    return read_events(CompletionReader("test/model"), pieces)


def read_whole(body: bytes) -> ChatResponse:
    return assemble(CompletionReader("test/model").whole(body))


@pytest.mark.parametrize("name", NAMES)
def test_reads_what_servers_write(name: str) -> None:
    expected = json.loads((COMPLETIONS / f"{name}.expected.json").read_text("utf-8"))
    stream = (COMPLETIONS / f"{name}.sse").read_bytes()
    whole = read_whole((COMPLETIONS / f"{name}.json").read_bytes())
    assert told(whole) == expected
    for cut in range(len(stream)):
        assert assemble(read_pieces([stream[:cut], stream[cut:]])) == whole
    assert assemble(read_pieces([stream[i : i + 1] for i in range(len(stream))])) == whole


@pytest.mark.parametrize("name", NAMES)
def test_a_first_delta_names_its_call(name: str) -> None:
    seen: set[int] = set()
    for event in read_pieces([(COMPLETIONS / f"{name}.sse").read_bytes()]):
        if isinstance(event, ToolCallDelta):
            assert (event.index in seen) == (event.id is None) == (event.name is None)
            seen.add(event.index)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
names = st.from_regex(r"[a-z_]{1,12}", fullmatch=True)
counts = st.integers(0, 100_000)
usages = st.none() | st.fixed_dictionaries(
    {
        "prompt_tokens": counts,
        "completion_tokens": counts,
        "prompt_tokens_details": st.none() | st.fixed_dictionaries({"cached_tokens": counts}),
        "completion_tokens_details": st.none()
        | st.fixed_dictionaries({"reasoning_tokens": counts}),
    }
)


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    """A whole completion."""
    calls = [
        {
            "id": draw(st.sampled_from(["", f"call_{number}"])),
            "type": "function",
            "function": {"name": draw(names), "arguments": draw(texts)},
        }
        for number in range(draw(st.integers(0, 4)))
    ]
    message = {"role": "assistant", "content": draw(st.none() | texts)}
    if calls or draw(st.booleans()):
        message["tool_calls"] = calls
    reason = draw(st.sampled_from(["stop", "length", "tool_calls", "content_filter", "eos"]))
    return {
        "id": draw(st.sampled_from(["chatcmpl-1", "", None])),
        "model": draw(st.sampled_from(["m", None])),
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": draw(usages),
    }


def cut(draw: st.DrawFn, text: Any) -> list[Any]:
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=4)))
    return [text[a:b] for a, b in pairwise([0, *places, len(text)])]


@st.composite
def streams(draw: st.DrawFn) -> tuple[dict[str, Any], list[bytes]]:
    """A completion, and the same one as a stream cut at arbitrary bytes."""
    answer = draw(answers())
    choice = answer["choices"][0]
    message = choice["message"]
    deltas = [{"content": part} for part in cut(draw, message["content"] or "")]
    queues = [call_deltas(draw, *call) for call in enumerate(message.get("tool_calls", []))]
    while any(queues):
        queue = draw(st.sampled_from([queue for queue in queues if queue]))
        deltas.append({"tool_calls": [queue.pop(0)]})
    head = {"id": answer["id"], "model": answer["model"]}
    choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]})
    chunks = [head | {"choices": [choice], "usage": None} for choice in choices]
    chunks.append(head | {"choices": [], "usage": answer["usage"]})
    return answer, cut(draw, b"".join(write(draw, chunk) for chunk in chunks) + ending(draw))


def call_deltas(draw: st.DrawFn, index: int, call: dict[str, Any]) -> list[dict[str, Any]]:
    first, *rest = cut(draw, call["function"]["arguments"])
    begun = call | {"index": index, "function": call["function"] | {"arguments": first}}
    return [begun, *({"index": index, "function": {"arguments": part}} for part in rest)]


def write(draw: st.DrawFn, chunk: dict[str, Any]) -> bytes:
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    comment = draw(st.sampled_from(["", f": ping{end}", f": ping{end}{end}"]))
    text = json.dumps(chunk, ensure_ascii=draw(st.booleans()), indent=draw(st.none() | st.just(1)))
    colon = draw(st.sampled_from([":", ": "]))
    data = "".join(f"data{colon}{line}{end}" for line in text.split("\n"))
    return f"{comment}{data}{end}".encode()


def ending(draw: st.DrawFn) -> bytes:
    return draw(st.sampled_from([b"data: [DONE]\n\n", b"data: [DONE]", b""]))


@given(streams())
def test_streamed_equals_whole(stream: tuple[dict[str, Any], list[bytes]]) -> None:
    answer, pieces = stream
    assert assemble(read_pieces(pieces)) == read_whole(json.dumps(answer).encode())


@given(streams(), st.data())
def test_a_truncated_stream_is_an_error_or_whole(
    stream: tuple[dict[str, Any], list[bytes]], data: st.DataObject
) -> None:
    answer, pieces = stream
    everything = b"".join(pieces)
    whole = read_whole(json.dumps(answer).encode())
    try:
        events = read_pieces([everything[: data.draw(st.integers(0, len(everything)))]])
    except ProviderError:
        return
    short = assemble(events)
    assert (short.text, short.tool_calls) == (whole.text, whole.tool_calls)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        "7",
        '"text"',
        '{"choices": []}',
        '{"choices": [7]}',
        '{"choices": "no"}',
        "<html><title>Hello</title></html>",
        '{"object": "list"}',
    ],
)
def test_what_is_no_completion_is_an_error(body: str) -> None:
    with pytest.raises(ProviderError, match="test/model: the answer is not a chat completion"):
        read_whole(body.encode())


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('{"choices": [{"message": null, "finish_reason": null}]}', ""),
        ('{"choices": [{"message": {"content": 7, "tool_calls": 7}}], "usage": 7}', ""),
        ('{"choices": [{"message": {"content": [7, {"text": "a"}, {"text": null}]}}]}', "a"),
        ('{"choices": [{"index": 0, "message": {"content": "a"}}, {"index": 1}]}', "a"),
        ('{"choices": [{"message": {"content": "a"}}], "usage": {"prompt_tokens": -1}}', "a"),
    ],
)
def test_odd_fields_do_no_harm(body: str, text: str) -> None:
    assert read_whole(body.encode()).text == text


def test_a_call_without_a_name_is_an_error() -> None:
    call = {"id": "call_1", "function": {"arguments": "{}"}}
    body = {"choices": [{"message": {"tool_calls": [call]}, "finish_reason": "tool_calls"}]}
    with pytest.raises(ProviderError, match="a tool without a name"):
        read_whole(json.dumps(body).encode())


def test_assemble_needs_an_end() -> None:
    with pytest.raises(ProviderError, match="before the answer was finished"):
        assemble([TextDelta("half")])


def test_assemble_orders_calls_by_index() -> None:
    events = [
        ToolCallDelta(1, "b", "second", "{"),
        ToolCallDelta(0, "a", "first", ""),
        ToolCallDelta(1, None, None, "}"),
        Finished("tool_calls", None),
    ]
    calls = assemble(events).tool_calls
    assert [(call.id, call.name, call.arguments) for call in calls] == [
        ("a", "first", ""),
        ("b", "second", "{}"),
    ]
