"""The lane of one server process: its connections, its clock, its relays under way."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from motet.server.lane.exchange import Exchange
from motet.server.lane.limits import Limits
from motet.server.lane.pool import Pool
from motet.server.lane.relay import Admitting

if TYPE_CHECKING:
    from motet.server.lane.protocol import LaneProtocol

logger = logging.getLogger("motet.server")


class Lane:
    """What the connections of one process share.

    `protocol()` is for `uvicorn.Config(http=...)`; `close` belongs in the application's
    lifespan, behind whatever still wants to answer.
    """

    def __init__(
        self,
        admitting: Admitting,
        *,
        limits: Limits | None = None,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self.admitting = admitting
        self.limits = limits or Limits()
        self.pool = Pool(self.limits, tls)
        self.exchanges: set[Exchange] = set()
        self.clients: set[LaneProtocol] = set()
        self._waiting: list[Exchange] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None

    def protocol(self) -> type[LaneProtocol]:
        """Return the protocol class whose connections share this lane."""
        from motet.server.lane.protocol import LaneProtocol

        return type("LaneProtocol", (LaneProtocol,), {"lane": self})

    def join(self, client: LaneProtocol, loop: asyncio.AbstractEventLoop) -> None:
        """Watch a client's connection; the first one starts the clock."""
        self.clients.add(client)
        if self._timer is None:
            self._loop = loop
            self._timer = loop.call_later(self.limits.tick, self._tick)

    def now(self) -> float:
        """Return the event loop's time."""
        assert self._loop is not None
        return self._loop.time()

    def enqueue(self, exchange: Exchange) -> None:
        """Start the exchange at the end of this turn of the loop, after one commit for all."""
        self.exchanges.add(exchange)
        if not self._waiting:
            assert self._loop is not None
            self._loop.call_soon(self._start)
        self._waiting.append(exchange)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a coroutine and hold on to its task."""
        assert self._loop is not None
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def close(self) -> None:
        """End what is under way as if the clients had left, and close all upstreams."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for exchange in tuple(self.exchanges):
            exchange.gone()
        for client in tuple(self.clients):
            client.cut()
        self.pool.close()

    def _start(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            self.admitting.commit()
        except Exception:
            logger.exception("requests could not be recorded; they were not sent")
            for exchange in waiting:
                if not exchange.over:
                    exchange.fail()
            return
        for exchange in waiting:
            if not exchange.over:
                exchange.start()

    def _tick(self) -> None:
        assert self._loop is not None
        now = self._loop.time()
        for exchange in tuple(self.exchanges):
            exchange.check(now)
        for client in tuple(self.clients):
            client.check(now)
        self.pool.expire(now)
        self._timer = self._loop.call_later(self.limits.tick, self._tick)
