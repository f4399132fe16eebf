"""The lane between a client and an upstream of our own, all over loopback, in one event loop."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
import uvloop

from motet.models.http import Timeouts
from motet.server.lane.lane import Lane
from motet.server.lane.limits import Limits
from motet.server.lane.relay import Breakage, Headers, Relay, Reply

OWN = {b"connection", b"transfer-encoding", b"content-length", b"date"}
BODY = b'{"model":"small","messages":[{"role":"user","content":"Hello"}]}'
CHAT = b"/v1/chat/completions"


def request(
    body: bytes = BODY,
    *,
    path: bytes = CHAT,
    method: bytes = b"POST",
    version: bytes = b"HTTP/1.1",
    headers: bytes = b"",
) -> bytes:
    """Return a request's bytes."""
    return (
        b"%b %b %b\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        b"%bcontent-length: %d\r\n\r\n%b"
        % (
            method,
            path,
            version,
            headers,
            len(body),
            body,
        )
    )


def whole(body: bytes, status: bytes = b"200 OK", headers: bytes = b"") -> bytes:
    """Return an upstream's answer with a length."""
    return b"HTTP/1.1 %b\r\n%bcontent-length: %d\r\n\r\n%b" % (status, headers, len(body), body)


def chunk(data: bytes) -> bytes:
    """Return a chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
LAST = b"0\r\n\r\n"
EVENT = b'data: {"n": 1}\n\n'


class PassOn:
    """A relay that passes on: event streams as they come, all else collected."""

    def __init__(
        self, port: int, body: bytes, timeouts: Timeouts, last: bytes | None, *, tls: bool
    ) -> None:
        self.host = "127.0.0.1"
        self.port = port
        self.tls = tls
        self.timeouts = timeouts
        self.request = b"POST /chat HTTP/1.1\r\nhost: up\r\ncontent-length: %d\r\n\r\n%b" % (
            len(body),
            body,
        )
        self.events: list[str] = []
        self.failure: tuple[Breakage, str] | None = None
        self._last = last
        self._opening = b""

    def head(self, status: int, headers: Headers) -> bytes | None:
        self.events.append(f"head {status}")
        lines = b"".join(b"%b: %b\r\n" % each for each in headers if each[0] not in OWN)
        self._opening = b"HTTP/1.1 %d Passed\r\n%b" % (status, lines)
        streamed = dict(headers).get(b"content-type") == b"text/event-stream"
        return self._opening if streamed else None

    def answer(self, body: bytes) -> Reply | None:
        self.events.append("answer")
        return None if self._opening.startswith(b"HTTP/1.1 429") else Reply(self._opening, body)

    def feed(self, data: bytes) -> bytes:
        return data

    def end(self) -> bytes:
        self.events.append("end")
        return b""

    def broken(self, how: Breakage, detail: str) -> bytes | None:
        self.events.append(f"broken {how.value}")
        self.failure = how, detail
        return self._last

    def gone(self) -> None:
        self.events.append("gone")


@dataclass
class Upstream:
    """A server whose every connection runs a script; notes what it got and when it was left."""

    script: Callable[[Upstream, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    left: list[float] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self.script(self, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.note_left()
        finally:
            writer.close()

    def note_left(self) -> None:
        self.left.append(asyncio.get_running_loop().time())

    async def read(self, reader: asyncio.StreamReader) -> bytes | None:
        """Return the next request's body, None at the connection's end."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        self.requests.append(body)
        return body


