"""The upstream's side of HTTP: one connection, one answer at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import httptools

from motet.server.lane.relay import Breakage, Headers

if TYPE_CHECKING:
    from motet.server.lane.exchange import Exchange

Place = tuple[str, int, bool]
"""Host, port, and whether TLS is spoken there."""


class Upstream(asyncio.Protocol):
    """A connection that sends requests and tells the exchange that has it what comes back.

    After the answer's end it is the pool's again, if the answer allows. `rested` is when it
    came there, `touched` when bytes last came.
    """

    def __init__(
        self,
        place: Place,
        head_limit: int,
        left: Callable[[Upstream], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.place = place
        self.touched = 0.0
        self.rested = 0.0
        self.used = False
        """Whether an earlier exchange has had it."""
        self.closed = False
        self.heard = False
        """Whether anything has come since the request was sent."""
        self.paused = False
        self._left = left
        self._loop = loop
        self._head_limit = head_limit
        self._head_size = 0
        self._exchange: Exchange | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._forget()

    def _forget(self) -> None:
        self._status = 0
        self._headers: Headers = []
        self._pieces: list[bytes] = []
        self._headed = self._told = self._complete = self._until_close = False
        self._reusable = False
        self.heard = False

    def ask(self, exchange: Exchange, request: bytes) -> None:
        """Send the request; the exchange hears about the answer."""
        self._exchange = exchange
        self._head_size = 0
        self.touched = self._loop.time()
        self.transport.write(request)

    def abandon(self) -> None:
        """Close at once: nobody waits for what comes."""
        self._exchange = None
        self.transport.abort()

    def pause(self) -> None:
        """Read no more until `resume`."""
        if not self.paused and not self.transport.is_closing():
            self.paused = True
            self.touched = self._loop.time()
            self.transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self.paused and not self.transport.is_closing():
            self.paused = False
            self.touched = self._loop.time()
            self.transport.resume_reading()

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Parse, then tell the exchange; bytes that nobody asked for end the connection."""
        exchange = self._exchange
        if exchange is None:
            self.transport.abort()
            return
        self.heard = True
        self.touched = self._loop.time()
        trouble = ""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            trouble = f"not HTTP: {error}"
        if not self._headed:
            self._head_size += len(data)
            if self._head_size > self._head_limit:
                trouble = f"a head longer than {self._head_limit} bytes"
        self._tell(exchange, trouble)

    def eof_received(self) -> bool:
        """Close; `connection_lost` tells what it means."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the exchange, for which this is an end of its answer or a failure."""
        self.closed = True
        exchange, self._exchange = self._exchange, None
        if exchange is None:
            self._left(self)
        elif self._headed and self._until_close and exc is None:
            exchange.complete()
        else:
            detail = str(exc) if exc else "it closed the connection"
            exchange.lost(Breakage.CLOSED, detail)

    def _tell(self, exchange: Exchange, trouble: str) -> None:
        if self._headed and not self._told:
            self._told = True
            exchange.head(self._status, self._headers)
        if self._pieces and self._exchange is exchange:
            pieces, self._pieces = self._pieces, []
            exchange.pieces(pieces, last=self._complete)
        if self._exchange is not exchange:
            return
        if self._complete:
            self._part(exchange, reusable=self._reusable and not trouble)
        elif trouble:
            self.abandon()
            exchange.lost(Breakage.GARBAGE, trouble)

    def _part(self, exchange: Exchange, *, reusable: bool) -> None:
        self._exchange = None
        # An answer that came before the request was sent in full leaves bytes behind.
        sent = self.transport.get_write_buffer_size() == 0
        if reusable and sent and not self.transport.is_closing():
            self.used = True
            self._forget()
            self.resume()
            self.rested = self.touched
            exchange.spare(self)
        else:
            self.transport.abort()
        exchange.complete()

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Notice an answer behind the answer."""
        if self._complete:
            self._reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header line, or a trailer, which is dropped."""
        if not self._headed:
            self._headers.append((name.lower(), value.rstrip()))

    def on_headers_complete(self) -> None:
        """Take the status; an interim answer (1xx) is dropped."""
        status = self._parser.get_status_code()
        if self._complete:
            return
        if status < 200:
            self._headers = []
            return
        self._status = status
        self._headed = True
        self._reusable = self._parser.should_keep_alive()
        named = dict(self._headers)
        self._until_close = not (b"content-length" in named or b"transfer-encoding" in named)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        if not self._complete:
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        """Note the answer's end."""
        if self._headed:
            self._complete = True
