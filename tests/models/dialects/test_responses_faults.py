"""Requests and answers that are not what they must be are told, never crashed on."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conformance import read_stream
from hypothesis import given, settings
from hypothesis import strategies as st
from responses_exchanges import exchanges

from motet.core.errors import ProviderError
from motet.core.json import dumps
from motet.models.assembly import assemble
from motet.models.dialects.dialect import BadRequest
from motet.models.dialects.responses import DIALECT
from motet.models.sse import ServerSentEvent

KEY = "sk-canary-0123456789"
FOLDER = Path(__file__).parent / "recordings" / "responses"
RECORDED = [exchange for path in sorted(FOLDER.glob("*.yaml")) for exchange in exchanges(path)]
WHOLE = [each.response for each in RECORDED if each.status == 200]
STREAMS = [each.sent for each in RECORDED if each.stream]

junk = st.sampled_from([None, 0, -1, 1.5, True, "", "x", [], [1], {}, {"x": 1}, [[]], [{}]])
choices = st.randoms(use_true_random=False)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else ()
    entries = enumerate(value) if isinstance(value, list) else entries
    for name, item in entries:
        yield (*path, name)
        yield from places(item, (*path, name))


def spoilt(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    value = copy.deepcopy(value)
    inner = value
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = by
    return value


@settings(deadline=None)
@given(choices, junk)
def test_spoilt_requests_are_bad_requests_or_pass(choice: Any, by: Any) -> None:
    request = choice.choice(RECORDED).request
    body = spoilt(request, choice.choice(list(places(request))), by)
    try:
        found = DIALECT.incoming(body)
    except BadRequest as error:
        assert error.param
        return
    dumps(DIALECT.outgoing(found.request, found.model, stream=found.stream).body)
    writer = DIALECT.writer(found, id="resp_1", created=1)
    dumps(writer.whole(assemble(DIALECT.reader("m").whole(RECORDED[0].body))))


@settings(deadline=None)
@given(choices, junk)
def test_spoilt_answers_are_provider_errors_or_pass(choice: Any, by: Any) -> None:
    answer = choice.choice(WHOLE)
    body = spoilt(answer, choice.choice(list(places(answer))), by)
    try:
        assemble(DIALECT.reader("m", KEY).whole(dumps(body).encode()))
    except ProviderError as error:
        assert error.where == "m"


@settings(deadline=None)
@given(choices, junk)
def test_spoilt_streams_are_provider_errors_or_pass(choice: Any, by: Any) -> None:
    events = choice.choice(STREAMS)
    body = spoilt(events, choice.choice(list(places(events))), by)
    data = "".join(f"data: {dumps(event)}\n\n" for event in body).encode()
    try:
        read_stream(DIALECT.reader("m", KEY), [data])
    except ProviderError as error:
        assert KEY not in str(error)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "model"),
        ({"model": "m"}, "input"),
        ({"model": "m", "input": 3}, "input"),
        ({"model": "m", "input": ["x"]}, "input[0]"),
        ({"model": "m", "input": [{"content": "x"}]}, "input[0].type"),
        ({"model": "m", "input": [{"role": "boss", "content": "x"}]}, "input[0].role"),
        ({"model": "m", "input": [{"role": "user"}]}, "input[0].content"),
        ({"model": "m", "input": [{"role": "user", "content": [{}]}]}, "input[0].content[0].type"),
        (
            {"model": "m", "input": [{"type": "function_call", "call_id": "1", "name": "f"}]},
            "input[0].arguments",
        ),
        ({"model": "m", "input": [{"type": "function_call_output"}]}, "input[0].call_id"),
        ({"model": "m", "input": "x", "tools": [{"type": "function"}]}, "tools[0].name"),
        ({"model": "m", "input": "x", "max_output_tokens": 0}, "max_output_tokens"),
        ({"model": "m", "input": "x", "temperature": True}, "temperature"),
        ({"model": "m", "input": "x", "text": {"format": {}}}, "text.format.type"),
        ({"model": "m", "input": "x", "reasoning": {"effort": 3}}, "reasoning.effort"),
        ({"model": "m", "input": "x", "tool_choice": {"name": "f"}}, "tool_choice.type"),
        ({"model": "m", "input": "x", "stream": "yes"}, "stream"),
    ],
)
def test_bad_requests_name_the_argument(body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        DIALECT.incoming(body)
    assert caught.value.param == param


FAILED = {"code": "rate_limit_exceeded", "message": f"Slow down {KEY}"}


@pytest.mark.parametrize(
    "event",
    [
        {"type": "error", **FAILED, "param": None, "sequence_number": 3},
        {"type": "error", "error": FAILED},
        {"type": "response.failed", "response": {"status": "failed", "error": FAILED}},
        {"error": FAILED},
    ],
)
def test_an_error_within_a_stream_is_raised(event: dict[str, Any]) -> None:
    sent = ServerSentEvent(event.get("type", "message"), json.dumps(event))
    with pytest.raises(ProviderError, match=r"Slow down \[key\]") as caught:
        DIALECT.reader("m", KEY).chunk(sent)
    assert caught.value.status == 429


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"<html><title>Bad gateway</title></html>",
        b'{"output": null}',
        b'{"choices": []}',
        dumps({"output": [], "status": "failed", "error": FAILED}).encode(),
        b'{"output": [], "status": "failed", "error": null}',
    ],
)
def test_what_is_no_answer_is_an_error(body: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        DIALECT.reader("m", KEY).whole(body)
    assert KEY not in str(caught.value)


def test_a_stream_without_anything_is_an_error() -> None:
    with pytest.raises(ProviderError):
        DIALECT.reader("m").finish(declared=True)
    with pytest.raises(ProviderError, match="not JSON"):
        DIALECT.reader("m").chunk(ServerSentEvent("message", "{"))


def test_unknown_events_are_passed_by() -> None:
    reader = DIALECT.reader("m")
    for data in ('{"type":"response.novel.delta","delta":"x"}', "[1]", "[DONE]", '{"type":"x"}'):
        assert reader.chunk(ServerSentEvent("message", data)) == []
    assert not reader.ended


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "invalid_request_error"), (429, "rate_limit_error")]
)
def test_errors_have_the_shape_of_the_api(status: int, kind: str) -> None:
    assert DIALECT.error(status, "No.", "code", "input") == {
        "error": {"message": "No.", "type": kind, "param": "input", "code": "code"}
    }
