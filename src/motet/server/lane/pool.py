"""The upstream connections that wait to be used again."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from motet.models.http import addresses
from motet.server.lane.limits import Limits
from motet.server.lane.upstream import Place, Upstream


class Pool:
    """Spare connections by place, the one used last taken first."""

    def __init__(self, limits: Limits, tls: Callable[[], ssl.SSLContext]) -> None:
        self._limits = limits
        self._tls = tls
        self._context: ssl.SSLContext | None = None
        self._spare: dict[Place, list[Upstream]] = {}

    def take(self, place: Place) -> Upstream | None:
        """Return a spare connection to that place, if there is one."""
        spare = self._spare.get(place)
        while spare:
            upstream = spare.pop()
            if not upstream.transport.is_closing():
                return upstream
        return None

    def put(self, upstream: Upstream) -> None:
        """Keep a connection whose answer is complete."""
        self._spare.setdefault(upstream.place, []).append(upstream)

    async def connect(self, place: Place) -> Upstream:
        """Return a new connection. Raises `OSError`, or `UnicodeError` for an odd host."""
        first, *others = addresses(place[0])
        try:
            return await self._connect(place, first)
        except OSError:
            if not others:
                raise
        return await self._connect(place, others[0])

    async def _connect(self, place: Place, address: str) -> Upstream:
        host, port, tls = place
        loop = asyncio.get_running_loop()
        _, upstream = await loop.create_connection(
            lambda: Upstream(place, self._limits.head, self._drop, loop),
            address,
            port,
            ssl=self._tls_context() if tls else None,
            server_hostname=host if tls else None,
        )
        return upstream

    def expire(self, now: float) -> None:
        """Close what has been spare for too long."""
        for spare in self._spare.values():
            for upstream in [each for each in spare if now - each.rested > self._limits.spare]:
                spare.remove(upstream)
                upstream.abandon()

    def close(self) -> None:
        """Close all spare connections."""
        for spare in self._spare.values():
            for upstream in spare:
                upstream.abandon()
        self._spare.clear()

    def _drop(self, upstream: Upstream) -> None:
        spare = self._spare.get(upstream.place)
        if spare and upstream in spare:
            spare.remove(upstream)

    def _tls_context(self) -> ssl.SSLContext:
        # Loading the system's certificates takes tens of milliseconds.
        if self._context is None:
            self._context = self._tls()
        return self._context
