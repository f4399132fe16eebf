"""A stream whose first event was waited for before anything was promised."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from motet.core.chat import ChatEvent
from motet.core.errors import ProviderError


class Primed:
    """A stream with its first event at hand."""

    def __init__(
        self, rest: AsyncGenerator[ChatEvent, None], head: ChatEvent, began: float
    ) -> None:
        self._rest = rest
        self._head = head
        self._began = began

    @classmethod
    async def open(cls, stream: AsyncGenerator[ChatEvent, None], name: str) -> Primed:
        """Wait for the first event; the stream is closed where none comes."""
        began = asyncio.get_running_loop().time()
        try:
            return cls(stream, await anext(stream), began)
        except BaseException as error:
            await stream.aclose()
            if isinstance(error, StopAsyncIteration):
                message = "the stream ended before it began"
                raise ProviderError(message, where=name, hint="try again") from None
            raise

    @property
    def seconds(self) -> float:
        """Seconds since it was asked for."""
        return asyncio.get_running_loop().time() - self._began

    async def events(self) -> AsyncGenerator[ChatEvent, None]:
        """Stream all events, the first one too."""
        yield self._head
        async for event in self._rest:
            yield event

    async def aclose(self) -> None:
        """Close the stream, and with it the connection."""
        await self._rest.aclose()
