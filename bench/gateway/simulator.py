"""A simulated provider: OpenAI chat completions, whole and streamed, at little cost.

The model's name says how it behaves, in parts behind `sim`, any of them left out:

    sim-e200-r50     a streamed answer of 200 events, 50 a second (the first at once)
    sim-w20          waits 20 ms before its first byte
    sim-429 sim-500  answers with that error
    sim-hang         takes the request and says nothing
    sim-die7         closes the connection behind event 7 (or in the middle of a whole answer)

Every answer reports usage of 21 input tokens, and as many output tokens as it has events (whole
answers 7). `GET /stats` counts what was asked and sent; `POST /reset` sets it to nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import socket
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import cast

import httptools
import uvloop

INPUT_TOKENS = 21
WORDS = 7
_MODEL = re.compile(rb'"model"\s*:\s*"(?:[a-z]+/)?(sim[a-z0-9-]*)"')
_STREAM = re.compile(rb'"stream"\s*:\s*true')
_TAIL = b'],"usage":{"prompt_tokens":21,"completion_tokens":%d,"total_tokens":%d}}'


@dataclass(frozen=True)
class Manner:
    """How a model behaves, as its name says; times in seconds."""

    events: int = WORDS
    rate: float = 0.0
    wait: float = 0.0
    status: int = 200
    hang: bool = False
    die: int | None = None


@dataclass
class Stats:
    """What was asked and sent; tokens count when they are sent."""

    connections: int = 0
    requests: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    completed: int = 0
    failed: int = 0
    aborted: int = 0
    events: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    by_model: dict[str, int] = field(default_factory=dict)


@lru_cache(1024)
def manner(model: str) -> Manner:
    """Read a model's name."""
    found: dict[str, float] = dict.fromkeys(("e", "r", "w", "die"), -1.0)
    status, hang = 200, False
    for part in model.split("-")[1:]:
        if part == "hang":
            hang = True
        elif part.isdigit():
            status = int(part)
        else:
            name = part.rstrip("0123456789.")
            if name in found:
                found[name] = float(part[len(name) :])
    return Manner(
        events=int(found["e"]) if found["e"] >= 0 else WORDS,
        rate=max(found["r"], 0.0),
        wait=max(found["w"], 0.0) / 1000,
        status=status,
        hang=hang,
        die=int(found["die"]) if found["die"] >= 0 else None,
    )


@lru_cache(1024)
def whole(model: str) -> bytes:
    """Return a whole answer, head and body."""
    body = (
        b'{"id":"chatcmpl-simulated","object":"chat.completion","created":1700000000,"model":"'
        + model.encode()
        + b'","choices":[{"index":0,"message":{"role":"assistant","content":'
        + b'"One two three four five six seven."},"logprobs":null,"finish_reason":"stop"}'
        + _TAIL % (WORDS, INPUT_TOKENS + WORDS)
    )
    return _head(b"200 OK", len(body)) + body


@lru_cache(16)
def failure(status: int) -> bytes:
    """Return an error answer, head and body."""
    body = b'{"error":{"message":"simulated","type":"simulated","param":null,"code":null}}'
    extra = b"retry-after: 1\r\n" if status == 429 else b""
    return _head(b"%d Simulated" % status, len(body), extra) + body


def _head(status: bytes, length: int, extra: bytes = b"") -> bytes:
    return (
        b"HTTP/1.1 %b\r\ncontent-type: application/json\r\nx-request-id: simulated\r\n"
        b"%bcontent-length: %d\r\n\r\n" % (status, extra, length)
    )


STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"cache-control: no-cache\r\nx-request-id: simulated\r\ntransfer-encoding: chunked\r\n\r\n"
)


def _chunk(model: str, rest: bytes) -> bytes:
    data = (
        b'data: {"id":"chatcmpl-simulated","object":"chat.completion.chunk",'
        b'"created":1700000000,"model":"' + model.encode() + b'","choices":[' + rest + b"\n\n"
    )
    return b"%x\r\n%b\r\n" % (len(data), data)


@lru_cache(1024)
def event(model: str) -> bytes:
    """Return the chunk of one event."""
    return _chunk(model, b'{"index":0,"delta":{"content":"word "},"finish_reason":null}]}')


