"""An answer on its way from a provider: opened up to its first byte, then passed on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from dataclasses import replace

from motet.core.chat import ChatModel
from motet.core.errors import ProviderError
from motet.gateway.attempt import Attempt, Status
from motet.gateway.passthrough import Passthrough
from motet.gateway.rendering import Rendering
from motet.gateway.translation import Translation
from motet.models.failures import status_failure
from motet.models.http import Answer, never_reached, post
from motet.models.resilience.health import Health

Settle = Callable[[Attempt, Status, int | None, str], None]
"""Books the end of an attempt: its status, the HTTP status if any, and the error's text."""


class Opened:
    """An answer whose first bytes are there. It is settled exactly once, however it ends."""

    def __init__(
        self,
        attempt: Attempt,
        pieces: AsyncGenerator[bytes, None],
        settle: Settle,
        health: Health,
        http: int | None,
    ) -> None:
        """`pieces` gives the client's bytes; closing it hangs up."""
        self.attempt = attempt
        self.said = b""
        self.over = False
        self._pieces = pieces
        self._settle = settle
        self._health = health
        self._http = http
        self._settled = False

    async def open(self) -> None:
        """Wait for the first bytes; of an answer that is not streamed, for all of it.

        Raises `ProviderError`.
        """
        try:
            async for piece in self._pieces:
                self.attempt.heard()
                self.said += piece
                if self.attempt.asked.stream and self.said:
                    if self.attempt.answering.error is not None:
                        break
                    return
            self._check()
        except ProviderError as error:
            await self._end("failed", error.message)
            raise
        except BaseException:
            await self._end("aborted", "given up")
            raise
        self.over = True
        await self._end("done")

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the client's bytes from the first one on; a failure is told in-band."""
        try:
            yield self.said
            async for piece in self._pieces:
                yield piece
            self._check()
        except ProviderError as error:
            self._health.failed(self.attempt.model.name, error)
            await self._end("failed", error.message)
            yield self.attempt.answering.broken(error.message)
            return
        except BaseException:
            self._health.abandoned(self.attempt.model.name)
            await self._end("aborted", "the client left")
            raise
        await self._end("done")

    async def aclose(self) -> None:
        """Hang up."""
        await self._end("aborted", "another answer came first")

    def _check(self) -> None:
        if (lack := self.attempt.lack()) is not None:
            raise lack

    async def _end(self, status: Status, error: str = "") -> None:
        if self._settled:
            return
        self._settled = True
        self._settle(self.attempt, status, self._http, error)
        await self._pieces.aclose()


async def open_answer(
    attempt: Attempt, settle: Settle, health: Health, held: AsyncExitStack
) -> Opened:
    """Send an attempt's request and wait for the first bytes of its answer.

    The attempt is settled whatever happens, and what is `held` is let go when its answer
    has ended. Raises `ProviderError`.
    """
    if attempt.model.chat is not None:
        opened = Opened(attempt, _inside(attempt, attempt.model.chat, held), settle, health, None)
        await opened.open()
        return opened
    async with held as stack:
        try:
            answer = await stack.enter_async_context(_post(attempt))
            attempt.sent = True
            if not 200 <= answer.status < 300:
                raise await _refusal(attempt, answer)
        except ProviderError as error:
            attempt.sent = attempt.sent or not never_reached(error)
            settle(attempt, "failed", error.status, error.message)
            raise
        except BaseException:
            attempt.sent = True
            settle(attempt, "aborted", None, "given up")
            raise
        opened = Opened(
            attempt, _over_http(attempt, answer, stack.pop_all()), settle, health, answer.status
        )
    await opened.open()
    return opened


def _post(attempt: Attempt) -> AbstractAsyncContextManager[Answer]:
    target = attempt.target
    url = target.base_url + attempt.path
    headers = dict(attempt.headers)
    return post(url, attempt.body, headers, where=target.name, timeouts=target.timeouts)


async def _refusal(attempt: Attempt, answer: Answer) -> ProviderError:
    target, body = attempt.target, await answer.body()
    return status_failure(
        answer.status, answer.headers, body, where=target.name, key=target.secret()
    )


async def _over_http(
    attempt: Attempt, answer: Answer, stack: AsyncExitStack
) -> AsyncGenerator[bytes, None]:
    """Yield the client's bytes for an HTTP answer; leaving closes the connection."""
    async with stack:
        answering = attempt.answering
        assert isinstance(answering, Passthrough | Translation)
        if attempt.asked.stream and answer.in_one_piece:
            yield attempt.rewritten().whole(await answer.body())
            return
        try:
            while piece := await answer.read():
                yield answering.feed(piece)
        except ProviderError:
            # Once the end is here, nothing of the answer can be lost.
            if not answering.complete:
                raise
        except ValueError as error:
            raise ProviderError(str(error), where=attempt.target.name) from error
        yield answering.end()


async def _inside(
    attempt: Attempt, chat: ChatModel, stack: AsyncExitStack
) -> AsyncGenerator[bytes, None]:
    """Yield the client's bytes for the events of a model of this process."""
    answering = attempt.answering
    assert isinstance(answering, Rendering)
    attempt.sent = True
    request = attempt.asked.incoming.request
    if attempt.output_bound is not None:
        request = replace(request, max_tokens=attempt.output_bound)
    async with stack:
        events = await stack.enter_async_context(aclosing(chat.stream(request)))
        async for event in events:
            yield answering.write([event])
