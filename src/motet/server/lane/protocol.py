"""A client's connection: the lane's requests here, all others in uvicorn's own protocol."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, ClassVar

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from motet.server.lane.exchange import BUG, Exchange
from motet.server.lane.inbound import Inbound, Reading
from motet.server.lane.lane import Lane
from motet.server.lane.relay import Relay, Reply

logger = logging.getLogger("motet.server")

_TOO_LONG = Reply(
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json\r\n",
    b'{"error":{"message":"the request\'s headers are too long","type":"invalid_request_error",'
    b'"param":null,"code":"headers_too_long"}}',
)
_TOO_SLOW = Reply(
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json\r\n",
    b'{"error":{"message":"the request did not come in time","type":"invalid_request_error",'
    b'"param":null,"code":"request_timeout"}}',
)


class LaneProtocol(HttpToolsProtocol):
    """One connection, whose requests are answered one after the other.

    It is in one of three states: an exchange is under way (what comes is held back), the
    ordinary server has the connection, or a request is being read.
    """

    lane: ClassVar[Lane]
    _standing: ClassVar[tuple[list[tuple[bytes, bytes]], bytes]] = ([], b"")

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._exchange: Exchange | None = None
        self._inbound = Inbound(self.lane.limits.head, self.lane.limits.body)
        self._held = b""
        self._ordinary = False
        self._message_open = False
        self._head_open = False
        self._head_size = 0
        self._tried: Relay | None = None
        self._advancing = False
        self._last = False
        self._stopping = False
        self._touched = 0.0
        self._answered = False
        self._peer = ""

    # The transport.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Join the lane."""
        super().connection_made(transport)
        self._peer = self.client[0] if self.client else ""
        self._touched = self.loop.time()
        self.lane.join(self, self.loop)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the exchange under way that its client left."""
        self.lane.clients.discard(self)
        exchange, self._exchange = self._exchange, None
        self._held = b""
        super().connection_lost(exc)
        if exchange is not None:
            exchange.gone()

    def data_received(self, data: bytes) -> None:
        """Take the connection's next bytes."""
        if self._exchange is not None:
            self._hold(data)
        elif self._ordinary and not self._at_rest():
            self._feed_ordinary(data)
        else:
            self._touched = self.loop.time()
            self._held = self._held + data if self._held else data
            self._advance()

    def pause_writing(self) -> None:
        """Stop the upstream: the client reads too slowly."""
        super().pause_writing()
        if self._exchange is not None:
            self._exchange.pause()

    def resume_writing(self) -> None:
        """Let the upstream go on."""
        super().resume_writing()
        if self._exchange is not None:
            self._exchange.resume()
        elif self._held:
            self._advance()

    def shutdown(self) -> None:
        """Close as soon as the request under way is answered."""
        self._stopping = True
        if self._exchange is not None:
            self._last = True
        elif self._ordinary and not self._at_rest():
            super().shutdown()
        else:
            self.transport.close()

    def handle_websocket_upgrade(self) -> None:
        """Leave the lane: the connection gets another protocol."""
        super().handle_websocket_upgrade()
        self.lane.clients.discard(self)

    def check(self, now: float) -> None:
        """Close a connection that has been idle for too long; the lane's clock calls it."""
        if self._exchange is not None or self._ordinary or self.transport.is_closing():
            return
        waited, limits = now - self._touched, self.lane.limits
        if self.flow.write_paused:
            if waited > limits.stalled:
                self.transport.abort()
        elif self._inbound.begun:
            if waited > limits.request:
                self._refuse(_TOO_SLOW)
        elif waited > (self.timeout_keep_alive if self._answered else limits.request):
            self.transport.close()

    # What the exchange says (see `exchange.Client`).

    def begin(self, head: bytes) -> bytes:
        """Return the complete head of a chunked answer."""
        return b"%b%btransfer-encoding: chunked\r\n\r\n" % (head, self._own_headers())

    def write(self, data: bytes) -> None:
        """Send bytes of the answer."""
        self.transport.write(data)

    def reply(self, reply: Reply) -> None:
        """Send a whole answer, and be ready for the next request."""
        body = reply.body
        self.transport.write(
            b"%b%bcontent-length: %d\r\n\r\n%b" % (reply.head, self._own_headers(), len(body), body)
        )
        self.finish()

    def finish(self) -> None:
        """Be ready for the next request, or close."""
        self._exchange = None
        self._answered = True
        self._touched = self.loop.time()
        self.server_state.total_requests += 1
        if self._last:
            self.transport.close()
            return
        self.flow.resume_reading()
        if self._held:
            self._advance()

    def fall_back(self, whole: bytes, relay: Relay) -> None:
        """Give the request to the ordinary application, with what has been tried."""
        self._exchange = None
        self._hand_over(whole, relay)

    def cut(self) -> None:
        """Close without the answer's end; what was sent before still arrives."""
        self._exchange = None
        if self.flow.write_paused:
            self.transport.abort()
        else:
            self.transport.close()

    # One request after the other.

    def _hold(self, data: bytes) -> None:
        self._held += data
        if len(self._held) > self.lane.limits.ahead:
            self.flow.pause_reading()

    def _advance(self) -> None:
        # Not by recursion: a client may send a thousand small requests at once.
        if self._advancing:
            return
        self._advancing = True
        try:
            while self._may_read():
                self._read()
        finally:
            self._advancing = False

    def _may_read(self) -> bool:
        return (
            bool(self._held)
            and self._exchange is None
            and (not self._ordinary or self._at_rest())
            and not self.flow.write_paused
            and not self.transport.is_closing()
        )

    def _read(self) -> None:
        if self._ordinary:
            self._ordinary = False
            self._unset_keepalive_if_required()
        inbound = self._inbound
        data, self._held = self._held, b""
        reading = inbound.feed(data)
        if reading is Reading.COMPLETE:
            self._held = inbound.rest
            self._admit(inbound)
            inbound.reset()
        elif reading is Reading.FOREIGN:
            whole = inbound.whole
            inbound.forget()
            self._hand_over(whole, None)
        elif reading is Reading.TOO_LONG:
            self._refuse(_TOO_LONG)

    def _admit(self, inbound: Inbound) -> None:
        self._last = self._stopping or not inbound.keep_alive
        lane = self.lane
        try:
            verdict = lane.admitting.admit(inbound.path, inbound.headers, inbound.body, self._peer)
        except Exception:
            logger.exception("a request could not be admitted")
            verdict = BUG
        if verdict is None:
            self._hand_over(inbound.whole, None)
        elif isinstance(verdict, Reply):
            self.reply(verdict)
        else:
            self._exchange = Exchange(lane, self, verdict, inbound.whole)
            lane.enqueue(self._exchange)

    def _refuse(self, reply: Reply) -> None:
        self._last = True
        self.reply(reply)

    def _own_headers(self) -> bytes:
        given = self.server_state.default_headers
        if self._standing[0] is not given:
            # uvicorn makes a new list each second, with the date.
            joined = b"".join(b"%b: %b\r\n" % each for each in given)
            type(self)._standing = given, joined
        return self._standing[1] + b"connection: close\r\n" if self._last else self._standing[1]

    # The ordinary server.

    def _at_rest(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered and not self._message_open and not self.pipeline

    def _hand_over(self, data: bytes, tried: Relay | None) -> None:
        self._ordinary = True
        self._last = False
        self._tried = tried
        held, self._held = self._held, b""
        self.flow.resume_reading()
        self._feed_ordinary(data + held if held else data)
        if self._stopping:
            super().shutdown()

    def _feed_ordinary(self, data: bytes) -> None:
        super().data_received(data)
        if not self._head_open:
            self._head_size = 0
            return
        self._head_size += len(data)
        if self._head_size > self.lane.limits.head:
            if self.cycle is None or self.cycle.response_complete:
                self._refuse(_TOO_LONG)
            else:
                self.transport.close()

    def on_message_begin(self) -> None:
        """Note that the ordinary server reads a request, and tell it what has been tried."""
        super().on_message_begin()
        self._message_open = self._head_open = True
        if self._tried is not None:
            self.scope["state"]["relay"] = self._tried
            self._tried = None

    def on_headers_complete(self) -> None:
        """Note that the head is read."""
        self._head_open = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that the request is read."""
        self._message_open = False
        super().on_message_complete()
