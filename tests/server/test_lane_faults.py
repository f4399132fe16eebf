"""The lane when an upstream fails, is slow or says nothing, and when something is defective."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from lane_shop import (
    CHAT,
    EVENT,
    LAST,
    STREAM,
    Full,
    answering,
    chunk,
    once,
    request,
    run,
    shop,
    silent_behind,
    until,
    whole,
)

from motet.models.http import Timeouts
from motet.server.lane.limits import Limits


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
            await until(lambda: bool(given.upstream.left))
        slow = answering(0.1, STREAM, 0.25, chunk(EVENT), 0.25, chunk(EVENT), 5.0)
        async with shop(slow, timeouts=times) as given:
            answer = await given.ask(request())
            assert (answer.body, answer.complete) == (EVENT * 2, False)
            assert given.door.relays[0].events == ["head 200", "broken timeout"]

    run(work())


def test_connecting_has_a_time_limit() -> None:
    async def work() -> None:
        times = Timeouts(connect=0.2)
        with Full() as port:
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


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")
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
