"""Many streams at a time, each event of theirs noted; the load and the measuring client."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

import httptools
import uvloop


@dataclass
class Seen:
    """What the streams of a run showed; times in seconds."""

    streams: int = 0
    complete: int = 0
    events: int = 0
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


class Streaming(asyncio.Protocol):
    """A connection that asks for one stream after the other."""

    def __init__(self, request: bytes, count: int, abort_behind: int | None, seen: Seen) -> None:
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self.loop.create_future()
        self._request = request
        self._left = count
        self._abort_behind = abort_behind
        self._seen = seen
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first stream."""
        self.transport = cast(asyncio.Transport, transport)
        self._ask()

    def _ask(self) -> None:
        self._events = 0
        self._tail = b""
        self._text = b""
        self._seen.streams += 1
        self._since = perf_counter()
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Parse."""
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        """Count events; leave behind so many, where told to."""
        if not self._events:
            self._seen.first.append(perf_counter() - self._since)
        count = body.count(b"data: {")
        self._events += count
        self._seen.events += count
        self._tail = (self._tail + body)[-40:]
        if self._parser.get_status_code() != 200:
            self._text += body
        if self._abort_behind is not None and self._events >= self._abort_behind:
            self.transport.abort()

    def on_message_complete(self) -> None:
        """Note the stream's end and ask for the next."""
        seen = self._seen
        if self._parser.get_status_code() == 200 and b"data: [DONE]" in self._tail:
            seen.complete += 1
            seen.whole.append(perf_counter() - self._since)
        else:
            seen.failures.append((self._text or self._tail).decode("utf-8", "replace")[:300])
        self._left -= 1
        if self._left:
            self._ask()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note a connection that ended before its streams did."""
        if self._left and self._abort_behind is None:
            self._seen.failures.append(f"the connection ended: {exc}")
        if not self.done.done():
            self.done.set_result(None)


def request(body: bytes, headers: str) -> bytes:
    """Return the request's bytes; `headers` are lines."""
    lines = "".join(f"{line}\r\n" for line in headers.splitlines() if line)
    return (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: application/json\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def run(
    port: int,
    wire: bytes,
    *,
    streams: int,
    rounds: int,
    aborted: int = 0,
    abort_behind: int = 5,
    spread: float = 1.0,
) -> Seen:
    """Run so many streams at a time, `rounds` one after the other on each connection.

    They begin over `spread` seconds, so that they do not tick together. The first `aborted`
    of them leave behind a few events.
    """
    seen = Seen()
    loop = asyncio.get_running_loop()

    async def one(number: int) -> None:
        await asyncio.sleep(spread * number / streams)
        leaving = abort_behind if number < aborted else None
        _, protocol = await loop.create_connection(
            lambda: Streaming(wire, rounds, leaving, seen), "127.0.0.1", port
        )
        await protocol.done

    found = await asyncio.gather(*map(one, range(streams)), return_exceptions=True)
    seen.failures += [repr(each) for each in found if each is not None]
    return seen


def main() -> None:
    """Run from the command line; print what was seen as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("body", help="the request's JSON")
    parser.add_argument("--headers", default="")
    parser.add_argument("--streams", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--aborted", type=int, default=0)
    given = parser.parse_args()
    wire = request(given.body.encode(), given.headers)
    seen = uvloop.run(
        run(
            given.port,
            wire,
            streams=given.streams,
            rounds=given.rounds,
            aborted=given.aborted,
        )
    )
    print(json.dumps(vars(seen)))


if __name__ == "__main__":
    main()
