"""Answering from what was answered before, and keeping what is answered now."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from urllib.parse import quote

from motet.core.threads import THREADS
from motet.gateway.accounts import Accounts
from motet.gateway.answered import Answered, Body
from motet.gateway.asked import Asked, Header
from motet.gateway.attempt import Attempt
from motet.gateway.cache import AnswerCache, Kept, key_of
from motet.gateway.ends import Ends
from motet.gateway.guards.screening import heading
from motet.gateway.unasked import unasked
from motet.models.dialects.registry import DIALECTS


class Keeping:
    """The cache as requests meet it.

    A request's `Cache-Control: no-cache` asks for a new answer, `no-store` keeps none
    (RFC 9111, section 5.2.1).
    """

    def __init__(self, cache: AnswerCache, accounts: Accounts, ends: Ends) -> None:
        self._cache = cache
        self._accounts = accounts
        self._ends = ends

    def mark(self, asked: Asked, header: Header) -> None:
        """Note under which key a request's answer is kept, if at all."""
        control = header(b"cache-control") or b""
        asked.fresh = b"no-cache" in control
        if b"no-store" not in control:
            rules = asked.route.rules
            headers = (*asked.headers, ("guard", rules.label)) if rules else asked.headers
            asked.key = key_of(asked.tenant, asked.dialect, asked.body, headers)

    async def again(self, asked: Asked) -> Answered | None:
        """Return the answer that was given to an equal request, None where none is kept."""
        if asked.key is None or asked.fresh:
            return None
        kept = await THREADS.run(partial(self._cache.find, asked.key))
        if kept is None:
            return None
        writer = DIALECTS[asked.dialect].writer(
            asked.incoming, id=asked.id, created=int(asked.started)
        )
        body, kind = kept.written(writer, stream=asked.stream)
        entry = unasked(asked, "cached", 200, used=kept.model)
        self._accounts.record(entry)
        self._ends.tell(entry)
        headers = {
            "x-motet-request": asked.id,
            "x-motet-model": quote(kept.model, safe="/:@+ "),
            "x-motet-cache": "hit",
        }
        if asked.screening is not None and (guard := heading(asked.screening.request)):
            headers["x-motet-guard"] = guard
        return Answered(headers, kind, body)

    async def kept(self, made: Attempt, body: Body) -> Body:
        """Return a body that is kept, at once or when the last of its pieces has gone by."""
        key = made.asked.key
        if key is None:
            return body
        if not isinstance(body, bytes):
            return self._collected(key, made, body)
        await self._keep(key, made, body)
        return body

    async def _collected(
        self, key: bytes, made: Attempt, pieces: AsyncGenerator[bytes, None]
    ) -> AsyncGenerator[bytes, None]:
        said: list[bytes] = []
        async with aclosing(pieces):
            async for piece in pieces:
                said.append(piece)
                yield piece
        if made.answering.complete and made.answering.error is None:
            await self._keep(key, made, b"".join(said))

    async def _keep(self, key: bytes, made: Attempt, body: bytes) -> None:
        asked = made.asked
        if made.screen is not None and made.screen.side.stopped is not None:
            return
        kept = Kept(asked.dialect, asked.stream, made.model.name, body)
        await THREADS.run(partial(self._cache.keep, key, kept))

    def close(self) -> None:
        """Close the cache."""
        self._cache.close()
