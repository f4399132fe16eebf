"""Google's other form of a stream: one JSON list, whose items come one after another.

It is what `streamGenerateContent` answers without `alt=sse`
(https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Self

from motet.gateway.frames import Frames, data_of, split
from motet.server.streamed import Pieces

CONTENT_TYPE = "application/json; charset=utf-8"


class Listed:
    """The events of a stream as items of a list; closing it closes the stream."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._events: AsyncIterator[bytes] = aiter(pieces)
        self._frames = Frames()
        self._begun = False
        self._over = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """Return more of the list; nothing where no item is whole yet."""
        if self._over:
            raise StopAsyncIteration
        try:
            return self._items(self._frames.feed(await anext(self._events)))
        except StopAsyncIteration:
            self._over = True
            last = self._items(self._frames.rest())
            return last + (b"\n]" if self._begun else b"[]")

    async def aclose(self) -> None:
        """Hang up."""
        await self._pieces.aclose()

    def _items(self, block: bytes) -> bytes:
        found = b""
        for data in map(data_of, split(block)):
            if data:
                found += (b",\r\n" if self._begun else b"[") + data
                self._begun = True
        return found


def listed(body: bytes) -> bytes:
    """Return a whole stream as a list."""
    items = [data for each in split(body) if (data := data_of(each))]
    return b"[" + b",\r\n".join(items) + b"\n]"
