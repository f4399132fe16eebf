"""A chat model made of several: the first that answers, answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from motet.core.chat import (
    ChatEvent,
    ChatModel,
    ChatRequest,
    ChatResponse,
    Finished,
    ToolCallDelta,
    Usage,
)
from motet.core.errors import ProviderError
from motet.models.assembly import Assembly
from motet.models.resilience.calls import Valid, outcome
from motet.models.resilience.first import first
from motet.models.resilience.health import Health
from motet.models.resilience.policy import Policy
from motet.models.resilience.primed import Primed
from motet.models.resilience.tries import Tried, Won


class Opened:
    """An answer whose first event has come; from here on nobody else answers."""

    def __init__(
        self,
        won: Won[ChatModel, Primed],
        request: ChatRequest,
        health: Health,
        valid: Valid | None,
    ) -> None:
        self.used = won.candidate.name
        self.tries = won.tries
        self._first = won.first
        self._primed = won.value
        self._calls = Assembly()
        self._request = request
        self._health = health
        self._valid = valid

    async def events(self) -> AsyncGenerator[ChatEvent, None]:
        """Stream the answer, its first event included. Raises `ProviderError` if it breaks off."""
        try:
            async with aclosing(self._primed.events()) as events:
                async for event in events:
                    yield self._ended(event) if isinstance(event, Finished) else self._grown(event)
        except ProviderError as error:
            self._health.failed(self.used, error)
            raise

    async def aclose(self) -> None:
        """Hang up."""
        await self._primed.aclose()

    def _grown(self, event: ChatEvent) -> ChatEvent:
        if isinstance(event, ToolCallDelta):
            self._calls.feed(event)
        return event

    def _ended(self, end: Finished) -> Finished:
        """Tell health how it went; name who answered even where the provider did not."""
        self._health.succeeded(self.used, self._first, self._primed.seconds, _output(end.usage))
        calls = self._calls.feed(end)
        for call in calls.tool_calls if calls else ():
            self._health.called(self.used, outcome(call, self._request.tools, self._valid))
        return end if end.model else replace(end, model=self.used)


class ResilientChat:
    """A `ChatModel` of several, in the order in which they are preferred.

    Until the first event of an answer another may take over; never after it. `used` names
    who answered last; where requests run side by side, `open` says it for each. `valid` checks
    the arguments of tool calls against their schema, for the health of who wrote them.
    """

    def __init__(
        self,
        models: Sequence[ChatModel],
        *,
        name: str | None = None,
        policy: Policy | None = None,
        health: Health | None = None,
        tell: Callable[[Tried], None] | None = None,
        fits: Callable[[ChatModel, Tried], str | None] | None = None,
        valid: Valid | None = None,
    ) -> None:
        """Take at least one model; it goes by the first one's name where none is given."""
        self.name = name or models[0].name
        self.used: str | None = None
        self.health = health or Health()
        self._models = tuple(models)
        self._policy = policy or Policy()
        self._tell = tell
        self._fits = fits
        self._valid = valid

    async def open(self, request: ChatRequest) -> Opened:
        """Return an answer from its first event on; it must be closed. Raises as `first` does."""

        async def attempt(model: ChatModel, number: int) -> Primed:
            return await Primed.open(model.stream(request), model.name)

        won = await first(
            self._models,
            attempt,
            policy=self._policy,
            health=self.health,
            tell=self._tell,
            fits=self._fits,
        )
        self.used = won.candidate.name
        return Opened(won, request, self.health, self._valid)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """Stream the answer of the first that gives one; closing the generator hangs up.

        Raises `ProviderError`: before the first event once all have failed, after it when the
        one that answers breaks off.
        """
        opened = await self.open(request)
        async with aclosing(opened), aclosing(opened.events()) as events:
            async for event in events:
                yield event

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """Return the whole answer of the first that gives one. Raises `ProviderError`."""

        async def attempt(model: ChatModel, number: int) -> _Whole:
            return _Whole(await model.complete(request))

        won = await first(
            self._models,
            attempt,
            policy=self._policy,
            health=self.health,
            tell=self._tell,
            fits=self._fits,
            whole=True,
        )
        self.used = won.candidate.name
        answer = won.value.answer
        self.health.succeeded(self.used, won.first, won.first, _output(answer.usage))
        for call in answer.tool_calls:
            self.health.called(self.used, outcome(call, request.tools, self._valid))
        return answer if answer.model else replace(answer, model=self.used)


class _Whole:
    """An answer that has ended; there is nothing to close."""

    def __init__(self, answer: ChatResponse) -> None:
        self.answer = answer

    async def aclose(self) -> None:
        return


def _output(usage: Usage | None) -> int:
    return usage.output_tokens if usage else 0
