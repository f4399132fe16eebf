"""The lane when someone leaves, fails, is slow or says nothing."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from lane_shop import (
    CHAT,
    LAST,
    STREAM,
    Shop,
    answering,
    chunk,
    once,
    request,
    run,
    shop,
    silent_behind,
    whole,
)

from motet.models.http import Timeouts
from motet.server.lane.limits import Limits

EVENT = b'data: {"n": 1}\n\n'
WITHIN = 0.05
"""Seconds from the client's leaving to the upstream's notice of it."""


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for is on the far side of a socket
            await asyncio.sleep(0.001)


async def _left_after(given: Shop, leave: Callable[[], None]) -> float:
    loop, before = asyncio.get_running_loop(), len(given.upstream.left)
    began = loop.time()
    leave()
    await _until(lambda: len(given.upstream.left) > before)
    return given.upstream.left[-1] - began


@pytest.mark.parametrize("how", ["close", "abort"])
@pytest.mark.parametrize(
    "sent",
    [
        (),
        (b"HTTP/1.1 200 OK\r\ncontent-type: appl",),
        (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{",),
        (STREAM,),
        (STREAM, chunk(EVENT)),
        (STREAM, chunk(EVENT) + b"20\r\nhalf a chunk"),
    ],
    ids=["silent", "in the head", "in a whole answer", "before an event", "stream", "in a chunk"],
)
def test_a_client_that_leaves_closes_the_upstream(sent: tuple[bytes, ...], how: str) -> None:
    async def work() -> None:
        async with shop(silent_behind(*sent)) as given:
            took = []
            for turn in range(3):
                client = await given.connect()
                client.writer.write(request())
                await _until(lambda turn=turn: len(given.upstream.requests) > turn)
                await asyncio.sleep(0.02)
                took.append(await _left_after(given, getattr(client, how)))
                assert given.door.relays[turn].events[-1] == "gone"
                assert not given.lane.exchanges
            # The best of three: the machine may be busy with other tests.
            assert min(took) < WITHIN

    run(work())


def test_a_client_that_leaves_while_its_stream_is_paused_closes_the_upstream() -> None:
    piece = chunk(b"x" * 65536)

    async def script(up, reader, writer) -> None:
        await up.read(reader)
        writer.write(STREAM)
        watch = asyncio.create_task(reader.read())
        watch.add_done_callback(lambda _: up.note_left())
        try:
            while True:
                writer.write(piece)
                await writer.drain()
        finally:
            await watch

    async def work() -> None:
        async with shop(script) as given:
            client = await given.connect()
            client.writer.write(request())
            await client.reader.readuntil(b"\r\n\r\n")
            client.writer.transport.pause_reading()
            await asyncio.sleep(0.3)
            assert await _left_after(given, client.abort) < WITHIN

    run(work())


def test_a_client_that_leaves_in_its_request_is_forgotten() -> None:
    async def work() -> None:
        async with shop(answering(whole(b"{}"))) as given:
            client = await given.connect()
            client.writer.write(request()[:-5])
            await asyncio.sleep(0.05)
            client.close()
            await _until(lambda: not given.lane.clients)
            assert given.upstream.connections == 0
            assert given.door.seen == []

    run(work())


def test_a_client_that_leaves_while_connecting_ends_the_attempt() -> None:
    async def work() -> None:
        with _full() as port:
            async with shop(answering(), port=port) as given:
                client = await given.connect()
                client.writer.write(request())
                await _until(lambda: bool(given.door.relays))
                await asyncio.sleep(0.05)
                client.close()
                await _until(lambda: given.door.relays[0].events == ["gone"])
                await asyncio.sleep(0.01)
                tasks = [each.get_coro().__qualname__ for each in asyncio.all_tasks()]
                assert "Exchange._connect" not in tasks

    run(work())


class _full:
    """A port whose queue of connections is full: connecting neither succeeds nor fails."""

    def __enter__(self) -> int:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        port: int = self._listener.getsockname()[1]
        self._waiting = []
        for _ in range(8):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            self._waiting.append(one)
        return port

    def __exit__(self, *_: object) -> None:
        for one in (*self._waiting, self._listener):
            one.close()


def test_a_slow_reader_slows_its_upstream_and_gets_everything() -> None:
    total, sent = 64 << 20, 0
    piece = bytes(range(256)) * 256

    async def script(up, reader, writer) -> None:
        nonlocal sent
        await up.read(reader)
        writer.write(STREAM)
        while sent < total:
            writer.write(chunk(piece))
            await writer.drain()
            sent += len(piece)
        writer.write(LAST)
        await writer.drain()

    async def work() -> None:
        async with shop(script) as given:
            client = await given.connect()
            client.writer.transport.pause_reading()
            client.writer.write(request())
            await asyncio.sleep(0.5)
            stopped = sent
            assert stopped < 24 << 20
            await asyncio.sleep(0.2)
            assert sent == stopped
            client.writer.transport.resume_reading()
            async with asyncio.timeout(30):
                answer = await client.answer()
            assert answer.complete
            assert answer.body == piece * (total // len(piece))
            client.close()

    run(work())


def test_a_reader_that_never_reads_is_left() -> None:
    async def work() -> None:
        limits = Limits(stalled=0.2, tick=0.02)
        flood = silent_behind(STREAM, *[chunk(b"x" * 65536)] * 400)
        async with shop(flood, limits=limits) as given:
            client = await given.connect()
            client.writer.transport.pause_reading()
            client.writer.write(request())
            await _until(lambda: bool(given.door.relays) and given.door.relays[0].events != [])
            await _until(lambda: given.door.relays[0].events[-1] == "gone")
            client.abort()

    run(work())


def test_a_stale_connection_is_tried_once_more() -> None:
    async def script(up, reader, writer) -> None:
        await up.read(reader)
        writer.write(whole(b"%d" % up.connections))
        await reader.readexactly(10)

    async def work() -> None:
        async with shop(script) as given:
            client = await given.connect()
            for number in (b"1", b"2", b"3"):
                assert (await client.ask(request())).body == number
            assert all(each.events == ["head 200", "answer"] for each in given.door.relays)
            client.close()

    run(work())


def test_a_new_connection_that_closes_without_a_word_is_a_failure() -> None:
    async def work() -> None:
        async with shop(once()) as given:
            answer = await given.ask(request())
            assert json.loads(answer.body)["tried"] == ["broken closed"]
            assert given.upstream.connections == 1

    run(work())


def test_a_kept_connection_that_closes_after_a_while_is_a_failure() -> None:
    async def script(up, reader, writer) -> None:
        await up.read(reader)
        writer.write(whole(b"{}"))
        await up.read(reader)
        await asyncio.sleep(0.4)

    async def work() -> None:
        async with shop(script, limits=Limits(again=0.1, tick=0.02)) as given:
            client = await given.connect()
            await client.ask(request())
            answer = await client.ask(request())
            assert json.loads(answer.body)["tried"] == ["broken closed"]
            assert len(given.upstream.requests) == 2
            client.close()

    run(work())


@pytest.mark.parametrize(
    ("sent", "failure"),
    [
        (b"garbage", "garbage"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: nine\r\n\r\n", "garbage"),
        (b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", "garbage"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000, "garbage"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", "closed"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "garbage"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunk(b"{"), "closed"),
        (whole(b"x" * 5000), "too_long"),
    ],
)
def test_an_upstream_that_fails_before_the_answer_leaves_it_to_the_ordinary_path(
    sent: bytes, failure: str
) -> None:
    async def work() -> None:
        async with shop(once(sent), limits=Limits(collected=4096, tick=0.02)) as given:
            client = await given.connect()
            answer = json.loads((await client.ask(request())).body)
            assert answer["ordinary"] == "POST " + CHAT.decode()
            assert answer["tried"][-1] == f"broken {failure}"
            assert given.door.relays[0].failure[1]
            answer = json.loads((await client.ask(request())).body)
            assert answer["tried"][-1] == f"broken {failure}"
            client.close()

    run(work())


def test_a_stream_that_breaks_before_its_first_byte_leaves_it_to_the_ordinary_path() -> None:
    async def work() -> None:
        async with shop(once(STREAM)) as given:
            answer = json.loads((await given.ask(request())).body)
            assert answer["tried"] == ["head 200", "broken closed"]

    run(work())


def test_an_upstream_that_cannot_be_reached_leaves_it_to_the_ordinary_path() -> None:
    async def work() -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        async with shop(answering(), port=port) as given:
            answer = json.loads((await given.ask(request())).body)
            assert answer["tried"] == ["broken connect"]
            assert "refused" in given.door.relays[0].failure[1].lower()

    run(work())


def test_a_declined_answer_leaves_it_to_the_ordinary_path() -> None:
    async def work() -> None:
        script = answering(whole(b"slow down", b"429 Too Many"), 0.0)
        async with shop(script) as given:
            answer = json.loads((await given.ask(request())).body)
            assert answer["tried"] == ["head 429", "answer"]
            assert answer["body"] > 0

    run(work())


@pytest.mark.parametrize("last", [None, b"data: sorry\n\n"])
@pytest.mark.parametrize("trouble", [b"", b"zz\r\n", b"20\r\nhalf"])
def test_a_stream_that_breaks_ends_in_band_or_is_cut(trouble: bytes, last: bytes | None) -> None:
    async def work() -> None:
        sent = STREAM + chunk(EVENT)
        async with shop(once(sent, trouble), last=last) as given:
            answer = await given.ask(request())
            assert answer.body.startswith(EVENT)
            assert answer.body.endswith(last or b"")
            assert answer.complete is (last is not None)
            assert given.door.relays[0].events[-1].startswith("broken ")

    run(work())


def test_silence_is_measured_before_and_between_bytes() -> None:
    times = Timeouts(connect=5, first_byte=0.2, idle=0.3)

    async def work() -> None:
        async with shop(silent_behind(), timeouts=times) as given:
            answer = json.loads((await given.ask(request())).body)
            assert answer["tried"] == ["broken timeout"]
            await _until(lambda: bool(given.upstream.left))
        slow = answering(0.1, STREAM, 0.25, chunk(EVENT), 0.25, chunk(EVENT), 5.0)
        async with shop(slow, timeouts=times) as given:
            answer = await given.ask(request())
            assert (answer.body, answer.complete) == (EVENT * 2, False)
            assert given.door.relays[0].events == ["head 200", "broken timeout"]

    run(work())


def test_connecting_has_a_time_limit() -> None:
    async def work() -> None:
        times = Timeouts(connect=0.2)
        with _full() as port:
            async with shop(answering(), port=port, timeouts=times) as given:
                answer = json.loads((await given.ask(request())).body)
                assert answer["tried"] == ["broken connect"]

    run(work())


@pytest.mark.parametrize("where", ["head", "answer", "feed", "end", "broken"])
def test_a_defect_in_a_relay_is_an_error_and_leaves_nothing_open(
    where: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sent: tuple[bytes | float, ...] = (whole(b"{}"),)
    if where == "broken":
        sent = (b"bad",)
    elif where in ("feed", "end"):
        sent = (STREAM + chunk(EVENT), 0.05, LAST)

    def defect(*_: object) -> None:
        raise RuntimeError("a defect")

    async def work() -> None:
        monkeypatch.setattr(f"lane_shop.PassOn.{where}", defect)
        async with shop(answering(*sent)) as given:
            answer = await given.ask(request())
            if where == "end":
                assert (answer.body, answer.complete) == (EVENT, False)
            else:
                assert answer.status == 500
                assert b"a defect" not in answer.body
            assert not given.lane.exchanges
        assert "a defect" in caplog.text

    run(work())


def test_what_cannot_be_recorded_is_not_sent() -> None:
    async def work() -> None:
        async with shop(answering(whole(b"{}"))) as given:
            given.door.failing = True
            client = await given.connect()
            assert (await client.ask(request())).status == 500
            assert given.door.relays[0].events == ["gone"]
            given.door.failing = False
            assert (await client.ask(request())).body == b"{}"
            assert len(given.upstream.requests) == 1
            assert (await client.ask(request(b"defect"))).status == 500
            client.close()

    run(work())


@pytest.mark.parametrize("path", [CHAT, b"/elsewhere"])
def test_a_head_without_end_is_refused(path: bytes) -> None:
    async def work() -> None:
        async with shop(answering(), limits=Limits(head=8192, tick=0.02)) as given:
            client = await given.connect()
            client.writer.write(b"POST %b HTTP/1.1\r\nhost: a\r\n" % path)
            for size in (5000, 4000):
                client.writer.write(b"x-%d: %b\r\n" % (size, b"y" * size))
                await asyncio.sleep(0.02)
            assert (await client.answer()).status == 431
            client.close()

    run(work())


def test_slow_and_idle_connections_are_closed() -> None:
    async def work() -> None:
        limits = Limits(request=0.2, tick=0.02)
        async with shop(answering(whole(b"{}")), limits=limits, keep_alive=1) as given:
            slow, mute, kept = [await given.connect() for _ in range(3)]
            slow.writer.write(request()[:-3])
            await kept.ask(request())
            assert (await slow.answer()).status == 408
            for client in (slow, mute):
                assert await client.ended()
            assert (await kept.ask(request())).status == 200
            assert await kept.ended()
            for client in (slow, mute, kept):
                client.close()

    run(work())


def test_spare_upstreams_are_closed() -> None:
    async def work() -> None:
        limits = Limits(spare=0.1, tick=0.02)

        async def script(up, reader, writer) -> None:
            await answering(whole(b"{}"))(up, reader, writer)
            up.note_left()

        async with shop(script, limits=limits) as given:
            client = await given.connect()
            await client.ask(request())
            await _until(lambda: bool(given.upstream.left))
            await client.ask(request())
            assert given.upstream.connections == 2
            client.close()

    run(work())


def test_a_client_may_send_only_so_much_ahead() -> None:
    async def work() -> None:
        async with shop(answering(0.3, whole(b"{}"))) as given:
            client = await given.connect()
            client.writer.write(request())
            client.writer.write(request(b"refused" + b"x" * (4 << 20)) * 4)
            await asyncio.sleep(0.2)
            (held,) = [len(each._held) for each in given.lane.clients]
            assert held < 1 << 20
            assert (await client.answer()).body == b"{}"
            for _ in range(4):
                assert (await client.answer()).status == 403
            client.close()

    run(work())


def test_a_server_that_stops_ends_its_streams_first() -> None:
    async def work() -> None:
        script = answering(STREAM, chunk(EVENT), 0.5, chunk(EVENT), LAST)
        async with shop(script) as given:
            idle, client = await given.connect(), await given.connect()
            await idle.ask(request(b"refused"))
            client.writer.write(request())
            await client.reader.readuntil(EVENT)
            given.server.should_exit = True
            assert await idle.ended()
            rest = await client.reader.read()
            assert rest.endswith(chunk(EVENT) + LAST)
            assert given.door.relays[0].events[-1] == "end"
            idle.close()
            client.close()

    run(work())


def test_a_server_that_stops_does_not_wait_for_ever() -> None:
    async def work() -> None:
        async with shop(silent_behind(STREAM, chunk(EVENT)), grace=1) as given:
            client = await given.connect()
            client.writer.write(request())
            await client.reader.readuntil(EVENT)
            given.server.should_exit = True
            assert await asyncio.wait_for(client.reader.read(), 4) == b"\r\n"
            await _until(lambda: bool(given.upstream.left))
            assert given.door.relays[0].events[-1] == "gone"
            client.close()

    run(work())


def test_an_upstream_may_answer_before_it_has_read_everything() -> None:
    async def script(up, reader, writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        up.requests.append(b"")
        writer.write(whole(b"too much", b"413 Too Much"))
        await writer.drain()
        await asyncio.sleep(0.2)

    async def work() -> None:
        async with shop(script) as given:
            client = await given.connect()
            for _ in range(2):
                answer = await client.ask(request(b"x" * (12 << 20)))
                assert (answer.status, answer.body) == (413, b"too much")
            client.close()
            assert given.upstream.connections == 2

    run(work())


def test_tls_is_spoken_and_checked(tmp_path: Path) -> None:
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1")
    files = ("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "own.pem"))
    kind = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    subprocess.run(["openssl", "req", *kind, *subject, *files], check=True, capture_output=True)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(tmp_path / "own.pem", tmp_path / "key.pem")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(whole(b"secret"))
        await reader.read()
        writer.close()

    own = ssl.create_default_context(cafile=str(tmp_path / "own.pem"))

    async def work() -> None:
        listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server)
        port = listening.sockets[0].getsockname()[1]
        async with shop(answering(), port=port, tls=lambda: own) as given:
            assert (await given.ask(request())).body == b"secret"
        async with shop(answering(), port=port, tls=ssl.create_default_context) as given:
            tried = json.loads((await given.ask(request())).body)["tried"]
            assert tried == ["broken connect"]
            assert "certificate" in given.door.relays[0].failure[1].lower()
        listening.close()

    run(work())
