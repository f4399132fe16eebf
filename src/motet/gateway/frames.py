"""Server-sent events cut out of a stream as they are, byte by byte the same."""

from __future__ import annotations

import re

_END = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)")
LIMIT = 32 * 1024 * 1024


class Frames:
    """Gives out whole events; what is not whole yet waits for the rest of it."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """Return the whole events that are there now, each with its empty line.

        Raises ValueError where one event is longer than 32 MiB.
        """
        rest = self._rest
        if not rest and data.endswith(b"\n\n"):
            return data
        data = rest + data
        cut = 0
        for found in _END.finditer(data, max(0, len(rest) - 4)):
            # A final CR may be the first half of a line end.
            if found.end() < len(data) or data[-1:] == b"\n":
                cut = found.end()
        self._rest = data[cut:]
        if len(self._rest) > LIMIT:
            raise ValueError(f"an event is longer than {LIMIT} bytes")
        return data[:cut]

    def rest(self) -> bytes:
        """Return what the end of the stream left of an event."""
        rest, self._rest = self._rest, b""
        return rest


def split(block: bytes) -> list[bytes]:
    """Return the events of a block, each with its empty line."""
    found, start = [], 0
    for end in _END.finditer(block):
        found.append(block[start : end.end()])
        start = end.end()
    if start < len(block):
        found.append(block[start:])
    return found


def data_of(event: bytes) -> bytes:
    """Return the data of an event: its data lines joined by line ends."""
    lines = [line[5:].removeprefix(b" ") for line in event.splitlines() if line[:5] == b"data:"]
    return b"\n".join(lines)