@lru_cache(1024)
def last(model: str, events: int) -> bytes:
    """Return the chunks that end a stream: finish, usage, done."""
    done = b"data: [DONE]\n\n"
    return (
        _chunk(model, b'{"index":0,"delta":{},"finish_reason":"stop"}]}')
        + _chunk(model, _TAIL % (events, INPUT_TOKENS + events))
        + b"%x\r\n%b\r\n0\r\n\r\n" % (len(done), done)
    )


class Answering(asyncio.Protocol):
    """One client's connection; requests one after the other."""

    def __init__(self, stats: Stats) -> None:
        self.stats = stats
        self.parser = httptools.HttpRequestParser(self)
        self.loop = asyncio.get_running_loop()
        self.timer: asyncio.TimerHandle | None = None
        self.busy = False
        self.body = b""
        self.url = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection."""
        self.transport = cast(asyncio.Transport, transport)
        self.stats.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """Count an answer that its client did not wait for."""
        if self.timer is not None:
            self.timer.cancel()
        if self.busy:
            self.stats.aborted += 1

    def data_received(self, data: bytes) -> None:
        """Parse."""
        self.stats.bytes_in += len(data)
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        """Begin a request."""
        self.url, self.body = url, b""

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self.body += body

    def on_message_complete(self) -> None:
        """Answer."""
        if self.url == b"/stats":
            body = json.dumps(asdict(self.stats)).encode()
            self.transport.write(_head(b"200 OK", len(body)) + body)
        elif self.url == b"/reset":
            for name, value in asdict(Stats()).items():
                setattr(self.stats, name, value)
            self.transport.write(_head(b"200 OK", 0))
        elif self.url.endswith(b"/chat/completions"):
            self._complete()
        else:
            body = b'{"object":"list","data":[{"id":"sim","object":"model"}]}'
            self.transport.write(_head(b"200 OK", len(body)) + body)

    def _complete(self) -> None:
        found = _MODEL.search(self.body)
        self.model = found[1].decode() if found else "sim"
        self.manner = manner(self.model)
        self.stats.requests += 1
        self.stats.by_model[self.model] = self.stats.by_model.get(self.model, 0) + 1
        self.busy = True
        if self.manner.hang:
            return
        answer = self._stream if _STREAM.search(self.body) else self._whole
        if self.manner.wait:
            self.timer = self.loop.call_later(self.manner.wait, answer)
        else:
            answer()

    def _send(self, data: bytes) -> None:
        self.stats.bytes_out += len(data)
        self.transport.write(data)

    def _whole(self) -> None:
        self.busy = False
        if self.manner.status != 200:
            self.stats.failed += 1
            self._send(failure(self.manner.status))
        elif self.manner.die is not None:
            self.stats.failed += 1
            self._send(whole(self.model)[:-20])
            self.transport.close()
        else:
            self._count(WORDS)
            self._send(whole(self.model))

    def _stream(self) -> None:
        if self.manner.status != 200:
            self._whole()
            return
        self.sent = 0
        self.began = self.loop.time()
        self._send(STREAM_HEAD)
        self._events()

    def _events(self) -> None:
        count, rate, die = self.manner.events, self.manner.rate, self.manner.die
        one = event(self.model)
        until = count if die is None else min(count, die)
        while self.sent < until:
            self.sent += 1
            self.stats.events += 1
            self._send(one)
            due = self.began + self.sent / rate if rate else 0.0
            if due > self.loop.time():
                self.timer = self.loop.call_at(due, self._events)
                return
        self.busy = False
        if die is not None:
            self.stats.failed += 1
            self.transport.close()
            return
        self._count(count)
        self._send(last(self.model, count))

    def _count(self, tokens: int) -> None:
        self.stats.completed += 1
        self.stats.input_tokens += INPUT_TOKENS
        self.stats.output_tokens += tokens


async def serve(listener: socket.socket) -> None:
    """Answer until told to stop."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    stats = Stats()
    server = await loop.create_server(lambda: Answering(stats), sock=listener, backlog=1024)
    print(listener.getsockname()[1], flush=True)
    await stop.wait()
    server.close()


def main() -> None:
    """Listen on loopback and print the port."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    port = parser.parse_args().port
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        uvloop.run(serve(listener))


if __name__ == "__main__":
    main()
