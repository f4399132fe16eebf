"""How much may run at once: a number per model, tool or operator, fair between runs."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Limit:
    """At most `most` holders; who waits gets a turn run by run, within a run first come first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    async def acquire(self, run: str) -> None:
        """Take a place, waiting for one."""
        if self.held < self.most and not self._waiting:
            self.held += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(run, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release()
            else:
                self._drop(run, turn)
            raise

    def release(self) -> None:
        """Give a place back: to the run that has waited longest for a turn."""
        self.held -= 1
        while self._waiting and self.held < self.most:
            run, turns = next(iter(self._waiting.items()))
            turn = turns.popleft()
            if turns:
                self._waiting.move_to_end(run)
            else:
                del self._waiting[run]
            if not turn.done():
                self.held += 1
                turn.set_result(None)

    def _drop(self, run: str, turn: asyncio.Future[None]) -> None:
        turns = self._waiting.get(run)
        if turns is not None and turn in turns:
            turns.remove(turn)
            if not turns:
                del self._waiting[run]


class Limits:
    """The limits of one event loop, by key; made when first asked for."""

    def __init__(self) -> None:
        self._limits: dict[str, Limit] = {}

    @asynccontextmanager
    async def hold(self, key: str, most: int, run: str) -> AsyncIterator[None]:
        """Hold one of `most` places of a key."""
        limit = self._limits.get(key)
        if limit is None:
            limit = self._limits[key] = Limit(most)
        limit.most = most
        await limit.acquire(run)
        try:
            yield
        finally:
            limit.release()


_BY_LOOP: dict[int, tuple[asyncio.AbstractEventLoop, Limits]] = {}


def limits() -> Limits:
    """Return the limits of the running loop, shared by its runs."""
    loop = asyncio.get_running_loop()
    found = _BY_LOOP.get(id(loop))
    if found is None or found[0] is not loop:
        for key in [k for k, (each, _) in _BY_LOOP.items() if each.is_closed()]:
            del _BY_LOOP[key]
        found = _BY_LOOP[id(loop)] = (loop, Limits())
    return found[1]
