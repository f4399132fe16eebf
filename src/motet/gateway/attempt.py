"""One attempt at one model: what is sent, how its answer reaches the client, what it cost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

import orjson

from motet.core.chat import Usage
from motet.core.clock import tick
from motet.core.errors import ProviderError
from motet.core.json import JSON
from motet.core.version import __version__
from motet.gateway import bounds
from motet.gateway.accounts import Accounts, Ask, Hold, Refusal
from motet.gateway.asked import Asked
from motet.gateway.booking import most, priced, units_of
from motet.gateway.denial import Denial
from motet.gateway.guards.answers import AnswerScreen
from motet.gateway.guards.fitting import fitting
from motet.gateway.guards.screening import shown
from motet.gateway.ledger.entry import Entry
from motet.gateway.passthrough import Passthrough
from motet.gateway.rendering import Rendering
from motet.gateway.served import ServedModel
from motet.gateway.translation import Translation
from motet.gateway.writing import inside, translation, written
from motet.models.dialects.registry import DIALECTS
from motet.models.target import Target

Status = Literal["done", "failed", "aborted"]
ENDPOINT = "chat"
AGENT = f"motet/{__version__}"
Answering = Passthrough | Rendering
Headers = tuple[tuple[str, str], ...]
NOTHING = Usage()


@dataclass(slots=True)
class Attempt:
    """An attempt for which money is held; it ends when it is settled.

    `path` stands below the target's base URL. `sent` says that the provider has the
    request, so that it may count it whatever happens then.
    """

    asked: Asked
    model: ServedModel
    number: int
    path: str
    body: bytes
    headers: Headers
    answering: Answering
    output_bound: int | None
    hold: Hold | None = None
    story: dict[str, JSON] = field(default_factory=dict)
    first: float | None = None
    sent: bool = False
    screen: AnswerScreen | None = None

    @property
    def target(self) -> Target:
        """Where the model is."""
        assert self.model.target is not None
        return self.model.target

    def rewritten(self) -> Translation:
        """Return the answer's way anew, for a stream's answer that comes in one piece.

        Some servers do not stream with tools.
        """
        answering = self.answering
        if not isinstance(answering, Translation):
            answering = translation(self.asked, self.target, self.asked.dialect)
            self.answering = answering
        return answering

    def lack(self) -> ProviderError | None:
        """Return what is wrong with an answer whose bytes are all there, None where nothing is."""
        name, answering = self.model.name, self.answering
        if answering.error is not None:
            return ProviderError(answering.error, where=name)
        if not answering.complete:
            text = "the answer ended before it was finished"
            return ProviderError(text, where=name, hint="try again")
        return None

    def heard(self) -> None:
        """Note that the first byte of the answer came."""
        if self.first is None:
            self.first = tick() - self.asked.tick

    def entry(self, status: Status, http: int | None, error: str) -> Entry:
        """Return the ledger's entry of an attempt that ended so."""
        answering, asked, model = self.answering, self.asked, self.model
        usage, estimated = answering.usage, False
        if (usage is None or not answering.complete) and self._may_be_billed(http):
            usage, estimated = self._estimate(usage), True
        used = usage or NOTHING
        # In the order of the fields, from a tuple: by name it takes ten times as long.
        row = (
            asked.id,
            self.number,
            asked.started,
            status,
            asked.trace_id,
            tick() - asked.tick,
            self.first,
            asked.tenant.id,
            asked.tenant.team,
            asked.user,
            "",  # system
            "",  # run
            "",  # node
            ENDPOINT,
            asked.dialect,
            model.provider,
            asked.route.name,
            answering.model or model.model,
            answering.upstream_id or "",
            asked.stream,
            http or 0,
            "",  # reason
            used.input_tokens,
            used.output_tokens,
            used.cached_tokens,
            used.cache_write_tokens,
            used.reasoning_tokens,
            used.audio_input_tokens,
            used.audio_output_tokens,
            units_of(used),
            0 if usage is None else priced(model.pricing, usage, model.provider),
            estimated,
            error,
            self._story(),
        )
        return Entry._make(row)

    def _may_be_billed(self, http: int | None) -> bool:
        return self.sent and (http is None or http < 400)

    def _story(self) -> str:
        lost = self.answering.lost
        story = {**self.story, "lost": list(lost)} if lost else self.story
        if self.answering.usage is not None and self.answering.usage.served:
            story = {**story, "served": dict(self.answering.usage.served)}
        if self.asked.screening is not None:
            side = self.screen.side if self.screen is not None else None
            guard = shown(self.asked.screening.request, side)
            story = {**story, "guard": guard} if guard else story
        return orjson.dumps(story).decode() if story else ""

    def _estimate(self, told: Usage | None) -> Usage:
        """Return what an answer used at most, as far as anybody can tell, whose counts are missing.

        Of one that broke off, `told` holds the counts up to then: all of the input's. What was
        held bounds it.
        """
        events, size = self.answering.seen
        written = bounds.written(size, events)
        if self.output_bound is not None:
            written = min(written, self.output_bound)
        if told is not None:
            return replace(told, output_tokens=max(told.output_tokens, written), cost_usd=None)
        bound = self.asked.input_bound
        elsewhere = bound - self.asked.size
        return Usage(bounds.given(self.asked.size) + elsewhere, written)


