"""Sending runs to a collector: a real server on loopback, also one that fails or hangs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from test_otlp import parsed, record, span

import motet
from motet.core.errors import ProviderError, UsageError
from motet.runtime.collector import HEADERS, SPANS_AT_ONCE, Collector, LiveExport
from motet.runtime.runs import journal_of

Answer = Callable[[int], web.Response]


@dataclass
class Sink:
    """A collector: what it got, and where it listens."""

    url: str = ""
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    @property
    def spans(self) -> list[Any]:
        """All spans, read with OpenTelemetry's own definition."""
        return [each for _, _, body in self.requests for each in parsed(body)]


@asynccontextmanager
async def listening(answer: Answer | None = None) -> AsyncIterator[Sink]:
    """Serve a collector that answers the nth request so, or takes everything."""
    sink = Sink()

    async def take(request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        sink.requests.append(
            (request.path, {k.lower(): v for k, v in request.headers.items()}, body)
        )
        return answer(len(sink.requests)) if answer else web.json_response({})

    app = web.Application(client_max_size=1 << 26)
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    sink.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield sink
    finally:
        await runner.cleanup()


def sent(answer: Answer | None = None, runs: int = 1, nodes: int = 1) -> tuple[Sink, int]:
    """Send runs to a collector; return it and how many spans were said to be taken."""

    async def send() -> tuple[Sink, int]:
        async with listening(answer) as sink:
            one = record(*(span(f"n{at}", "a", "python", "x.a") for at in range(nodes)))
            found = [replace(one, id=f"run_{at}") for at in range(runs)]
            return sink, await Collector(sink.url, pause=0.01).send(found)

    return asyncio.run(send())


def test_spans_arrive() -> None:
    sink, count = sent(runs=3)
    [(path, headers, _)] = sink.requests
    assert path == "/v1/traces"
    assert headers["content-type"] == "application/json"
    assert count == len(sink.spans) == 6


def test_a_path_of_its_own_is_kept() -> None:
    async def send() -> str:
        async with listening() as sink:
            await Collector(f"{sink.url}/otlp/traces").send([record()])
            return sink.requests[0][0]

    assert asyncio.run(send()) == "/otlp/traces"


def test_many_spans_go_in_several_requests() -> None:
    sink, count = sent(nodes=2 * SPANS_AT_ONCE)
    assert len(sink.requests) == 3
    assert count == len(sink.spans) == 2 * SPANS_AT_ONCE + 1


def test_headers_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HEADERS, "x-tenant=a%20b, authorization=Bearer very-secret")
    sink, _ = sent()
    headers = sink.requests[0][1]
    assert (headers["x-tenant"], headers["authorization"]) == ("a b", "Bearer very-secret")


def test_a_name_and_password_may_stand_in_the_address() -> None:
    async def send() -> str:
        async with listening() as sink:
            await Collector(sink.url.replace("//", "//me:a%40b@")).send([record()])
            return sink.requests[0][1]["authorization"]

    assert asyncio.run(send()) == "Basic bWU6YUBi"


def test_a_key_is_not_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HEADERS, "authorization=Bearer very-secret")
    with pytest.raises(ProviderError) as caught:
        sent(lambda _: web.Response(status=401, text="Bearer very-secret is wrong"))
    assert "very-secret" not in str(caught.value)
    with pytest.raises(ProviderError) as caught:
        asyncio.run(Collector("http://me:hunter22@127.0.0.1:1", pause=0.01).send([record()]))
    assert "hunter22" not in str(caught.value)


def test_a_collector_that_is_busy_is_asked_again() -> None:
    sink, count = sent(
        lambda turn: web.Response(status=503 if turn < 3 else 200, headers={"Retry-After": "0"})
    )
    assert (len(sink.requests), count) == (3, 2)


def test_a_collector_that_refuses_is_not_asked_again() -> None:
    asked = []

    def refuse(turn: int) -> web.Response:
        asked.append(turn)
        return web.json_response({"message": "no such tenant"}, status=400)

    with pytest.raises(ProviderError, match="no such tenant"):
        sent(refuse)
    assert asked == [1]


