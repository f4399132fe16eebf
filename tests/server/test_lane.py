"""What passes through the lane, byte for byte, and what takes the ordinary path instead."""

from __future__ import annotations

import asyncio
import itertools
import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lane_shop import (
    BODY,
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
    whole,
)

from motet.server.lane.limits import Limits

JSON = b"content-type: application/json\r\n"
EVENTS = [b'data: {"n": %d}\n\n' % number for number in range(20)]


def test_a_whole_answer_is_passed_on_with_its_headers_and_a_length() -> None:
    body = bytes(range(256)) * 40

    async def work() -> None:
        async with shop(answering(whole(body, b"201 Made", JSON + b"X-Own: a b\r\n"))) as given:
            answer = await given.ask(request())
            assert (answer.status, answer.body) == (201, body)
            assert answer.headers["x-own"] == "a b"
            assert answer.headers["content-length"] == str(len(body))
            assert "date" in answer.headers
            assert given.upstream.requests == [BODY]
            (relay,) = given.door.relays
            assert relay.events == ["head 201", "answer"]

    run(work())


def test_the_door_sees_path_headers_body_and_address() -> None:
    async def work() -> None:
        async with shop(answering(whole(b"{}"))) as given:
            path = b"/v1/messages?beta=true"
            await given.ask(request(path=path, headers=b"X-Api-Key:   secret  \r\n"))
            ((seen, headers, body, client),) = given.door.seen
            assert (seen, body, client) == (path, BODY, "127.0.0.1")
            assert (b"x-api-key", b"secret") in headers

    run(work())


def test_a_stream_passes_as_it_comes() -> None:
    async def work() -> None:
        parts: list[bytes | float] = [STREAM]
        for event in EVENTS[:4]:
            parts += [chunk(event), 0.2]
        async with shop(answering(*parts, LAST)) as given:
            client = await given.connect()
            client.writer.write(request())
            loop = asyncio.get_running_loop()
            began = loop.time()
            await client.reader.readuntil(EVENTS[0])
            assert loop.time() - began < 0.3
            await client.reader.readuntil(LAST)
            assert loop.time() - began > 0.7
            client.close()

    run(work())


@pytest.mark.parametrize("framing", ["chunked", "length", "until close"])
@pytest.mark.parametrize("seed", range(6))
def test_every_framing_and_cut_of_a_stream_gives_the_same_bytes(framing: str, seed: int) -> None:
    draw = random.Random(seed)
    body = b"".join(EVENTS)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    if framing == "chunked":
        cuts = sorted(draw.sample(range(1, len(body)), 9))
        pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
        wire = head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(map(chunk, pieces)) + LAST
    elif framing == "length":
        wire = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    else:
        wire = head + b"\r\n" + body
    cuts = sorted(draw.sample(range(1, len(wire)), 12))
    pieces = [wire[a:b] for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    parts = [x for piece in pieces for x in (piece, 0.001)]
    script = once(*pieces) if framing == "until close" else answering(*parts)

    async def work() -> None:
        async with shop(script) as given:
            answer = await given.ask(request())
            assert answer.complete
            assert answer.body == body
            assert given.door.relays[0].events == ["head 200", "end"]

    run(work())


def test_connections_are_used_again_on_both_sides() -> None:
    async def work() -> None:
        async with shop(answering(whole(b"{}"))) as given:
            client = await given.connect()
            for _ in range(5):
                assert (await client.ask(request())).body == b"{}"
            client.close()
            await given.ask(request())
            assert given.upstream.connections == 1
            assert len(given.upstream.requests) == 6

    run(work())


@pytest.mark.parametrize(
    "wire",
    [
        whole(b"{}", headers=b"connection: close\r\n"),
        whole(b"{}") + b"surplus",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}",
    ],
)
def test_an_upstream_connection_that_cannot_be_used_again_is_not(wire: bytes) -> None:
    async def work() -> None:
        async with shop(answering(wire)) as given:
            client = await given.connect()
            for _ in range(2):
                assert (await client.ask(request())).body == b"{}"
            client.close()
            assert given.upstream.connections == 2

    run(work())


