"""What models do beside chat, in the same ledger: embeddings, reranking, speech, pictures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import TypeVar

from motet.core.errors import MotetError, ProviderError
from motet.core.version import __version__
from motet.gateway.accounts import Accounts
from motet.gateway.bills import by_tokens
from motet.gateway.calls import Answering, Calls, Order
from motet.gateway.denial import Denial
from motet.gateway.ends import Ends
from motet.gateway.flow import Flow
from motet.gateway.jobs import Addressee, Caller, Delivered, Job, Received, StreamJob
from motet.gateway.places import Places
from motet.gateway.redaction import Redaction
from motet.gateway.served import Served, ServedModel
from motet.models.catalogue import FREE
from motet.models.dialects.registry import DIALECTS
from motet.models.failures import status_failure
from motet.models.http import Answer, post
from motet.models.modalities.apis import api_of, key_headers
from motet.models.modalities.exchange import Sent, Spent
from motet.models.resilience.first import first
from motet.models.resilience.health import Health
from motet.models.resilience.policy import Policy
from motet.models.target import Target

A = TypeVar("A")
INSIDE = "expert"
"""The provider of models that are part of Motet."""
TOGETHER = 4
"""Parts of one job that are asked at the same time."""


@dataclass(frozen=True, slots=True)
class _Upstream:
    """A model to ask, and how."""

    model: ServedModel
    target: Target
    whom: Addressee
    key: str

    @property
    def answering(self) -> Answering:
        return Answering(self.model.provider, self.model.model, self.model.pricing)

    def received(self, answer: Answer, body: bytes = b"") -> Received:
        said = Redaction(self.key).data(body)
        return Received(answer.content_type, self.whom.api, self.model.name, self.key, said)


class Services:
    """Carries jobs out: asks, waits, falls back; every call is in the ledger."""

    def __init__(
        self,
        served: Served,
        accounts: Accounts,
        health: Health,
        policy: Policy,
        ends: Ends,
        places: Places,
    ) -> None:
        self._served = served
        self._calls = Calls(accounts, ends)
        self._health = health
        self._policy = policy
        self._places = places

    def serves(self, name: str) -> bool:
        """Whether a model goes by that name."""
        return name in self._served.models

    async def run(self, job: Job[A], caller: Caller) -> Delivered[A]:
        """Return the answer of the first model that gives one.

        Where its API takes less at once, all parts are answered by the same model, and what
        it has answered is not asked again. Raises `Denial`, and `ProviderError` where nobody
        answers.
        """
        order = Order(job.endpoint, job.model, caller, job.user)
        kept: dict[tuple[str, int], tuple[A, tuple[str, ...]]] = {}

        async def attempt(model: ServedModel, number: int) -> Delivered[A]:
            upstream = _upstream(model)
            parts = [job] if job.split is None else job.split(upstream.whom.api)
            free = asyncio.Semaphore(TOGETHER)

            async def part(place: int) -> None:
                async with free:
                    if (model.name, place) not in kept:
                        kept[model.name, place] = await self._asked(parts[place], order, upstream)

            await _all(part, len(parts))
            found = [kept[model.name, place] for place in range(len(parts))]
            answers = [answer for answer, _ in found]
            whole = answers[0] if job.join is None else job.join(answers)
            return Delivered(whole, model.name, order.id, found[0][1])

        return await self._first(order, attempt, whole=True)

    async def stream(self, job: StreamJob, caller: Caller) -> Delivered[Flow]:
        """Return the answer of the first model that begins one, to be passed on as it comes.

        Raises as `run`.
        """
        order = Order(job.endpoint, job.model, caller, job.user)

        async def attempt(model: ServedModel, number: int) -> Delivered[Flow]:
            return await self._opened(job, order, _upstream(model))

        return await self._first(order, attempt, whole=False)

    async def inside(
        self,
        endpoint: str,
        model: str,
        work: Callable[[], Awaitable[tuple[A, Spent]]],
        most: Spent,
        caller: Caller,
    ) -> Delivered[A]:
        """Return the answer of a model that is part of Motet: free, within the caller's rates.

        Raises `Denial`, and what `work` raises.
        """
        if not caller.tenant.may_ask(model):
            text = f"The model '{model}' does not exist or you may not use it"
            raise Denial(404, text, code="model_not_found", param="model")
        order = Order(endpoint, model, caller)
        call = await self._calls.begin(order, Answering(INSIDE, model, FREE), most)
        try:
            answer, spent = await work()
        except MotetError as error:
            self._calls.failed(call, error)
            raise
        except BaseException:
            self._calls.aborted(call)
            raise
        self._calls.done(call, spent)
        return Delivered(answer, model, order.id)

    async def _first(
        self,
        order: Order,
        attempt: Callable[[ServedModel, int], Awaitable[Delivered[A]]],
        *,
        whole: bool,
    ) -> Delivered[A]:
        route = self._served.route(order.model, order.caller.tenant, local=order.caller.local)
        models = [each for each in route.models if each.target is not None]
        if route.goal is not None or not models:
            text = f"'{order.model}' has nothing but chat"
            raise Denial(400, text, code="unsupported_model", param="model")
        won = await first(models, attempt, policy=self._policy, health=self._health, whole=whole)
        return won.value

    async def _asked(
        self, job: Job[A], order: Order, upstream: _Upstream
    ) -> tuple[A, tuple[str, ...]]:
        """Make one call; return its answer, and what of the request was lost."""
        sent = job.write(upstream.whom)
        async with self._places.place(upstream.model):
            call = await self._calls.begin(order, upstream.answering, job.most, lost=sent.lost)
            try:
                async with _posted(upstream, sent) as answer:
                    await _check(upstream, answer)
                    call.heard()
                    found = job.read(upstream.received(answer, await answer.body()))
            except ProviderError as error:
                self._calls.failed(call, error)
                raise
            except BaseException:
                self._calls.aborted(call)
                raise
        entry = self._calls.done(call, job.spent(found))
        name, first_byte = upstream.model.name, entry.first or 0.0
        self._health.succeeded(name, first_byte, entry.seconds, entry.output_tokens)
        return found, sent.lost

    async def _opened(self, job: StreamJob, order: Order, upstream: _Upstream) -> Delivered[Flow]:
        """Send a request and wait for the first bytes of its answer."""
        sent = job.write(upstream.whom)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._places.place(upstream.model))
            call = await self._calls.begin(
                order, upstream.answering, job.most, stream=True, lost=sent.lost
            )
            try:
                answer = await stack.enter_async_context(_posted(upstream, sent))
                await _check(upstream, answer)
            except ProviderError as error:
                self._calls.failed(call, error)
                raise
            except BaseException:
                self._calls.aborted(call)
                raise
            passing = job.passing(upstream.received(answer))
            name, held = upstream.model.name, stack.pop_all()
            flow = Flow(call, name, passing, answer, held, self._calls, self._health)
        await flow.open()
        return Delivered(flow, name, order.id, sent.lost, flow)


async def _all(part: Callable[[int], Awaitable[None]], count: int) -> None:
    """Do all parts; after a failure none is begun, and those under way end before it is raised."""
    failures: list[BaseException] = []

    async def one(place: int) -> None:
        if failures:
            return
        try:
            await part(place)
        except Exception as error:
            failures.append(error)

    await asyncio.gather(*map(one, range(count)))
    if failures:
        raise failures[0]


def _upstream(model: ServedModel) -> _Upstream:
    """Describe whom to ask. Raises `UsageError` where there is no key."""
    target = model.target
    assert target is not None
    api = api_of(target.provider, target.base_url, target.dialects)
    counted = by_tokens(model.pricing)
    whom = Addressee(target.model, api, target.base_url, target.dialects, counted)
    return _Upstream(model, target, whom, target.secret())


def _posted(upstream: _Upstream, sent: Sent) -> AbstractAsyncContextManager[Answer]:
    target = upstream.target
    headers = {
        "User-Agent": f"motet/{__version__}",
        "Content-Type": sent.content_type,
        **_key_headers(upstream),
    }
    return post(sent.url, sent.body, headers, where=target.name, timeouts=target.timeouts)


def _key_headers(upstream: _Upstream) -> Mapping[str, str]:
    if "anthropic" in upstream.whom.dialects:
        return DIALECTS["anthropic"].headers(upstream.key)
    return key_headers(upstream.whom.api, upstream.key)


async def _check(upstream: _Upstream, answer: Answer) -> None:
    if not 200 <= answer.status < 300:
        body = await answer.body()
        where, key = upstream.model.name, upstream.key
        raise status_failure(answer.status, answer.headers, body, where=where, key=key)
