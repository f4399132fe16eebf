"""Clients that leave, in every phase: their provider hears of it at once, the ledger keeps it."""

from __future__ import annotations

import json
import socket
import statistics
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from gateway_shop import DIALECTS, Model, gateway, recent, request
from motet_process import Served
from provider_server import ProviderServer

WITHIN = 0.05
"""Seconds from a client's leaving to its provider's notice of it."""
TIMES = 15
PAIRS = [*((each, each) for each in DIALECTS), ("openai", "anthropic"), ("anthropic", "gemini")]
PHASES = {
    "before the head, whole": ("hangs", False),
    "before the head, stream": ("hangs", True),
    "in a whole answer": ("stalls", False),
    "before the first event": ("stalls-0", True),
    "in a stream": ("stalls-3", True),
}


@pytest.fixture(scope="module")
def provider() -> Iterator[ProviderServer]:
    with ProviderServer() as server:
        yield server


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=20) as client:
        yield client


@pytest.fixture(scope="module", params=[(), ("--no-lane",)], ids=["lane", "ordinary"])
def served(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    provider: ProviderServer,
) -> Iterator[Served]:
    models = [
        Model(f"{manner}.{dialect}", dialect, manner)
        for manner in {manner for manner, _ in PHASES.values()}
        for dialect in DIALECTS
    ]
    models.append(Model("narrow", "openai", "hangs", ", concurrency: 1"))
    folder = tmp_path_factory.mktemp("leaving")
    with gateway(folder, provider, models, "{retries: 0}", *request.param) as server:
        yield server


def begin(served: Served, client: str, model: str, *, stream: bool) -> socket.socket:
    """Send a request; return its connection."""
    path, body = request(client, model, stream=stream)
    data = json.dumps(body).encode()
    host, port = urlsplit(served.url).hostname, urlsplit(served.url).port
    connection = socket.create_connection((host, port), timeout=10)
    head = f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
    return connection


def until_asked(provider: ProviderServer, model: str, times: int) -> None:
    deadline = time.monotonic() + 10
    while len(provider.of(model)) < times:
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0]}-by-{pair[1]}")
@pytest.mark.parametrize("phase", PHASES)
def test_who_leaves_closes_the_upstream(
    phase: str,
    pair: tuple[str, str],
    served: Served,
    provider: ProviderServer,
    http: httpx.Client,
) -> None:
    manner, stream = PHASES[phase]
    client, dialect = pair
    name = f"{manner}.{dialect}"
    asked, known = len(provider.of(name)), len(recent(served, http, name))
    waits = []
    for count in range(asked + 1, asked + TIMES + 1):
        connection = begin(served, client, name, stream=stream)
        until_asked(provider, name, count)
        if manner != "hangs":
            time.sleep(0.1)  # let the events come
        one = provider.of(name)[-1]
        left = time.monotonic()
        connection.close()
        assert one.gone.wait(5)
        assert one.left is not None
        waits.append(one.left - left)
    assert statistics.median(waits) < WITHIN
    assert max(waits) < 10 * WITHIN  # a busy machine lets processes wait
    time.sleep(0.1)
    entries = recent(served, http, name)[: -known or None]
    assert len(entries) == TIMES
    for entry in entries:
        assert (entry["status"], entry["estimated"]) == ("aborted", True)
        assert entry["cost_usd"] > 0
        assert entry["error"] in ("the client left", "given up")


def test_who_leaves_the_queue_is_never_asked_for(served: Served, provider: ProviderServer) -> None:
    before = len(provider.of("narrow"))
    first = begin(served, "openai", "narrow", stream=False)
    until_asked(provider, "narrow", before + 1)
    waiting = [begin(served, "openai", "narrow", stream=bool(n % 2)) for n in range(4)]
    time.sleep(0.2)
    for each in waiting:
        each.close()
    time.sleep(0.1)
    first.close()
    last = begin(served, "openai", "narrow", stream=True)
    until_asked(provider, "narrow", before + 2)
    time.sleep(0.1)
    assert len(provider.of("narrow")) == before + 2
    last.close()
    assert provider.of("narrow")[-1].gone.wait(5)