def test_a_stream_that_comes_at_once_gets_a_length() -> None:
    body = b"".join(EVENTS)

    async def work() -> None:
        async with shop(answering(STREAM + chunk(body[:99]) + chunk(body[99:]) + LAST)) as given:
            answer = await given.ask(request())
            assert answer.headers["content-length"] == str(len(body))
            assert answer.body == body
            assert given.door.relays[0].events == ["head 200", "end"]

    run(work())


def test_interim_answers_and_trailers_are_dropped() -> None:
    wire = (
        b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nx-own: yes\r\n"
        b"transfer-encoding: chunked\r\n\r\n" + chunk(b"{}") + b"0\r\nx-trailer: no\r\n\r\n"
    )

    async def work() -> None:
        async with shop(answering(wire)) as given:
            client = await given.connect()
            for _ in range(2):
                answer = await client.ask(request())
                assert (answer.status, answer.body) == (200, b"{}")
                assert "link" not in answer.headers
                assert "x-trailer" not in answer.headers
                assert answer.headers["x-own"] == "yes"
            client.close()

    run(work())


def test_pipelined_requests_are_answered_in_order() -> None:
    kinds = [b"pass", b"refused", b"pass", b"pass", b"refused", b"ordinary", b"ordinary"]
    bodies = [b'"%b %d"' % (kind, at) for at, kind in enumerate(kinds)]

    async def work() -> None:
        async with shop(_echoing) as given:
            client = await given.connect()
            client.writer.write(b"".join(map(request, bodies)))
            client.writer.write(request(b"elsewhere", path=b"/elsewhere"))
            for kind, body in zip(kinds, bodies, strict=True):
                expected = {b"pass": body, b"refused": b"no: " + body}
                assert (await client.answer()).body == expected.get(kind, _ordinary(len(body)))
            assert json.loads((await client.answer()).body)["ordinary"] == "POST /elsewhere"
            assert (await client.ask(request())).body == BODY
            client.close()

    run(work())


def test_an_offer_to_upgrade_is_ignored() -> None:
    async def work() -> None:
        async with shop(_echoing) as given:
            client = await given.connect()
            offer = b"Upgrade: h2c\r\nConnection: Upgrade\r\nHTTP2-Settings: AA\r\n"
            for _ in range(2):
                assert (await client.ask(request(headers=offer))).body == BODY
            client.close()

    run(work())


async def _echoing(up, reader, writer) -> None:
    while (body := await up.read(reader)) is not None:
        writer.write(whole(body))
        await writer.drain()


def test_a_thousand_pipelined_replies_do_not_nest() -> None:
    async def work() -> None:
        async with shop(answering()) as given:
            client = await given.connect()
            client.writer.write(request(b"refused") * 1500)
            for _ in range(1500):
                assert (await client.answer()).body == b"no: refused"
            client.close()

    run(work())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cuts=st.lists(st.integers(1, 900), max_size=12))
def test_requests_cut_anywhere_are_the_same_requests(cuts: list[int]) -> None:
    kinds = [b"pass", b"refused", b"pass again", b"ordinary"]
    wire = b"".join(request(b'"%b"' % kind) for kind in kinds)
    edges = [0, *sorted({cut for cut in cuts if cut < len(wire)}), len(wire)]

    async def work() -> None:
        async with shop(_echoing) as given:
            client = await given.connect()
            for a, b in itertools.pairwise(edges):
                client.writer.write(wire[a:b])
                await asyncio.sleep(0.002)
            assert [(await client.answer()).body for _ in range(4)] == [
                b'"pass"',
                b'no: "refused"',
                b'"pass again"',
                _ordinary(10),
            ]
            client.close()

    run(work())


def _ordinary(size: int) -> bytes:
    told = {"ordinary": "POST /v1/chat/completions", "body": size, "version": "1.1", "tried": None}
    return json.dumps(told).encode()


def test_a_request_byte_by_byte() -> None:
    async def work() -> None:
        async with shop(_echoing) as given:
            wire = request()
            answer = await given.ask(*(wire[at : at + 1] for at in range(len(wire))))
            assert answer.body == BODY

    run(work())


def test_a_large_body_passes() -> None:
    body = random.Random(1).randbytes(3 << 20)

    async def work() -> None:
        async with shop(_echoing) as given:
            answer = await given.ask(request(body))
            assert answer.body == body

    run(work())


