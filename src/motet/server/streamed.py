"""A response whose pieces come as they come, and that ends at once when its client leaves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from motet.core.errors import ProviderError

_logger = logging.getLogger("motet.server")


class Pieces(Protocol):
    """What is sent, piece by piece; closing it says that nobody listens any more."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None: ...


class Streamed(Response):
    """Sends pieces, which are closed as soon as nobody listens any more.

    Pieces that raise `ProviderError` cut the answer off: its client sees that it has no end.
    Starlette's own streaming response notices a client that left only when it sends.
    """

    def __init__(
        self,
        pieces: Pieces,
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(headers=headers, media_type=media_type)
        del self.headers["content-length"]
        self.pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything, or stop."""
        send_all = asyncio.ensure_future(self._send(send))
        watch = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({send_all, watch}, return_when=asyncio.FIRST_COMPLETED)
            if send_all.done():
                send_all.result()
        except ProviderError as error:
            # What was sent says nothing of it, and ASGI ends an answer only as a whole one:
            # the server closes the connection of an application that returns before.
            _logger.warning("an answer broke off: %s", error)
        finally:
            watch.cancel()
            send_all.cancel()
            await asyncio.wait({send_all, watch})

    async def _send(self, send: Send) -> None:
        async with aclosing(self.pieces) as pieces:
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            async for piece in pieces:
                if piece:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
