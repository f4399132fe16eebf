"""What models do beside chat, in the same ledger: embeddings, reranking, speech, pictures."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from motet.core.chat import Usage
from motet.core.clock import now, tick
from motet.core.errors import ProviderError
from motet.core.ids import new_id
from motet.core.json import dumps
from motet.core.money import pico
from motet.core.version import __version__
from motet.gateway.accounts import Accounts, Ask, Entry, Hold, Refusal, Tenant
from motet.gateway.booking import counted
from motet.gateway.denial import Denial
from motet.gateway.ledger.entry import Status
from motet.gateway.recent import Recent
from motet.gateway.served import Served, ServedModel
from motet.gateway.upstream import never_reached
from motet.models.dialects.registry import DIALECTS
from motet.models.failures import status_failure
from motet.models.http import Answer, post
from motet.models.modalities.apis import Api, api_of, key_headers
from motet.models.modalities.exchange import Sent, Spent
from motet.models.resilience.first import first
from motet.models.resilience.health import Health
from motet.models.resilience.policy import Policy
from motet.models.target import Target

A = TypeVar("A")
NOTHING = Usage()


@dataclass(frozen=True, slots=True)
class Received:
    """A provider's whole answer."""

    body: bytes
    content_type: str
    api: Api
    where: str
    key: str


@dataclass(frozen=True, slots=True)
class Job(Generic[A]):
    """One request, ready for any provider.

    `most` is what it can use at most. `write` gives it for a model and an API and may raise
    `UsageError`; `read` reads the whole answer and may raise `ProviderError`; `spent` tells
    what an answer used. `user` is the client's own name for whom it asks.
    """

    endpoint: str
    model: str
    most: Spent
    write: Callable[[str, Api, str], Sent]
    read: Callable[[Received], A]
    spent: Callable[[A], Spent]
    user: str = ""


class Passing(Protocol):
    """Reads an answer while it passes on."""

    @property
    def spent(self) -> Spent | None:
        """What it used, as far as it told."""

    def feed(self, piece: bytes) -> bytes:
        """Take bytes as they come, none at the end; return the client's.

        Raises `ProviderError`, ValueError.
        """


@dataclass(frozen=True, slots=True)
class StreamJob:
    """A request whose answer is passed on as it comes; otherwise as `Job`.

    `passing` gives the reader of an answer: for whom, and with which key.
    """

    endpoint: str
    model: str
    most: Spent
    write: Callable[[str, Api, str], Sent]
    passing: Callable[[str, str], Passing]
    user: str = ""


class Flow:
    """An answer that is passing; closing its pieces hangs up."""

    def __init__(self, content_type: str, pieces: AsyncGenerator[bytes, None]) -> None:
        self.content_type = content_type
        self.pieces = pieces

    async def aclose(self) -> None:
        """Hang up."""
        await self.pieces.aclose()


@dataclass(frozen=True, slots=True)
class Delivered(Generic[A]):
    """An answer, who gave it, and the request's id."""

    answer: A
    model: ServedModel
    id: str

    async def aclose(self) -> None:
        """Hang up, where the answer still passes."""
        if isinstance(self.answer, Flow):
            await self.answer.aclose()


@dataclass(slots=True)
class _Call:
    id: str
    tenant: Tenant
    model: ServedModel
    number: int
    hold: Hold
    began: float
    started: float
    sent: Sent
    api: Api
    key: str