def test_spans_that_are_not_taken_are_a_failure() -> None:
    said = {"partialSuccess": {"rejectedSpans": "2", "errorMessage": "too old"}}
    with pytest.raises(ProviderError, match="refused 2 spans: too old"):
        sent(lambda _: web.json_response(said))


@pytest.mark.parametrize("body", ["", "ok", "[]", "{}", '{"partialSuccess": {}}'])
def test_a_collector_may_say_anything_with_success(body: str) -> None:
    assert sent(lambda _: web.Response(text=body))[1] == 2


@pytest.mark.parametrize("url", ["127.0.0.1:4318", "ftp://127.0.0.1", "http://", ""])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError, match="expected an address"):
        Collector(url)


@pytest.mark.parametrize("headers", ["authorization", "=x", "a=b,c"])
def test_headers_that_are_none(monkeypatch: pytest.MonkeyPatch, headers: str) -> None:
    monkeypatch.setenv(HEADERS, headers)
    with pytest.raises(UsageError, match="NAME=VALUE"):
        Collector("http://127.0.0.1:4318")


# While runs go on


@motet.operator(effect="read")
async def one() -> int:
    return 1


async def run_some(home: Path, count: int) -> None:
    for _ in range(count):
        plan = motet.Plan("live")
        run = await motet.arun(plan, want=plan.add(one), home=home)
        assert run.status == "done"


def test_runs_are_sent_as_they_end(tmp_path: Path) -> None:
    async def live() -> tuple[Sink, Any]:
        async with listening() as sink:
            export = LiveExport(Collector(sink.url), every=0.02)
            export.watch(journal_of(tmp_path))
            export.start()
            await run_some(tmp_path, 5)
            await export.stop()
            return sink, export.state()

    sink, state = asyncio.run(live())
    assert len(sink.spans) == 10
    assert len({each.trace_id for each in sink.spans}) == 5
    assert (state["sent"], state["failed"], state["dropped"], state["error"]) == (5, 0, 0, None)


def test_a_paused_run_is_sent_once_it_has_ended(tmp_path: Path) -> None:
    async def live() -> tuple[int, int]:
        async with listening() as sink:
            export = LiveExport(Collector(sink.url), every=0.02)
            export.watch(journal_of(tmp_path))
            export.start()
            plan = motet.Plan("asking")
            run = await motet.arun(plan, want=plan.add(motet.approve, 1), home=tmp_path)
            assert run.status == "paused"
            await asyncio.sleep(0.1)
            before = len(sink.requests)
            motet.answer(run.id, run.pending[0].node, home=tmp_path)
            await motet.aresume(run.id, home=tmp_path)
            await export.stop()
            return before, len(sink.spans)

    assert asyncio.run(live()) == (0, 2)


def test_nobody_waits_for_a_collector_that_hangs(tmp_path: Path) -> None:
    async def live() -> tuple[float, Any]:
        open_: list[asyncio.StreamWriter] = []
        hung = await asyncio.start_server(lambda _, writer: open_.append(writer), "127.0.0.1", 0)
        url = f"http://127.0.0.1:{hung.sockets[0].getsockname()[1]}"
        export = LiveExport(Collector(url), most=3, every=0.0)
        export.watch(journal_of(tmp_path))
        export.start()
        loop = asyncio.get_running_loop()
        began = loop.time()
        await run_some(tmp_path, 20)
        took = loop.time() - began
        await export.stop(seconds=0.2)
        for writer in open_:
            writer.close()
            await writer.wait_closed()
        hung.close()
        return took, export.state()

    took, state = asyncio.run(live())
    assert took < 5
    assert state["sent"] == 0
    assert state["waiting"] == 0
    assert state["dropped"] == 20


def test_failures_are_counted_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def live() -> Any:
        async with listening(lambda _: web.Response(status=400, text="no")) as sink:
            export = LiveExport(Collector(sink.url), every=0.0)
            export.watch(journal_of(tmp_path))
            export.start()
            for _ in range(3):
                await run_some(tmp_path, 1)
                await asyncio.sleep(0.1)
            await export.stop()
            return export.state()

    state = asyncio.run(live())
    assert (state["sent"], state["failed"]) == (0, 3)
    assert "answered 400: no" in state["error"]
    assert len(caplog.records) == 1