def answering(*parts: bytes | float) -> Callable[..., Coroutine[Any, Any, None]]:
    """Script: answer every request with these bytes; a number waits so many seconds."""

    async def script(
        up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while await up.read(reader) is not None:
            for part in parts:
                if isinstance(part, bytes):
                    writer.write(part)
                    await writer.drain()
                else:
                    await asyncio.sleep(part)

    return script


def once(*parts: bytes) -> Callable[..., Coroutine[Any, Any, None]]:
    """Script: answer one request with these bytes and close."""

    async def script(
        up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await up.read(reader)
        for part in parts:
            writer.write(part)
            await writer.drain()

    return script


def silent_behind(*parts: bytes) -> Callable[..., Coroutine[Any, Any, None]]:
    """Script: send these bytes to one request, then wait to be left."""

    async def script(
        up: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await up.read(reader)
        for part in parts:
            writer.write(part)
            await writer.drain()
        await reader.read()
        up.note_left()

    return script


class Door:
    """Admits by the body: `ordinary` and `refused` in it say so; all else passes."""

    def __init__(self, port: int, timeouts: Timeouts, last: bytes | None, *, tls: bool) -> None:
        self.port = port
        self.tls = tls
        self.timeouts = timeouts
        self.last = last
        self.relays: list[PassOn] = []
        self.commits = 0
        self.failing = False
        self.seen: list[tuple[bytes, Headers, bytes, str]] = []

    def admit(
        self, path: bytes, headers: Headers, body: bytes, client: str
    ) -> Relay | Reply | None:
        self.seen.append((path, headers, body, client))
        if b"ordinary" in body:
            return None
        if b"refused" in body:
            return Reply(b"HTTP/1.1 403 Forbidden\r\n", b"no: " + body)
        if b"defect" in body:
            raise RuntimeError("the door does not open")
        relay = PassOn(self.port, body, self.timeouts, self.last, tls=self.tls)
        self.relays.append(relay)
        return relay

    def commit(self) -> None:
        self.commits += 1
        if self.failing:
            raise OSError("no space left")


@dataclass
class Shop:
    """What a test uses."""

    port: int
    door: Door
    lane: Lane
    server: uvicorn.Server
    upstream: Upstream

    async def connect(self) -> Connection:
        """Return a client's connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 26)
        return Connection(reader, writer)

    async def ask(self, *pieces: bytes) -> Answer:
        """Return the answer to a request on a connection of its own."""
        async with asyncio.timeout(10):
            client = await self.connect()
            try:
                return await client.ask(*pieces)
            finally:
                client.close()


@dataclass
class Answer:
    """One answer; `chunks` where it was chunked; `complete` unless the connection broke off."""

    status: int
    headers: dict[str, str]
    body: bytes
    chunks: list[bytes]
    complete: bool


class Connection:
    """A client's connection, raw."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def ask(self, *pieces: bytes) -> Answer:
        """Send the pieces one by one, and return the first answer."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            if len(pieces) > 1:
                await asyncio.sleep(0)
        return await self.answer()

    async def answer(self) -> Answer:
        """Return the next answer."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)}
        chunks: list[bytes] = []
        complete = True
        if headers.get("transfer-encoding") == "chunked":
            complete = await self._chunks(chunks)
            body = b"".join(chunks)
        else:
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(first.split()[1]), headers, body, chunks, complete)

    async def _chunks(self, into: list[bytes]) -> bool:
        while True:
            try:
                size = int(await self.reader.readuntil(b"\r\n"), 16)
                data = await self.reader.readexactly(size + 2)
            except (asyncio.IncompleteReadError, ConnectionError):
                return False
            if not size:
                return True
            into.append(data[:-2])

    async def ended(self) -> bool:
        """Whether the server closes, within two seconds and without another byte."""
        async with asyncio.timeout(2):
            try:
                return await self.reader.read() == b""
            except ConnectionError:
                return True

    def close(self) -> None:
        self.writer.close()

    def abort(self) -> None:
        self.writer.transport.abort()


def ordinary(lane: Callable[[], Lane]) -> Any:
    """The ordinary application: tells what it got, and what had been tried."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                if message["type"] == "lifespan.shutdown":
                    lane().close()
                await send({"type": message["type"] + ".complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        tried = scope["state"].get("relay")
        told = {
            "ordinary": scope["method"] + " " + scope["path"],
            "body": len(body),
            "version": scope["http_version"],
            "tried": tried.events if tried else None,
        }
        data = json.dumps(told).encode()
        length = str(len(data)).encode()
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-length", length)],
            }
        )
        await send({"type": "http.response.body", "body": data})

    return app


@asynccontextmanager
async def shop(
    script: Callable[..., Coroutine[Any, Any, None]],
    *,
    limits: Limits | None = None,
    timeouts: Timeouts | None = None,
    last: bytes | None = None,
    grace: int = 2,
    keep_alive: int = 60,
    port: int | None = None,
    tls: Callable[[], ssl.SSLContext] | None = None,
) -> AsyncIterator[Shop]:
    """Yield a lane whose upstream runs the script.

    `port` is another upstream's instead; with `tls`, the lane speaks TLS to it.
    """
    upstream = Upstream(script)
    listening = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    upstream.port = port or listening.sockets[0].getsockname()[1]
    door = Door(upstream.port, timeouts or Timeouts(), last, tls=tls is not None)
    context = tls or ssl.create_default_context
    lane = Lane(door, limits=limits or Limits(tick=0.02), tls=context)
    config = uvicorn.Config(
        ordinary(lambda: lane),
        http=lane.protocol(),
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=grace,
        timeout_keep_alive=keep_alive,
        server_header=False,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield Shop(listener.getsockname()[1], door, lane, server, upstream)
        finally:
            server.should_exit = True
            await task
            listening.close()


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a test on the loop that serves."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what is waited for is on the far side of a socket
            await asyncio.sleep(0.001)


class Full:
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