class Services:
    """Carries jobs out: asks, waits, falls back; every call is in the ledger."""

    def __init__(
        self, served: Served, accounts: Accounts, health: Health, policy: Policy, recent: Recent
    ) -> None:
        self._served = served
        self._accounts = accounts
        self._health = health
        self._policy = policy
        self._recent = recent

    def serves(self, name: str) -> bool:
        """Whether a model goes by that name."""
        return name in self._served.models

    async def run(self, job: Job[A], tenant: Tenant, *, local: bool = False) -> Delivered[A]:
        """Return the answer of the first model that gives one.

        Raises `Denial`, and `ProviderError` where nobody answers.
        """

        async def ask(call: _Call) -> A:
            return await self._asked(job, call)

        return await self._first(job, tenant, local, ask, whole=True)

    async def stream(
        self, job: StreamJob, tenant: Tenant, *, local: bool = False
    ) -> Delivered[Flow]:
        """Return the answer of the first model that begins one, to be passed on as it comes.

        Raises as `run`.
        """

        async def ask(call: _Call) -> Flow:
            return await self._opened(job, call)

        return await self._first(job, tenant, local, ask, whole=False)

    async def _first(
        self,
        job: Job[Any] | StreamJob,
        tenant: Tenant,
        local: bool,
        ask: Callable[[_Call], Awaitable[A]],
        *,
        whole: bool,
    ) -> Delivered[A]:
        id = new_id("req")
        route = self._served.route(job.model, tenant, local=local)
        models = [each for each in route.models if each.target is not None]
        if not models:
            text = f"'{job.model}' has nothing but chat"
            raise Denial(400, text, code="unsupported_model", param="model")

        async def attempt(model: ServedModel, number: int) -> Delivered[A]:
            call = await self._begin(job, id, tenant, model, number)
            return Delivered(await ask(call), model, id)

        won = await first(models, attempt, policy=self._policy, health=self._health, whole=whole)
        return won.value

    async def _begin(
        self,
        job: Job[Any] | StreamJob,
        id: str,
        tenant: Tenant,
        model: ServedModel,
        number: int,
    ) -> _Call:
        target = model.target
        assert target is not None
        api = api_of(target.provider, target.base_url, target.dialects)
        sent = job.write(target.model, api, target.base_url)
        key = target.key() if target.key else ""
        usage = job.most.usage or NOTHING
        bound = None
        if model.pricing is not None:
            bound = model.pricing.cost(usage, units=job.most.units)
            bound = max(bound, model.pricing.bound(usage.input_tokens, usage.output_tokens))
        ask = Ask(
            id=id,
            attempt=number,
            model=job.model,
            provider=model.provider,
            endpoint=job.endpoint,
            bound=bound,
            tokens=usage.input_tokens + usage.output_tokens,
            started=now(),
            user=job.user,
        )
        hold = await self._accounts.areserve(tenant, ask)
        if isinstance(hold, Refusal):
            raise Denial(hold.status, hold.message, code=hold.code, retry_after=hold.retry_after)
        return _Call(id, tenant, model, number, hold, tick(), ask.started, sent, api, key)

    async def _asked(self, job: Job[A], call: _Call) -> A:
        try:
            answer = job.read(await _received(call))
        except ProviderError as error:
            self._failed(job, call, error)
            raise
        except BaseException:
            self._book(job, call, "aborted", job.most, None)
            raise
        self._book(job, call, "done", job.spent(answer), None)
        return answer

    async def _opened(self, job: StreamJob, call: _Call) -> Flow:
        """Send a request and wait for the head of its answer."""
        async with AsyncExitStack() as stack:
            try:
                answer = await stack.enter_async_context(_posted(call))
                await _check(call, answer)
            except ProviderError as error:
                self._failed(job, call, error)
                raise
            except BaseException:
                self._book(job, call, "aborted", job.most, None)
                raise
            pieces = self._passed(job, call, answer, stack.pop_all())
        return Flow(answer.content_type or "application/octet-stream", pieces)

    async def _passed(
        self, job: StreamJob, call: _Call, answer: Answer, stack: AsyncExitStack
    ) -> AsyncGenerator[bytes, None]:
        passing = job.passing(call.model.name, call.key)
        async with stack:
            try:
                while piece := await answer.read():
                    yield passing.feed(piece)
                yield passing.feed(b"")
            except (ProviderError, ValueError) as error:
                failure = error if isinstance(error, ProviderError) else None
                self._book(job, call, "failed", passing.spent or job.most, failure)
                raise
            except BaseException:
                self._book(job, call, "aborted", passing.spent or job.most, None)
                raise
            self._book(job, call, "done", passing.spent or job.most, None)

    def _failed(self, job: Job[Any] | StreamJob, call: _Call, error: ProviderError) -> None:
        refused = error.status is not None and error.status >= 400
        billed = not refused and not never_reached(error)
        self._book(job, call, "failed", job.most if billed else None, error)

    def _book(
        self,
        job: Job[Any] | StreamJob,
        call: _Call,
        status: Status,
        spent: Spent | None,
        error: ProviderError | None,
    ) -> None:
        """Book a call; where an answer tells no usage, the most it can have used counts."""
        told = spent if spent is None or spent.usage is not None or spent.units else job.most
        estimated = told is job.most and (told.usage is not None or bool(told.units))
        usage = (told.usage if told is not None else None) or NOTHING
        units = told.units if told is not None else {}
        model, asked = call.model, call.sent
        cost: int | None = 0
        if told is not None:
            cost = None if model.pricing is None else model.pricing.cost(usage, units=units)
            cost = pico(usage.cost_usd) if usage.cost_usd is not None else cost
        entry = Entry(
            id=call.id,
            attempt=call.number,
            started=call.started,
            status=status,
            seconds=tick() - call.began,
            tenant=call.tenant.id,
            team=call.tenant.team,
            user=job.user,
            endpoint=job.endpoint,
            provider=model.provider,
            model=job.model,
            used=model.model,
            http=(error.status or 0) if error is not None else 200,
            units=dumps(units) if units else "",
            cost=cost,
            estimated=estimated,
            error=error.message if error is not None else "",
            story=dumps({"lost": list(asked.lost)}) if asked.lost else "",
        )
        entry = counted(entry, usage)
        self._accounts.settle(call.hold, entry)
        self._recent.add(entry)
        if status == "done":
            self._health.succeeded(model.name, entry.seconds, entry.seconds, usage.output_tokens)


async def _received(call: _Call) -> Received:
    async with _posted(call) as answer:
        await _check(call, answer)
        where = call.model.name
        return Received(await answer.body(), answer.content_type, call.api, where, call.key)


def _posted(call: _Call) -> AbstractAsyncContextManager[Answer]:
    target, sent = call.model.target, call.sent
    assert target is not None
    headers = {
        "User-Agent": f"motet/{__version__}",
        "Content-Type": sent.content_type,
        **_key_headers(target, call),
    }
    return post(sent.url, sent.body, headers, where=target.name, timeouts=target.timeouts)


def _key_headers(target: Target, call: _Call) -> Mapping[str, str]:
    if "anthropic" in target.dialects:
        return DIALECTS["anthropic"].headers(call.key)
    return key_headers(call.api, call.key)


async def _check(call: _Call, answer: Answer) -> None:
    if not 200 <= answer.status < 300:
        body = await answer.body()
        where = call.model.name
        raise status_failure(answer.status, answer.headers, body, where=where, key=call.key)
