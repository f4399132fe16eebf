"""A client of any dialect uses a provider of any other, and loses nothing that both can say."""

from __future__ import annotations

from itertools import product

import pytest
from conformance import SPOKEN, answered, asked, same_answer, same_request
from hypothesis import given
from hypothesis import strategies as st
from portable import ANSWERS, ASKED, FEATURES, answers, requests
from sayable import ANSWERED_BY, ASKED_BY

from motet.core.chat import ChatRequest, ChatResponse
from motet.models.dialects.registry import NAMES

PAIRS = list(product(NAMES, SPOKEN))
pairs = pytest.mark.parametrize(("client", "provider"), PAIRS)
streamed = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


def base(name: str) -> str:
    """Return the dialect of a name; an answer is the same in all flavours of one."""
    return name.replace("extended", "openai")


def as_asked(client: str, request: ChatRequest) -> ChatRequest:
    """Return the request as a client of the dialect makes it."""
    dialect = SPOKEN[client]
    return asked(dialect, dialect.outgoing(request, "m", stream=False)).request


@pairs
@given(request=requests())
def test_requests_pass(client: str, provider: str, request: ChatRequest) -> None:
    read = as_asked(client, request)
    outgoing = SPOKEN[provider].outgoing(read, "m", stream=False)
    assert outgoing.lost == ()
    found = asked(SPOKEN[provider], outgoing).request
    assert same_request(found) == same_request(request)


@pytest.mark.parametrize(
    ("client", "provider", "feature"),
    [(*pair, name) for name in FEATURES for pair in PAIRS if pair[0] in ASKED_BY[name]],
)
def test_what_a_client_can_ask_passes_or_is_named(client: str, provider: str, feature: str) -> None:
    request = FEATURES[feature](ASKED)
    outgoing = SPOKEN[provider].outgoing(as_asked(client, request), "m", stream=False)
    same = same_request(asked(SPOKEN[provider], outgoing).request) == same_request(request)
    assert same or (outgoing.lost and provider not in ASKED_BY[feature])


@pairs
@given(answer=answers(), stream=st.booleans())
def test_answers_pass(client: str, provider: str, answer: ChatResponse, stream: bool) -> None:
    read, _ = answered(SPOKEN[provider], answer, stream=stream)
    found, lost = answered(SPOKEN[client], read, stream=stream)
    assert not lost
    assert same_answer(found) == same_answer(answer)


@streamed
@pytest.mark.parametrize(
    ("client", "provider", "feature"),
    [(*pair, name) for name in ANSWERS for pair in PAIRS if base(pair[1]) in ANSWERED_BY[name]],
)
def test_what_a_provider_can_answer_passes_or_is_named(
    client: str, provider: str, feature: str, stream: bool
) -> None:
    answer = ANSWERS[feature]
    read, _ = answered(SPOKEN[provider], answer, stream=stream)
    found, lost = answered(SPOKEN[client], read, stream=stream)
    same = same_answer(found) == same_answer(answer)
    assert same or lost
    said_by = ANSWERED_BY[feature]
    assert same == (client in said_by or (stream and f"{client}(stream)" in said_by))
