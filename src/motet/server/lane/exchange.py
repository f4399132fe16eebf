"""One request on its way through the lane: from the client's bytes to the answer's end."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Protocol

from motet.server.lane.relay import Breakage, Headers, Relay, Reply

if TYPE_CHECKING:
    from motet.server.lane.lane import Lane
    from motet.server.lane.upstream import Upstream

logger = logging.getLogger("motet.server")

BUG = Reply(
    b"HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\n",
    b'{"error":{"message":"the server failed; its log says why","type":"server_error",'
    b'"param":null,"code":"internal"}}',
)


class Client(Protocol):
    """What an exchange says to the client's connection."""

    def begin(self, head: bytes) -> bytes:
        """Return the complete head of a chunked answer."""

    def write(self, data: bytes) -> None:
        """Send bytes of the answer."""

    def finish(self) -> None:
        """Be ready for the next request: this one is answered."""

    def reply(self, reply: Reply) -> None:
        """Send a whole answer, and `finish`."""

    def fall_back(self, whole: bytes, relay: Relay) -> None:
        """Give the request to the ordinary application."""

    def cut(self) -> None:
        """Close the connection at once: the answer stays incomplete."""


class Exchange:
    """A relay between one client and one upstream.

    Its life ends with exactly one of: an answer, the ordinary path, a cut, a client that left.
    """

    __slots__ = (
        "_begun",
        "_client",
        "_collected",
        "_collecting",
        "_connecting",
        "_head",
        "_lane",
        "_place",
        "_relay",
        "_size",
        "_upstream",
        "_whole",
        "over",
    )

    def __init__(self, lane: Lane, client: Client, relay: Relay, whole: bytes) -> None:
        self._lane = lane
        self._client = client
        self._relay = relay
        self._whole = whole
        self._place = (relay.host, relay.port, relay.tls)
        self._upstream: Upstream | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._head: bytes | None = None
        self._collecting = False
        self._collected: list[bytes] = []
        self._size = 0
        self._begun = False
        self.over = False

    def start(self) -> None:
        """Ask the upstream, over a spare connection where there is one."""
        upstream = self._lane.pool.take(self._place)
        if upstream is not None:
            self._upstream = upstream
            upstream.ask(self, self._relay.request)
        else:
            self._connecting = self._lane.spawn(self._connect())

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(self._relay.timeouts.connect):
                upstream = await self._lane.pool.connect(self._place)
        except (OSError, UnicodeError) as error:
            self._connecting = None
            if not self.over:
                self._broken(Breakage.CONNECT, str(error) or "no connection in time")
            return
        self._connecting = None
        if self.over:
            upstream.abandon()
        elif upstream.closed:
            self._broken(Breakage.CONNECT, "it closed the connection")
        else:
            self._upstream = upstream
            upstream.ask(self, self._relay.request)

    # What the upstream's connection says.

    def head(self, status: int, headers: Headers) -> None:
        """Ask the relay whether to pass the answer on as it comes."""
        try:
            head = self._relay.head(status, headers)
        except Exception:
            self._bug()
            return
        self._head = head
        self._collecting = head is None

    def pieces(self, pieces: list[bytes], *, last: bool) -> None:
        """Pass on or collect pieces of the body."""
        if self._collecting:
            self._collect(pieces)
            return
        try:
            fed = [data for data in map(self._relay.feed, pieces) if data]
        except Exception:
            self._bug()
            return
        if last and not self._begun:
            # The whole answer came at once: it gets a length.
            self._collected = fed
        elif fed:
            self._client.write(self._beginning() + _chunks(fed))

    def _collect(self, pieces: list[bytes]) -> None:
        self._collected += pieces
        self._size += sum(map(len, pieces))
        if self._size > self._lane.limits.collected:
            self._abandon()
            self._broken(Breakage.TOO_LONG, f"{self._size} bytes of an answer and more")

    def _beginning(self) -> bytes:
        if self._begun:
            return b""
        assert self._head is not None
        self._begun = True
        self._whole = b""
        return self._client.begin(self._head)

    def spare(self, upstream: Upstream) -> None:
        """Give the connection back, before the answer's end lets the next request begin."""
        self._upstream = None
        self._lane.pool.put(upstream)

    def complete(self) -> None:
        """Send the answer's end, or the collected answer."""
        if self.over:
            return
        self._upstream = None
        body = b"".join(self._collected)
        reply: Reply | None = None
        last: bytes | None = b""
        try:
            if self._collecting:
                reply = self._relay.answer(body)
            else:
                last = self._relay.end()
        except Exception:
            self._bug()
            return
        if self._begun:
            self._close_stream(last or b"")
            return
        if self._head is not None and last is not None:
            reply = Reply(self._head, body + last)
        if reply is None:
            self._fall_back()
        else:
            self._leave()
            self._client.reply(reply)

    def lost(self, how: Breakage, detail: str) -> None:
        """Try a stale connection's request once more; anything else is a failure."""
        upstream, self._upstream = self._upstream, None
        if self.over:
            return
        if how is Breakage.CLOSED and upstream is not None and self._stale(upstream):
            self._connecting = self._lane.spawn(self._connect())
        else:
            self._broken(how, detail)

    def _stale(self, upstream: Upstream) -> bool:
        # The upstream closed a connection that it had kept, at the time we used it: it has
        # not read the request. One that was working on it for a while is not asked twice.
        waited = self._lane.now() - upstream.touched
        return upstream.used and not upstream.heard and waited < self._lane.limits.again

    # What the client's connection and the lane's clock say.

    def gone(self) -> None:
        """The client left: close the upstream."""
        if self.over:
            return
        self._leave()
        self._abandon()
        try:
            self._relay.gone()
        except Exception:
            logger.exception("a relay failed as its client left")

    def pause(self) -> None:
        """The client reads slower than the upstream sends."""
        if self._upstream is not None:
            self._upstream.pause()

    def resume(self) -> None:
        """The client has read what was sent."""
        if self._upstream is not None:
            self._upstream.resume()

    def check(self, now: float) -> None:
        """Give up on whoever has been silent for too long."""
        upstream = self._upstream
        if upstream is None:
            return
        waited = now - upstream.touched
        if upstream.paused:
            if waited > self._lane.limits.stalled:
                self.gone()
                self._client.cut()
            return
        timeouts = self._relay.timeouts
        if waited > (timeouts.idle if upstream.heard else timeouts.first_byte):
            what = "no more bytes" if upstream.heard else "no first byte"
            self._abandon()
            self._broken(Breakage.TIMEOUT, f"{what} in {waited:.1f} s")

    def fail(self) -> None:
        """Answer that the server failed; the upstream was not asked."""
        self.gone()
        self._client.reply(BUG)

    # Ends.

    def _close_stream(self, last: bytes) -> None:
        self._leave()
        self._client.write((_chunks([last]) if last else b"") + b"0\r\n\r\n")
        self._client.finish()

    def _broken(self, how: Breakage, detail: str) -> None:
        try:
            last = self._relay.broken(how, detail)
        except Exception:
            self._bug()
            return
        if not self._begun:
            self._fall_back()
        elif last is None:
            self._leave()
            self._client.cut()
        else:
            self._close_stream(last)

    def _bug(self) -> None:
        logger.exception("a relay failed")
        self._leave()
        self._abandon()
        if self._begun:
            self._client.cut()
        else:
            self._client.reply(BUG)

    def _fall_back(self) -> None:
        self._leave()
        self._client.fall_back(self._whole, self._relay)

    def _leave(self) -> None:
        self.over = True
        self._lane.exchanges.discard(self)

    def _abandon(self) -> None:
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            upstream.abandon()
        if self._connecting is not None:
            self._connecting.cancel()
            self._connecting = None


def _chunks(pieces: list[bytes]) -> bytes:
    if len(pieces) == 1:
        return b"%x\r\n%b\r\n" % (len(pieces[0]), pieces[0])
    return b"".join([b"%x\r\n%b\r\n" % (len(each), each) for each in pieces])
