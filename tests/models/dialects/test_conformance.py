"""Every dialect says what the canonical model says, or names what it cannot say."""

from __future__ import annotations

import pytest
from conformance import (
    SPOKEN,
    answered,
    asked,
    cut,
    hello,
    read_stream,
    same_answer,
    same_request,
    written_stream,
)
from hypothesis import given
from hypothesis import strategies as st
from portable import ANSWERED, ANSWERS, ASKED, FEATURES, answers, requests
from sayable import ANSWERED_BY, ASKED_BY

from motet.core.chat import ChatRequest, ChatResponse
from motet.core.errors import ProviderError
from motet.models.dialects.registry import DIALECTS, NAMES

dialects = pytest.mark.parametrize("name", SPOKEN)
served = pytest.mark.parametrize("name", NAMES)
streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


def test_all_dialects_are_here() -> None:
    assert set(DIALECTS) == {"openai", "responses", "anthropic", "gemini"}
    assert all(DIALECTS[name].name == name for name in DIALECTS)


@dialects
@given(request=requests(), stream=st.booleans())
def test_requests_come_back(name: str, request: ChatRequest, stream: bool) -> None:
    dialect = SPOKEN[name]
    outgoing = dialect.outgoing(request, "m", stream=stream)
    incoming = asked(dialect, outgoing, stream=stream)
    assert (outgoing.lost, incoming.lost) == ((), ())
    assert same_request(incoming.request) == same_request(request)
    assert (incoming.model, incoming.stream) == ("m", stream)


@dialects
@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_is_said_or_named(name: str, feature: str) -> None:
    request = FEATURES[feature](ASKED)
    outgoing = SPOKEN[name].outgoing(request, "m", stream=False)
    incoming = asked(SPOKEN[name], outgoing)
    assert incoming.lost == ()
    same = same_request(incoming.request) == same_request(request)
    assert same or outgoing.lost
    assert same == (name in ASKED_BY[feature]), outgoing.lost


@served
@streamed
@given(answer=answers(), cuts=st.sets(st.integers(0, 4000), max_size=6))
def test_answers_come_back(name: str, stream: bool, answer: ChatResponse, cuts: set[int]) -> None:
    dialect = SPOKEN[name]
    if not stream:
        found, lost = answered(dialect, answer, stream=False)
    else:
        writer = dialect.writer(hello(dialect, stream=True), id="ours", created=1)
        found = read_stream(dialect.reader("m"), cut(written_stream(writer, answer), cuts))
        lost = writer.lost
    assert same_answer(found) == same_answer(answer)
    assert not lost


@served
@streamed
@pytest.mark.parametrize("feature", ANSWERS)
def test_a_part_is_said_or_named(name: str, stream: bool, feature: str) -> None:
    answer = ANSWERS[feature]
    found, lost = answered(SPOKEN[name], answer, stream=stream)
    same = same_answer(found) == same_answer(answer)
    assert same or lost
    said_by = ANSWERED_BY[feature]
    assert same == (name in said_by or (stream and f"{name}(stream)" in said_by)), lost


@served
def test_a_stream_that_breaks_off_is_an_error(name: str) -> None:
    dialect = SPOKEN[name]
    writer = dialect.writer(hello(dialect, stream=True), id="ours", created=1)
    data = writer.start() + writer.failure(429, "slow down", "rate_limit_exceeded")
    with pytest.raises(ProviderError, match="slow down"):
        read_stream(dialect.reader("m"), [data])
    with pytest.raises(ProviderError):
        read_stream(dialect.reader("m"), [writer.start()])


@served
def test_an_error_says_what_is_wrong(name: str) -> None:
    body = SPOKEN[name].error(400, "no such thing", "invalid_value", "messages[0]")
    assert "no such thing" in str(body)


@dialects
def test_the_base_is_said_by_all(name: str) -> None:
    dialect = SPOKEN[name]
    assert dialect.outgoing(ASKED, "m", stream=False).lost == ()
    assert not answered(dialect, ANSWERED, stream=False)[1]
