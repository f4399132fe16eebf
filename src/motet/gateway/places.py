"""How many requests a model takes at a time; who comes later waits in line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from motet.gateway.served import ServedModel


class Places:
    """The places of all models, for one event loop."""

    def __init__(self) -> None:
        self._free: dict[str, asyncio.Semaphore] = {}

    @asynccontextmanager
    async def place(self, model: ServedModel) -> AsyncGenerator[None, None]:
        """Wait for a place and hold it; a model without a limit has one for everybody."""
        limit = model.target.concurrency if model.target is not None else 1
        if limit is None:
            yield
            return
        if model.name not in self._free:
            self._free[model.name] = asyncio.Semaphore(limit)
        async with self._free[model.name]:
            yield