@lru_cache(maxsize=256)
def _headers(dialect: str, stream: bool, key: str) -> Headers:
    """Return what every request like it has; the same object each time."""
    return (
        ("User-Agent", AGENT),
        ("Accept", "text/event-stream" if stream else "application/json"),
        ("Content-Type", "application/json"),
        *DIALECTS[dialect].headers(key).items(),
    )


def _screen(asked: Asked) -> AnswerScreen | None:
    if asked.screening is None:
        return None
    side = asked.screening.side()
    return AnswerScreen(side, fitting(asked.incoming.request, side))


class Attempts:
    """Makes attempts: writes the provider's request, reserves, and settles."""

    def __init__(self, accounts: Accounts, *, output: int) -> None:
        """`output` bounds answers whose request sets no bound, where a budget needs one."""
        self._accounts = accounts
        self._output = output

    def make(self, asked: Asked, model: ServedModel, number: int) -> Attempt:
        """Write the attempt; nothing is held for it yet.

        Raises `Denial` where the request cannot be read, `UsageError` where it cannot be
        written or there is no key.
        """
        bound = self._output_bound(asked, model)
        screen = _screen(asked)
        if model.target is None:
            rendering = inside(asked, screen)
            return Attempt(asked, model, number, "", b"", (), rendering, bound, screen=screen)
        said = written(asked, model.target, bound, screen)
        headers = _headers(said.dialect, asked.stream, model.target.secret())
        passed = asked.headers if said.dialect == asked.dialect else ()
        if passed or said.headers:
            headers = tuple({**dict(passed), **said.headers, **dict(headers)}.items())
        path, body, answering = said.path, said.body, said.answering
        return Attempt(asked, model, number, path, body, headers, answering, bound, screen=screen)

    def _output_bound(self, asked: Asked, model: ServedModel) -> int | None:
        """Return the bound of the answer's tokens: the request's, or one to be injected."""
        found = asked.output_bound
        if found is None and asked.tenant.limited:
            found = min(self._output, model.max_output or self._output)
        return found

    def reserve(self, attempt: Attempt) -> bool:
        """Hold what the attempt may cost; False where that needs waiting. Raises `Denial`.

        Nothing is sent before the accounts have committed it.
        """
        found = self._accounts.reserve(attempt.asked.tenant, self._ask(attempt), commit=False)
        if found is None:
            return False
        attempt.hold = _held(found)
        return True

    async def areserve(self, attempt: Attempt) -> None:
        """Hold what the attempt may cost. Raises `Denial`."""
        ask = self._ask(attempt)
        attempt.hold = _held(await self._accounts.areserve(attempt.asked.tenant, ask))

    def _ask(self, attempt: Attempt) -> Ask:
        asked, model = attempt.asked, attempt.model
        output = attempt.output_bound
        answer = output if output is not None else model.max_output or self._output
        bound = most(model, asked.body, asked.input_bound, answer)
        tokens = asked.input_bound + (output or 0)
        name, number = asked.route.name, attempt.number
        return Ask(asked.id, number, name, model.provider, ENDPOINT, bound, tokens, asked.started)

    def release(self, attempt: Attempt) -> None:
        """Give back what was held for an attempt that was not made."""
        hold, attempt.hold = attempt.hold, None
        assert hold is not None
        self._accounts.release(hold)

    def settle(self, attempt: Attempt, status: Status, http: int | None, error: str = "") -> Entry:
        """Book what an attempt used; what was held beyond that is free again."""
        entry = attempt.entry(status, http, error)
        hold, attempt.hold = attempt.hold, None
        assert hold is not None
        self._accounts.settle(hold, entry)
        return entry


def _held(found: Hold | Refusal) -> Hold:
    if isinstance(found, Refusal):
        raise Denial(found.status, found.message, code=found.code, retry_after=found.retry_after)
    return found
