"""An answer on its way through, whatever it is of."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Self

from motet.core.errors import ProviderError
from motet.gateway.calls import Call, Calls
from motet.gateway.jobs import Passing
from motet.models.http import Answer
from motet.models.modalities.exchange import Spent
from motet.models.resilience.health import Health


# No generator: closing one that was never begun would do nothing, and leave its call open.
class Flow:
    """Gives the client's bytes; closing it hangs up. It is booked once, however it ends."""

    def __init__(
        self,
        call: Call,
        name: str,
        passing: Passing,
        answer: Answer,
        held: AsyncExitStack,
        calls: Calls,
        health: Health,
    ) -> None:
        """Start; `held` is let go at the end. `name` is the model's in errors."""
        self._call = call
        self._name = name
        self._passing = passing
        self._answer = answer
        self._held = held
        self._calls = calls
        self._health = health
        self._ready = b""
        self._more = True
        self._over = False

    @property
    def content_type(self) -> str:
        """The content type for the client."""
        return self._passing.content_type

    async def open(self) -> None:
        """Wait for the first bytes. Raises `ProviderError`."""
        try:
            self._ready = await self._read()
        except (ProviderError, ValueError) as error:
            raise await self._broken(error) from error
        except BaseException:
            await self.aclose()
            raise

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """Return the next bytes. Raises `ProviderError` for what cannot be told in-band."""
        if self._ready:
            ready, self._ready = self._ready, b""
            return ready
        if self._over:
            raise StopAsyncIteration
        try:
            said = await self._read()
        except (ProviderError, ValueError) as error:
            failure = await self._broken(error)
            self._health.failed(self._name, failure)
            said = self._passing.broken(failure.message)
            if not said:
                raise failure from error
        except BaseException:
            self._health.abandoned(self._name)
            await self.aclose()
            raise
        if not said:
            raise StopAsyncIteration
        return said

    async def aclose(self) -> None:
        """Hang up."""
        if self._over:
            return
        self._over = True
        if self._passing.complete and self._call.stream:
            self._calls.done(self._call, self._passing.spent or Spent())
        else:
            self._calls.aborted(self._call, self._passing.spent)
        await self._held.aclose()

    async def _read(self) -> bytes:
        """Return the next bytes for the client, none at the end, which is booked."""
        passing = self._passing
        while self._more:
            if passing.error is not None:
                raise passing.error
            piece = await self._answer.read()
            self._call.heard()
            self._more = bool(piece)
            if said := passing.feed(piece):
                return said
        if passing.error is not None:
            raise passing.error
        if not passing.complete:
            text = "the answer ended before it was finished"
            raise ProviderError(text, where=self._name, hint="try again")
        self._over = True
        entry = self._calls.done(self._call, passing.spent or Spent())
        self._health.succeeded(self._name, entry.first or 0.0, entry.seconds, entry.output_tokens)
        await self._held.aclose()
        return b""

    async def _broken(self, error: ProviderError | ValueError) -> ProviderError:
        """Book what broke off."""
        self._over = True
        failure = error
        if not isinstance(failure, ProviderError):
            failure = ProviderError(str(error), where=self._name, hint="try again")
        self._calls.failed(self._call, failure, self._passing.spent)
        await self._held.aclose()
        return failure
