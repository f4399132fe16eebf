"""Chat models as runs call them: what each call uses is reserved before and booked after."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace

from motet.core.chat import (
    ChatEvent,
    ChatModel,
    ChatRequest,
    ChatResponse,
    Finished,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from motet.core.clock import now, tick
from motet.core.errors import BudgetSpent, ProviderError
from motet.core.ids import new_id
from motet.core.json import JSON, dumps
from motet.core.money import dollars
from motet.core.running import CALLER
from motet.gateway import bounds
from motet.gateway.accounts import Accounts, Ask, Hold, Refusal
from motet.gateway.booking import counted, most, priced
from motet.gateway.ledger.entry import Entry, Status
from motet.gateway.served import ServedModel
from motet.gateway.tenancy import TENANT
from motet.models.http import may_be_charged
from motet.runtime.node import Node

ENDPOINT = "run"
OUTPUT = 4096
"""Tokens of output that are set aside where neither request nor catalogue bounds them."""


@dataclass(slots=True)
class _Call:
    """One call under way."""

    hold: Hold
    id: str
    started: float
    began: float
    input: int
    most: int
    written: int = 0
    first: float | None = None
    over: bool = False

    def heard(self, size: int) -> None:
        self.written += size
        if self.first is None:
            self.first = tick() - self.began


class MeteredChat:
    """A `ChatModel` whose calls are in the ledger, with the run and the node they belong to.

    The usage it reports carries its price, so that runs and ledger never differ. Where the
    run's tenant has a budget that does not suffice, `BudgetSpent` is raised and nothing asked.
    """

    def __init__(
        self, model: ServedModel, chat: ChatModel, accounts: Callable[[], Accounts], system: str
    ) -> None:
        """`accounts` opens them when the first call is made."""
        self.name = model.name
        self._model = model
        self._chat = chat
        self._accounts = accounts
        self._system = system

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """Stream the answer; closing the generator hangs up. Raises `ProviderError`."""
        request, call = await self._begin(request)
        try:
            async with aclosing(self._chat.stream(request)) as events:
                async for event in events:
                    if isinstance(event, Finished):
                        yield replace(event, usage=self._done(call, event.usage, event))
                        return
                    call.heard(_size(event))
                    yield event
        except ProviderError as error:
            self._failed(call, error)
            raise
        except BaseException:
            self._book(call, "aborted", self._estimate(call), "given up", estimated=True)
            raise

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """Return the whole answer. Raises `ProviderError`."""
        request, call = await self._begin(request)
        try:
            answer = await self._chat.complete(request)
        except ProviderError as error:
            self._failed(call, error)
            raise
        except BaseException:
            self._book(call, "aborted", self._estimate(call), "given up", estimated=True)
            raise
        call.heard(len(answer.text))
        return replace(answer, usage=self._done(call, answer.usage, answer))

    async def _begin(self, request: ChatRequest) -> tuple[ChatRequest, _Call]:
        tenant, model = TENANT.get(), self._model
        written = request.max_tokens
        if written is None:
            written = min(model.max_output or OUTPUT, OUTPUT)
            if tenant.limited:
                request = replace(request, max_tokens=written)
            else:
                written = model.max_output or OUTPUT
        given = bounds.request_bound(request)
        id, run = new_id("req"), _node()
        ask = Ask(
            id=id,
            attempt=1,
            model=model.name,
            provider=model.provider,
            endpoint=ENDPOINT,
            bound=most(model, _asking(request), given, written),
            tokens=given + written,
            started=now(),
            system=self._system,
            run=run.run if run is not None else "",
        )
        found = await self._accounts().areserve(tenant, ask)
        if isinstance(found, Refusal):
            raise BudgetSpent(found.message, where=model.name)
        return request, _Call(found, id, ask.started, tick(), given, written)

    def _done(self, call: _Call, usage: Usage | None, end: Finished | ChatResponse) -> Usage | None:
        """Book a whole answer; return its usage with its price."""
        if usage is None:
            self._book(call, "done", self._estimate(call), "", estimated=True, end=end)
            return None
        self._book(call, "done", usage, "", end=end)
        cost = priced(self._model.pricing, usage, self._model.provider)
        return usage if cost is None else replace(usage, cost_usd=dollars(cost))

    def _failed(self, call: _Call, error: ProviderError) -> None:
        if may_be_charged(error):
            self._book(call, "failed", self._estimate(call), error.message, estimated=True)
        else:
            self._book(call, "failed", Usage(), error.message, http=error.status or 0)

    def _estimate(self, call: _Call) -> Usage:
        written = min(bounds.written(call.written), call.most)
        return Usage(bounds.given(call.input), written)

    def _book(
        self,
        call: _Call,
        status: Status,
        usage: Usage,
        error: str,
        *,
        estimated: bool = False,
        http: int = 0,
        end: Finished | ChatResponse | None = None,
    ) -> None:
        if call.over:  # whoever had the last event need not ask for more
            return
        call.over = True
        tenant, model, node = TENANT.get(), self._model, _node()
        entry = Entry(
            id=call.id,
            attempt=1,
            started=call.started,
            status=status,
            seconds=tick() - call.began,
            first=call.first,
            tenant=tenant.id,
            team=tenant.team,
            system=self._system,
            run=node.run if node is not None else "",
            node=node.id if node is not None else "",
            endpoint=ENDPOINT,
            provider=model.provider,
            model=model.name,
            used=(end.model if end is not None else None) or model.model,
            upstream_id=(end.id if end is not None else None) or "",
            http=http,
            cost=priced(model.pricing, usage, model.provider),
            estimated=estimated,
            error=error,
            story=dumps({"served": dict(usage.served)}) if usage.served else "",
        )
        self._accounts().settle(call.hold, counted(entry, usage))


def _asking(request: ChatRequest) -> Mapping[str, JSON]:
    """Return what of a request bears on its price: its fields beside the canonical, its tools."""
    return {**request.extra, "tools": [each.value for each in request.native_tools]}


def _node() -> Node | None:
    caller = CALLER.get()
    return caller if isinstance(caller, Node) else None


def _size(event: ChatEvent) -> int:
    if isinstance(event, TextDelta | ReasoningDelta):
        return len(event.text.encode())
    return len(event.arguments.encode()) if isinstance(event, ToolCallDelta) else 0
