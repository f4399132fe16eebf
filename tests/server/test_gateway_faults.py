"""Providers that fail in every way: what clients are told, and what the ledger says."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from gateway_shop import (
    DIALECTS,
    Model,
    failure_of,
    gateway,
    recent,
    request,
    told_in_band,
)
from motet_process import Served
from provider_server import ProviderServer


@dataclass(frozen=True)
class Fault:
    """What a client must see: the status of a whole answer, and of a stream, which may break.

    `billed` says that the provider may count the request, so that the ledger estimates it;
    one that answers a status that is no success does not. `stream` is 0 where it depends on
    how the bytes come.
    """

    whole: int
    stream: int
    billed: bool | None = True
    wait: str | None = None


FAULTS = {
    "status-500": Fault(502, 502, billed=False),
    "status-529": Fault(502, 502, billed=False),
    "status-401": Fault(502, 502, billed=False),
    "status-400": Fault(400, 400, billed=False),
    "busy-7": Fault(429, 429, billed=False, wait="7"),
    "hangs": Fault(504, 504),
    "dies-0": Fault(502, 502),
    "dies-3": Fault(502, 200),
    "stops-3": Fault(502, 200),
    "stalls-3": Fault(504, 200),
    "errs-3": Fault(502, 200, billed=None),
    "garbles-3": Fault(502, 200),
    "long": Fault(502, 0),
    "noise": Fault(502, 502),
    "page": Fault(502, 502),
    "empty": Fault(502, 502),
}
SILENT = ("hangs", "stalls-3")
LIMIT = ", timeout: 1s"
SAME = [(each, each) for each in DIALECTS]
ACROSS = [("openai", "anthropic"), ("anthropic", "openai")]
ACROSS += [("responses", "gemini"), ("gemini", "responses")]
READ = ("status-500", "dies-3", "errs-3", "garbles-3", "empty")
"""Faults that meet other code where an answer is written anew."""
CASES = [(fault, pair) for fault in FAULTS for pair in SAME]
CASES += [(fault, pair) for fault in READ for pair in ACROSS]


def name_of(fault: str, pair: tuple[str, str], stream: bool) -> str:
    return f"{fault}.{pair[0]}.{pair[1]}.{'stream' if stream else 'whole'}"


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
    """A gateway to models that fail, each of which is asked once."""
    folder = tmp_path_factory.mktemp("faults")
    models = [
        Model(name_of(fault, pair, stream), pair[1], fault, LIMIT if fault in SILENT else "")
        for fault, pair in CASES
        for stream in (False, True)
    ]
    with gateway(folder, provider, models, "{retries: 0}", *request.param) as server:
        yield server


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("fault", "pair"), CASES, ids=[f"{fault}-{by[0]}-by-{by[1]}" for fault, by in CASES]
)
def test_faults(
    fault: str, pair: tuple[str, str], stream: bool, served: Served, http: httpx.Client
) -> None:
    client, _ = pair
    expected = FAULTS[fault]
    model = name_of(fault, pair, stream)
    path, body = request(client, model, stream=stream)
    found = http.post(served.url + path, json=body)
    status = expected.stream if stream else expected.whole
    assert found.status_code == status or (not status and found.status_code in (200, 502))
    if found.status_code == 200:
        message = told_in_band(client, found.text)
        assert message, found.text
        assert found.headers["x-motet-model"] == model
    else:
        message = failure_of(client, found.json())
        assert found.headers.get("retry-after") == expected.wait
    [entry] = recent(served, http, model)
    assert entry["status"] == "failed"
    assert entry["error"]
    billed = stream if expected.billed is None else expected.billed
    assert entry["estimated"] is billed
    assert (entry["cost_usd"] > 0) is billed
    assert entry["stream"] is stream


def ask(served: Served, http: httpx.Client, model: str, *, stream: bool) -> httpx.Response:
    path, body = request("openai", model, stream=stream)
    return http.post(served.url + path, json=body)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("words", [(), ("--no-lane",)], ids=["lane", "ordinary"])
def test_a_fault_before_the_first_byte_is_not_seen(
    words: tuple[str, ...],
    stream: bool,
    tmp_path: Path,
    provider: ProviderServer,
    http: httpx.Client,
) -> None:
    """Another model stands in, and says so; behind the first byte nobody does."""
    early = ("status-500", "busy-7", "hangs", "dies-0", "noise", "page", "empty")
    late = ("dies-3", "stops-3", "errs-3") if stream else ()
    models = [Model(f"{name}.fb", "openai", name, ", timeout: 1s") for name in (*early, *late)]
    how = "{retries: 0, fallback: {'*.fb': [spare]}}"
    with gateway(tmp_path, provider, [*models, Model("spare", "anthropic")], how, *words) as served:
        for name in early:
            before = len(provider.of(f"{name}.fb"))
            found = ask(served, http, f"{name}.fb", stream=stream)
            assert (found.status_code, found.headers["x-motet-model"]) == (200, "spare"), name
            assert found.headers["x-motet-attempt"] == "2"
            assert len(provider.of(f"{name}.fb")) == before + 1
            entries = recent(served, http, f"{name}.fb")
            assert {each["status"] for each in entries} == {"failed", "done"}
            assert len({each["id"] for each in entries}) == 1
            assert {each["attempt"] for each in entries} == {1, 2}
        for name in late:
            found = ask(served, http, f"{name}.fb", stream=True)
            assert found.headers["x-motet-model"] == f"{name}.fb"
            assert told_in_band("openai", found.text)
            [entry] = recent(served, http, f"{name}.fb")
            assert entry["status"] == "failed"


@pytest.mark.parametrize("words", [(), ("--no-lane",)], ids=["lane", "ordinary"])
def test_what_can_pass_is_tried_again_and_what_is_the_callers_is_not(
    words: tuple[str, ...], tmp_path: Path, provider: ProviderServer, http: httpx.Client
) -> None:
    models = [Model("again", "openai", "status-500"), Model("wrong", "openai", "status-400")]
    with gateway(tmp_path, provider, models, "{retries: 2}", *words) as served:
        before = len(provider.served)
        assert ask(served, http, "again", stream=False).status_code == 502
        assert len(provider.served) == before + 3
        assert ask(served, http, "wrong", stream=False).status_code == 400
        assert len(provider.served) == before + 4
        assert [each["attempt"] for each in recent(served, http, "wrong")] == [1]
        assert {each["attempt"] for each in recent(served, http, "again")} == {1, 2, 3}


@pytest.mark.parametrize("manner", ["status-500", "dies-2"])
@pytest.mark.parametrize("words", [(), ("--no-lane",)], ids=["lane", "ordinary"])
def test_who_fails_again_and_again_is_left_alone(
    words: tuple[str, ...],
    manner: str,
    tmp_path: Path,
    provider: ProviderServer,
    http: httpx.Client,
) -> None:
    """Also one that breaks off in the middle of each stream."""
    with gateway(
        tmp_path, provider, [Model("weak", "openai", manner)], "{retries: 0}", *words
    ) as served:
        before = len(provider.served)
        for _ in range(40):
            ask(served, http, "weak", stream=True)
            if (asked := len(provider.served) - before) < _ + 1:
                break
        assert 3 <= asked < 40
        found = ask(served, http, "weak", stream=True)
        assert found.status_code in (502, 503)
        assert "leave" in found.text or "rest" in found.text or "fail" in found.text
        assert len(provider.served) - before == asked


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_hedge_closes_who_comes_too_late(
    stream: bool, tmp_path: Path, provider: ProviderServer, http: httpx.Client
) -> None:
    with gateway(
        tmp_path,
        provider,
        [Model("slow", "openai", "hangs", ", timeout: 3s"), Model("warm")],
        "{retries: 0, hedge: 100ms}",
    ) as served:
        assert ask(served, http, "warm", stream=stream).status_code == 200
        before = len(provider.served)
        began = time.monotonic()
        path, body = request("openai", "slow", stream=stream)
        assert http.post(served.url + path, json=body).status_code == 504
        assert time.monotonic() - began < 10
        first, second = provider.served[before:]
        assert 0.05 < second.came - first.came < 1.5
        assert first.gone.wait(2)
        assert second.gone.wait(2)
        entries = recent(served, http, "slow")
        assert {each["attempt"] for each in entries} == {1, 2}
        assert all(each["estimated"] for each in entries)