@pytest.mark.parametrize(
    "wire",
    [
        request(path=b"/v1/embeddings"),
        request(path=b"/v1/chat/completions/"),
        request(path=b"/elsewhere"),
        request(method=b"PUT"),
        request(b"ordinary"),
        request(b""),
        request(b"x" * 5000),
        b"POST %b HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n" % CHAT
        + chunk(b"some")
        + LAST,
        b"POST %b HTTP/1.1\r\nhost: a\r\n\r\n" % CHAT,
        b"GET %b HTTP/1.1\r\nhost: a\r\n\r\n" % CHAT,
        b"POST %b HTTP/1.0\r\ncontent-length: 2\r\n\r\n{}" % CHAT,
    ],
)
def test_everything_else_takes_the_ordinary_path(wire: bytes) -> None:
    async def work() -> None:
        limits = Limits(body=4096, tick=0.02)
        async with shop(answering(whole(b"{}")), limits=limits) as given:
            for pieces in ([wire], [wire[at : at + 7] for at in range(0, len(wire), 7)]):
                answer = await given.ask(*pieces)
                assert json.loads(answer.body)["tried"] is None
            assert given.upstream.requests == []
            client = await given.connect()
            await client.ask(wire)
            if b"1.0" not in wire:
                assert (await client.ask(request())).body == b"{}"
            client.close()

    run(work())


def test_expect_continue_takes_the_ordinary_path_before_the_body() -> None:
    async def work() -> None:
        async with shop(answering(whole(b"{}"))) as given:
            client = await given.connect()
            head, _, body = request(headers=b"Expect: 100-continue\r\n").partition(b"\r\n\r\n")
            client.writer.write(head + b"\r\n\r\n")
            assert (await client.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
            assert json.loads((await client.ask(body)).body)["body"] == len(BODY)
            client.close()

    run(work())


def test_a_head_request_gets_no_body() -> None:
    async def work() -> None:
        async with shop(answering(whole(b"{}"))) as given:
            client = await given.connect()
            client.writer.write(b"HEAD %b HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n" % CHAT)
            data = await client.reader.read()
            assert data.startswith(b"HTTP/1.1 200") and data.endswith(b"\r\n\r\n")
            client.close()

    run(work())


@pytest.mark.parametrize(
    "wire",
    [
        b"garbage\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"POST %b HTTP/1.1\nhost: a\ncontent-length: 2\n\n{}" % CHAT,
        b"POST %b HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}" % CHAT,
        b"POST %b HTTP/1.1\r\nhost: a\r\ncontent-length: -2\r\n\r\n{}" % CHAT,
        b"POST %b HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}"
        % CHAT,
        b"POST %b HTTP/1.1\r\nho st: a\r\ncontent-length: 2\r\n\r\n{}" % CHAT,
        b"POST %b HTTP/1.1\r\nhost: a\r\n x: b\r\ncontent-length : 2\r\n\r\n{}" % CHAT,
        b"POST %b HTTP/9.9\r\ncontent-length: 2\r\n\r\n{}" % CHAT,
    ],
)
def test_what_is_not_http_is_refused_at_once(wire: bytes) -> None:
    async def work() -> None:
        async with shop(answering(whole(b"{}"))) as given:
            answer = await given.ask(wire)
            assert answer.status == 400
            assert given.door.seen == []

    run(work())


def test_a_refused_connection_is_kept_or_closed_as_the_client_asks() -> None:
    async def work() -> None:
        async with shop(answering(whole(b"{}"))) as given:
            for body in (b"refused", BODY):
                client = await given.connect()
                answer = await client.ask(request(body, headers=b"Connection: close\r\n"))
                assert answer.headers["connection"] == "close"
                assert await client.ended()
                client.close()
                await _kept(given, body)

    run(work())


async def _kept(given: Shop, body: bytes) -> None:
    client = await given.connect()
    for _ in range(2):
        assert "connection" not in (await client.ask(request(body))).headers
    client.close()


def test_requests_of_one_turn_share_a_commit() -> None:
    async def work() -> None:
        async with shop(answering(whole(b"{}"))) as given:
            clients = [await given.connect() for _ in range(8)]
            for client in clients:
                client.writer.write(request())
            for client in clients:
                assert (await client.answer()).body == b"{}"
                client.close()
            assert 1 <= given.door.commits < 8
            assert len(given.upstream.requests) == 8

    run(work())
