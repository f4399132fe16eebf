"""The gateway: from a client's request to the answer of whichever model could give it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AsyncExitStack
from itertools import count

from motet.core.errors import ProviderError, UsageError
from motet.core.json import JSON
from motet.gateway.accounts import Accounts, Tenant
from motet.gateway.answered import Answered
from motet.gateway.asked import Asked, Header, asked, model_of, parsed, stays_here
from motet.gateway.attempt import Attempt, Attempts, Status
from motet.gateway.cache import AnswerCache
from motet.gateway.choosing import Chooser
from motet.gateway.denial import Denial
from motet.gateway.ends import Ends
from motet.gateway.headings import headings
from motet.gateway.keeping import Keeping
from motet.gateway.places import Places
from motet.gateway.served import Served, ServedModel
from motet.gateway.services import Services
from motet.gateway.tool_calls import judge
from motet.gateway.unasked import unasked
from motet.gateway.upstream import Opened, open_answer
from motet.models.resilience.first import first
from motet.models.resilience.health import Health
from motet.models.resilience.policy import Policy
from motet.models.resilience.tries import Won
from motet.models.routing.quality import Evaluated


class Gateway:
    """Answers chat requests in any dialect through the models it serves."""

    def __init__(
        self,
        served: Served,
        accounts: Accounts,
        *,
        policy: Policy | None = None,
        output: int = 4096,
        cache: AnswerCache | None = None,
        records: Iterable[Evaluated] = (),
    ) -> None:
        """`output` bounds answers whose request sets no bound, where a budget needs one."""
        self.served = served
        self.accounts = accounts
        self._policy = policy or Policy()
        self.health = Health()
        self.ends = Ends()
        self.attempts = Attempts(accounts, output=output)
        self.chooser = Chooser(self.health, records)
        self._places = Places()
        self.services = Services(
            served, accounts, self.health, self._policy, self.ends, self._places
        )
        self._keeping = Keeping(cache, accounts, self.ends) if cache is not None else None

    def ask(
        self,
        dialect: str,
        tenant: Tenant,
        data: bytes,
        header: Header,
        *,
        model: str | None = None,
        stream: bool | None = None,
    ) -> Asked:
        """Read a request. `model` and `stream` stand for the body's where the path says them.

        Raises `Denial`.
        """
        body = parsed(data)
        if model is not None:
            body["model"] = model
        if stream is not None:
            body["stream"] = stream
        route = self.served.route(model_of(body), tenant, local=stays_here(header))
        found = asked(dialect, tenant, body, len(data), route, header)
        self._screen(found)
        if self._keeping is not None:
            self._keeping.mark(found, header)
        return found

    def _screen(self, asked: Asked) -> None:
        """Look through a request with its guards. Raises `Denial`, which is in the ledger."""
        asked.screen()
        if asked.screening is None or asked.screening.request.stopped is None:
            return
        text = f"the request holds {asked.screening.request.why()}, which is not let through"
        entry = unasked(asked, "refused", 400, error=text)
        self.accounts.record(entry)
        self.ends.tell(entry)
        raise Denial(400, text, code="content_policy")

    def quick(self, asked: Asked) -> Attempt | None:
        """Return an attempt at the request's first model, for who carries it over HTTP as it is.

        None where the request needs more: another dialect, a choice, waiting, a model that
        rests. Whoever gets an attempt settles it, and tells health. Raises `Denial`.
        """
        model = asked.route.models[0]
        target, health = model.target, self.health
        if (
            asked.route.goal is not None
            or asked.key is not None
            or self._policy.hedge is not None
            or asked.screening is not None
            or target is None
            or asked.dialect not in target.dialects
            or target.concurrency is not None
            or not health.ready(model.name)
        ):
            return None
        try:
            attempt = self.attempts.make(asked, model, 1)
        except UsageError:
            return None
        if not self.attempts.reserve(attempt):
            return None
        health.began(model.name)
        return attempt

    def give_up(self, attempt: Attempt) -> None:
        """Take an attempt back that was not made."""
        self.health.abandoned(attempt.model.name)
        self.attempts.release(attempt)

    async def answer(self, asked: Asked, tried: ProviderError | None = None) -> Answered:
        """Answer a request: try, wait, fall back; nothing is changed once the first byte is sent.

        `tried` is how an attempt of `quick` failed; health has not been told of it. Raises
        `Denial`, and `ProviderError` where nobody answered.
        """
        if self._keeping is not None and (again := await self._keeping.again(asked)) is not None:
            return again
        won = await self._first(asked, tried)
        opened, made = won.value, won.value.attempt
        body = opened.said if opened.over else opened.pieces()
        if self._keeping is not None:
            body = await self._keeping.kept(made, body)
        return Answered(headings(made), made.answering.content_type.decode(), body)

    async def _first(self, asked: Asked, tried: ProviderError | None) -> Won[ServedModel, Opened]:
        models, story = self.chooser.order(asked)
        tries: list[JSON] = []
        before = [tried] if tried is not None else []
        numbers = count(1 + len(before))

        async def attempt(model: ServedModel, number: int) -> Opened:
            if before:  # the lane's attempt was the first one: it counts, and is not made again
                raise before.pop()
            made = self.attempts.make(asked, model, next(numbers))
            made.story = {**story, "tries": list(tries)} if tries else story
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(self._places.place(model))
                await self.attempts.areserve(made)
                return await open_answer(made, self.settle, self.health, stack.pop_all())

        return await first(
            models,
            attempt,
            policy=self._policy,
            health=self.health,
            tell=lambda each: tries.append(each.shown()),
            fits=lambda model, failed: self.chooser.fits(asked, model, failed),
            whole=not asked.stream,
        )

    def settle(self, attempt: Attempt, status: Status, http: int | None, error: str = "") -> None:
        """Book an attempt's end in the ledger, for who listens and, a whole answer, in health."""
        entry = self.attempts.settle(attempt, status, http, error)
        self.ends.tell(entry)
        if status == "done":
            name, first_byte = attempt.model.name, entry.first or 0.0
            self.health.succeeded(name, first_byte, entry.seconds, entry.output_tokens)
            judge(attempt, self.health)

    def close(self) -> None:
        """Write down what is still to be written in the ledger, and close it."""
        self.accounts.close()
        if self._keeping is not None:
            self._keeping.close()
