"""Real traffic through the gateway: every recorded answer, to clients of every dialect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from conformance import SPOKEN, read_stream, same_answer
from conformance import answered as said
from exchanges import Exchange, answered
from motet_process import Served
from replay_server import CUTS, ReplayServer, name_of

from motet.core.chat import ChatRequest, ChatResponse, Message
from motet.models.assembly import assemble
from motet.models.dialects.registry import DIALECTS

ALL = answered()
PATHS = {"openai": "/chat/completions", "responses": "/responses", "anthropic": "/messages"}


@pytest.fixture(scope="module")
def replays() -> Iterator[ReplayServer]:
    with ReplayServer() as server:
        yield server


@pytest.fixture(scope="module", params=["lane", "ordinary"])
def gateway(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    replays: ReplayServer,
) -> Iterator[Served]:
    """A gateway to a model for every recording and way to cut it."""
    folder = tmp_path_factory.mktemp("recorded")
    lines = [
        f"  - {{use: 'recorded/{name_of(each)}', as: {served(each, cut)}, dialect: {each.dialect},"
        f" base_url: '{replays.base_url(cut)}'}}"
        for each in ALL
        for cut in (CUTS if each.streamed else ("whole",))
    ]
    (folder / "motet.yaml").write_text(
        "system: recorded\nmodels:\n" + "\n".join(lines) + "\ngateway: {retries: 0}\n"
    )
    words = ["--no-lane"] if request.param == "ordinary" else []
    with Served(folder, *words, command="gateway") as server:
        yield server
    assert server.code == 0, server.log
    assert not server.log


def served(exchange: Exchange, cut: str = "whole") -> str:
    """Return the name under which the gateway serves a recording."""
    return f"{cut}-{ALL.index(exchange)}"


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30, verify=False) as client:
        yield client


def send(
    http: httpx.Client,
    gateway: Served,
    dialect: str,
    model: str,
    body: dict[str, Any],
    *,
    stream: bool,
) -> bytes:
    """Return the body of an answer, as a client of the dialect asks for it."""
    if dialect == "gemini":
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        url = f"{gateway.url}/v1beta/models/{model}:{method}"
    else:
        url = f"{gateway.url}/v1{PATHS[dialect]}"
        body = {**body, "model": model, "stream": stream}
    if dialect == "openai" and stream:
        body["stream_options"] = {"include_usage": True}
    found = http.post(url, json=body)
    assert found.status_code == 200, found.text
    kind = "text/event-stream" if stream else "application/json"
    assert found.headers["content-type"].startswith(kind), found.text
    assert found.headers["x-motet-model"] == model
    return found.content


def read(dialect: str, data: bytes, *, stream: bool) -> ChatResponse:
    reader = SPOKEN[dialect].reader("m")
    return read_stream(reader, [data]) if stream else assemble(reader.whole(data))


@pytest.mark.parametrize("exchange", ALL, ids=lambda each: each.name)
def test_within_a_dialect_nothing_changes(
    exchange: Exchange, gateway: Served, replays: ReplayServer, http: httpx.Client
) -> None:
    for cut in CUTS if exchange.streamed else ("whole",):
        model = served(exchange, cut)
        given = dict(exchange.request)
        if exchange.dialect == "openai" and exchange.streamed:
            given["stream_options"] = {"include_usage": True}
        stream = exchange.streamed
        found = send(http, gateway, exchange.dialect, model, given, stream=stream)
        sent = b"".join(CUTS[cut](exchange.body)) if stream else exchange.body
        assert found == sent, cut
        reached = {k: v for k, v in replays.asked[-1].body.items() if k != "model"}
        assert replays.asked[-1].exchange is exchange
        expected = {k: v for k, v in given.items() if k not in ("model", "stream")}
        if exchange.dialect != "gemini":
            expected["stream"] = stream
        assert reached == expected


def gist(answer: ChatResponse) -> tuple[Any, ...]:
    """Return what an answer says wherever a stream's blocks begin and its seals come."""
    same = same_answer(answer)
    calls = [(each.name, each.arguments) for each in same.tool_calls]
    return replace(same, parts=()), same.text, same.reasoning, calls


@pytest.mark.parametrize("client", DIALECTS)
@pytest.mark.parametrize("exchange", ALL, ids=lambda each: each.name)
def test_every_client_gets_what_was_answered(
    exchange: Exchange, client: str, gateway: Served, http: httpx.Client
) -> None:
    """Streams too where the provider answers in one piece."""
    given = read(exchange.dialect, exchange.body, stream=exchange.streamed)
    hello = ChatRequest((Message("user", "Hello"),))
    body = dict(DIALECTS[client].outgoing(hello, "m", stream=False).body)
    for stream in {exchange.streamed, True}:
        expected, _ = said(SPOKEN[client], given, stream=stream)
        data = send(http, gateway, client, served(exchange), body, stream=stream)
        found = read(client, data, stream=stream)
        assert gist(found) == gist(expected)
        assert found.text == given.text
        if not stream:
            assert same_answer(found) == same_answer(expected)
