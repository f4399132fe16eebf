"""The lane when its client leaves, reads slowly or sends too much, and when the server stops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from lane_shop import (
    CHAT,
    EVENT,
    LAST,
    STREAM,
    Full,
    Shop,
    answering,
    chunk,
    request,
    run,
    shop,
    silent_behind,
    until,
    whole,
)

from motet.server.lane.limits import Limits

WITHIN = 0.05
"""Seconds from the client's leaving to the upstream's notice of it."""


async def _left_after(given: Shop, leave: Callable[[], None]) -> float:
    loop, before = asyncio.get_running_loop(), len(given.upstream.left)
    began = loop.time()
    leave()
    await until(lambda: len(given.upstream.left) > before)
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
                await until(lambda turn=turn: len(given.upstream.requests) > turn)
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
            await until(lambda: not given.lane.clients)
            assert given.upstream.connections == 0
            assert given.door.seen == []

    run(work())


def test_a_client_that_leaves_while_connecting_ends_the_attempt() -> None:
    async def work() -> None:
        with Full() as port:
            async with shop(answering(), port=port) as given:
                client = await given.connect()
                client.writer.write(request())
                await until(lambda: bool(given.door.relays))
                await asyncio.sleep(0.05)
                client.close()
                await until(lambda: given.door.relays[0].events == ["gone"])
                await asyncio.sleep(0.01)
                tasks = [each.get_coro().__qualname__ for each in asyncio.all_tasks()]
                assert "Exchange._connect" not in tasks

    run(work())


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
            await until(lambda: bool(given.door.relays) and given.door.relays[0].events != [])
            await until(lambda: given.door.relays[0].events[-1] == "gone")
            client.abort()

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
            await until(lambda: bool(given.upstream.left))
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
            await until(lambda: bool(given.upstream.left))
            assert given.door.relays[0].events[-1] == "gone"
            client.close()

    run(work())
