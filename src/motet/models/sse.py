"""Server-sent events, parsed as the HTML standard says (section 9.2.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\r|\n")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LIMIT = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event; `type` is "message" where the server named none."""

    type: str
    data: str


class SSEParser:
    """Parses a stream of bytes that may be cut anywhere, inside a character or a line end too."""

    def __init__(self, limit: int = _LIMIT) -> None:
        """Start. `limit` bounds the bytes of one event."""
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0
        self._after_cr = False
        self._at_start = True
        self._type = ""
        self._data: list[str] = []

    def feed(self, piece: bytes) -> list[ServerSentEvent]:
        """Take more bytes; return the events they complete. Raises ValueError over the limit."""
        if not piece:
            return []
        if self._after_cr:
            piece = piece.removeprefix(b"\n")
        self._after_cr = piece.endswith(b"\r")
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > self._limit:
            raise ValueError(f"an event is larger than {self._limit} bytes")
        if _LINE_END.search(piece) is None:
            return []
        *lines, rest = _LINE_END.split(b"".join(self._pieces))
        self._pieces = [rest]
        return [event for line in lines if (event := self._line(line)) is not None]

    def close(self) -> list[ServerSentEvent]:
        """Return the event that the end of the stream left without its blank line, if any."""
        last = b"".join(self._pieces)
        self._pieces = []
        events = (self._line(last) if last else None, self._line(b""))
        return [event for event in events if event is not None]

    def _line(self, line: bytes) -> ServerSentEvent | None:
        if self._at_start:
            line = line.removeprefix(_BYTE_ORDER_MARK)
            self._at_start = False
        if not line:
            return self._dispatch()
        field, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._type = value
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        event = ServerSentEvent(self._type or "message", "\n".join(self._data))
        empty = not self._data
        self._type, self._data, self._size = "", [], 0
        return None if empty else event
