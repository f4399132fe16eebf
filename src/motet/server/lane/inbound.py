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
    """One request: `feed` until it is not `PARTIAL`, then read the attributes.

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

    def __init__(self, head_limit: int, body_limit: int) -> None:
        self._limits = head_limit, body_limit
        self._parser = httptools.HttpRequestParser(self)
        self._data: bytes | bytearray = b""
        self._fed = 0
        self._need = 0
        self._body_at = 0
        self._odd = False
        self.path = b""
        """As sent, query included."""
        self.headers: Headers = []
        self.keep_alive = True
        self.body = b""
        self.whole = b""
        """The request's bytes as they came; all that came, when it is `FOREIGN`."""
        self.rest = b""
        """What came behind the request."""

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
        self._cut()
        return Reading.COMPLETE

    def _feed_head(self) -> Reading | None:
        data = self._data
        if not data.startswith(_START) and not _START.startswith(data[: len(_START)]):
            return self._foreign()
        at = data.find(b"\r\n\r\n", max(0, self._fed - 3))
        end = len(data) if at < 0 else at + 4
        try:
            self._parser.feed_data(data[self._fed : end])
        except httptools.HttpParserUpgrade:
            # The parser stops behind the head; the body is framed by its length alone.
            self._odd = self._odd or at < 0
        except httptools.HttpParserError:
            return self._foreign()
        self._fed = end
        if end > self._limits[0]:
            return Reading.TOO_LONG
        if at < 0:
            return self._foreign() if self._odd else Reading.PARTIAL
        if self._odd or not self._need:
            return self._foreign()
        self._body_at = end
        self._need += end
        return None

    def _foreign(self) -> Reading:
        self.whole = bytes(self._data)
        return Reading.FOREIGN

    def _cut(self) -> None:
        data, need = self._data, self._need
        if len(data) == need:
            self.whole = bytes(data)
        else:
            view = memoryview(data)
            self.whole, self.rest = bytes(view[:need]), bytes(view[need:])
            view.release()
        self.body = self.whole[self._body_at :]
        self._data = b""

    # What the parser calls.

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target."""
        self.path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header line."""
        self.headers.append((name.lower(), value.rstrip()))

    def on_headers_complete(self) -> None:
        """Decide whether the lane reads this request."""
        parser = self._parser
        named = dict(self.headers)
        length = named.get(b"content-length", b"")
        self.keep_alive = parser.should_keep_alive()
        if (
            parser.get_method() != b"POST"
            or self.path.partition(b"?")[0] not in PATHS
            or parser.get_http_version() != "1.1"
            or b"transfer-encoding" in named
            or b"expect" in named
            or not length.isdigit()
            or not 0 < int(length) <= self._limits[1]
        ):
            self._odd = True
            return
        self._need = int(length)

    def on_body(self, body: bytes) -> None:
        """Notice that the parser sees a head shorter than ours."""
        self._odd = True
