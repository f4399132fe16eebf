"""The client's side of HTTP: one chat request cut out of the bytes as they come."""

from __future__ import annotations

from enum import Enum

import httptools

from motet.server.lane.relay import Headers

PATHS = frozenset({b"/v1/chat/completions", b"/v1/responses", b"/v1/messages"})
_START = b"POST /v1/"


class Reading(Enum):
    """How far a request is."""

    PARTIAL = "partial"
    COMPLETE = "complete"
    FOREIGN = "foreign"
    """Not for the lane, or not in a form that it reads: the ordinary server decides."""
    TOO_LONG = "too_long"
    """The head exceeds its limit."""


class Inbound:
    """One connection's requests, one at a time.

    `feed` until it is not `PARTIAL`, read the attributes, then `reset` for the next request;
    `forget` instead, if this one was not `COMPLETE`.

    The lane takes HTTP/1.1 POST requests with a Content-Length. Whatever else HTTP allows
    (chunked bodies, Expect, HTTP/1.0) is `FOREIGN` as soon as that is seen. An offer to
    upgrade is declined by ignoring it.
    """

    __slots__ = (
        "_body_at",
        "_data",
        "_fed",
        "_limits",
        "_need",
        "_odd",
        "_parser",
        "body",
        "headers",
        "keep_alive",
        "path",
        "rest",
        "whole",
    )

    path: bytes
    """As sent, query included."""
    headers: Headers
    body: bytes
    whole: bytes
    """The request's bytes as they came; all that came, when it is `FOREIGN`."""
    rest: bytes
    """What came behind the request."""
    keep_alive: bool

    def __init__(self, head_limit: int, body_limit: int) -> None:
        self._limits = head_limit, body_limit
        self.forget()

    def forget(self) -> None:
        """Begin anew, at the start of a request."""
        # Parser and reader refer to each other: one pair a request would keep the garbage
        # collector busy, so the pair lasts as long as nothing odd happens.
        self._parser: httptools.HttpRequestParser | None = httptools.HttpRequestParser(self)
        self._data: bytes | bytearray = b""
        self.reset()

    def reset(self) -> None:
        """Let go of a complete request."""
        self._fed = self._need = self._body_at = 0
        self._odd = False
        self.headers = []
        self.body = self.whole = self.rest = b""

    @property
    def begun(self) -> bool:
        """Whether part of a request is here."""
        return bool(self._data)

    def feed(self, data: bytes) -> Reading:
        """Take the connection's next bytes."""
        if not self._data:
            self._data = data
        else:
            if isinstance(self._data, bytes):
                self._data = bytearray(self._data)
            self._data += data
        if not self._need:
            reading = self._feed_head()
            if reading is not None:
                return reading
        if len(self._data) < self._need:
            return Reading.PARTIAL
        return self._cut()

    def _feed_head(self) -> Reading | None:
        data, fed = self._data, self._fed
        if not data.startswith(_START) and not _START.startswith(data[: len(_START)]):
            return self._foreign()
        at = data.find(b"\r\n\r\n", max(0, fed - 3))
        self._fed = end = len(data) if at < 0 else at + 4
        assert self._parser is not None
        try:
            self._parser.feed_data(data[fed:end])
        except httptools.HttpParserUpgrade:
            # The parser stops behind the head; the body is framed by its length alone.
            self._odd = self._odd or at < 0
        except httptools.HttpParserError:
            return self._foreign()
        if end > self._limits[0]:
            return Reading.TOO_LONG
        if at < 0:
            return self._foreign() if self._odd else Reading.PARTIAL
        if self._odd or not self._suits(data):
            return self._foreign()
        self._body_at = end
        self._need += end
        return None

    def _suits(self, data: bytes | bytearray) -> bool:
        """Whether the lane reads this request; the parser has found its head in order."""
        parser = self._parser
        assert parser is not None
        line = bytes(data[: data.index(b"\r\n")]).split(b" ")
        named = dict(self.headers)
        length = named.get(b"content-length", b"")
        if (
            len(line) != 3
            or line[1].partition(b"?")[0] not in PATHS
            or line[2] != b"HTTP/1.1"
            or b"transfer-encoding" in named
            or b"expect" in named
            or not length.isdigit()
        ):
            return False
        self.path = line[1]
        self.keep_alive = parser.should_keep_alive()
        if b"upgrade" in named:
            self._parser = None
        self._need = int(length)
        return 0 < self._need <= self._limits[1]

    def _foreign(self) -> Reading:
        self.whole = bytes(self._data)
        return Reading.FOREIGN

    def _cut(self) -> Reading:
        data, need = self._data, self._need
        if len(data) == need:
            self.whole = bytes(data)
        else:
            with memoryview(data) as view:
                self.whole, self.rest = bytes(view[:need]), bytes(view[need:])
        self._data = b""
        if self._parser is None:
            self.body = self.whole[self._body_at :]
            self._parser = httptools.HttpRequestParser(self)
            return Reading.COMPLETE
        try:
            self._parser.feed_data(memoryview(self.whole)[self._body_at :])
        except httptools.HttpParserError:
            self._odd = True
        if self._odd or len(self.body) != need - self._body_at:
            self.whole += self.rest
            return Reading.FOREIGN
        return Reading.COMPLETE

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header line."""
        self.headers.append((name.lower(), value.rstrip()))

    def on_body(self, body: bytes) -> None:
        """Take the body; one that comes with the head means that the parser sees a shorter one."""
        self.body = body
        self._odd = self._odd or not self._body_at
