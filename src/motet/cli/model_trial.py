"""Trying a model: a few tiny requests, and how each went."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.clock import tick
from motet.core.errors import MotetError, ProviderError, UsageError
from motet.core.json import JSON, loads

if TYPE_CHECKING:
    from motet.core.chat import ChatModel, ChatRequest, ChatResponse
    from motet.models.catalogue.card import Card
    from motet.spec.types import Declaration, Model

LIMIT = 512
"""Tokens an answer may have: models that think first need some for it."""
PROMPT = "Reply with the single word: ready"
TOOL_PROMPT = "What is the weather in Leeds now? Call the tool."


@dataclass(frozen=True, slots=True)
class Check:
    """How one request went. `first` is the seconds to the first event of a stream."""

    name: str
    seconds: float
    first: float | None = None
    said: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: int | None = None
    error: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """Return it as `docs/models.md` says."""
        from motet.core.money import dollars

        return {
            "check": self.name,
            "ok": self.error is None,
            "ms": round(self.seconds * 1000, 1),
            "first_ms": None if self.first is None else round(self.first * 1000, 1),
            "said": self.said,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost_usd": None if self.cost is None else dollars(self.cost),
            "error": self.error,
        }

    def shown(self) -> str:
        """Return it on a line."""
        from motet.core.money import shown

        if self.error is not None:
            return f"  {self.name:<8} FAILED  {self.error}"
        first = "" if self.first is None else f", first after {self.first:.2f} s"
        tokens = (
            "no usage reported"
            if self.input_tokens is None
            else f"{self.input_tokens} tokens in, {self.output_tokens} out"
        )
        cost = "price unknown" if self.cost is None else shown(self.cost)
        return (
            f"  {self.name:<8} ok      {self.seconds:.2f} s{first}; {tokens}; {cost}; {self.said}"
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """All checks of a model."""

    model: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether all went well."""
        return all(each.error is None for each in self.checks)

    def to_json(self) -> dict[str, JSON]:
        """Return it as `docs/models.md` says."""
        checks: list[JSON] = [each.to_json() for each in self.checks]
        return {"model": self.model, "ok": self.ok, "checks": checks}

    def shown(self) -> str:
        """Return it as lines."""
        return "\n".join([self.model, *(each.shown() for each in self.checks)])


def tried(name: str, found: Declaration | None, seconds: float, tools: bool) -> Trial:
    """Ask a model by its declared name or as `provider/model`; each check has so many seconds.

    A tool call is tried where the catalogue says that it can, or with `tools`.

    Raises `DeclarationError` and `UsageError` for what is no model.
    """
    from motet.cli.model_finding import declared_model, roster
    from motet.core import blocking
    from motet.models import catalogue

    found, model = declared_model(name, found)
    if model.provider == "system":
        raise UsageError("a system is no model to try", where=name, hint="`motet ask` asks one")
    with roster(found) as models:
        if model.provider == "expert":
            return Trial(name, (_read(),))
        chat, card = models.chat(model.name), _told(catalogue.of(model), model)
        return Trial(name, tuple(blocking.run(lambda: _checks(chat, card, seconds, tools))))


def _told(card: Card, model: Model) -> Card:
    """Return a card with what its server on this machine says of it."""
    from motet.cli.model_finding import local_servers, told

    if not model.is_local or model.base_url is not None:
        return card
    server = next((each for each in local_servers() if each.use == model.use), None)
    return card if server is None else told(card, server)


async def _checks(chat: ChatModel, card: Card, seconds: float, tools: bool) -> list[Check]:
    asks = [("streamed", _streamed), ("whole", _whole)]
    if card.tools or tools:
        asks.append(("tool", _called))
    return [await _check(name, ask, chat, card, seconds) for name, ask in asks]


@dataclass(frozen=True, slots=True)
class _Heard:
    answer: ChatResponse
    said: str
    first: float | None = None


async def _check(
    name: str,
    ask: Callable[[ChatModel], Awaitable[_Heard]],
    chat: ChatModel,
    card: Card,
    seconds: float,
) -> Check:
    began = tick()
    try:
        async with asyncio.timeout(seconds):
            heard = await ask(chat)
    except TimeoutError:
        return Check(name, tick() - began, error=f"no whole answer within {seconds:g} s")
    except MotetError as error:
        return Check(name, tick() - began, error=str(error))
    from motet.gateway.booking import priced

    usage = heard.answer.usage
    cost = priced(card.pricing, usage, card.provider) if usage else None
    return Check(
        name,
        tick() - began,
        heard.first,
        heard.said,
        usage.input_tokens if usage else None,
        usage.output_tokens if usage else None,
        cost,
    )


def _request() -> ChatRequest:
    from motet.core.chat import ChatRequest, Message

    return ChatRequest((Message("user", PROMPT),), max_tokens=LIMIT)


async def _streamed(chat: ChatModel) -> _Heard:
    from contextlib import aclosing

    from motet.models.assembly import Assembly

    began, first = tick(), None
    assembly = Assembly()
    async with aclosing(chat.stream(_request())) as events:
        async for event in events:
            first = tick() - began if first is None else first
            if (answer := assembly.feed(event)) is not None:
                return _Heard(answer, _said(answer), first)
    raise ProviderError("the stream has no end", where=chat.name)


async def _whole(chat: ChatModel) -> _Heard:
    answer = await chat.complete(_request())
    return _Heard(answer, _said(answer))


async def _called(chat: ChatModel) -> _Heard:
    from motet.core.chat import ChatRequest, Message, ToolSpec

    parameters: dict[str, JSON] = {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    }
    tool = ToolSpec("weather", "Tells the weather of a city now.", parameters)
    request = ChatRequest((Message("user", TOOL_PROMPT),), (tool,), max_tokens=LIMIT)
    answer = await chat.complete(request)
    if not answer.tool_calls:
        raise ProviderError("it called no tool", where=chat.name, hint=f"it said: {_said(answer)}")
    call = answer.tool_calls[0]
    try:
        given = loads(call.arguments)
    except ValueError as error:
        raise ProviderError("the call's arguments are no JSON", where=chat.name) from error
    if call.name != tool.name or not isinstance(given, dict) or "city" not in given:
        raise ProviderError(
            f"the call is not as described: {call.name}({call.arguments})", where=chat.name
        )
    return _Heard(answer, f"called {call.name}({call.arguments})")


def _said(answer: ChatResponse) -> str:
    """Return the answer's text on a line. Raises `ProviderError` where there is none."""
    from motet.cli.rows import one_line

    if answer.text.strip():
        # A model's words may hold what a terminal would obey.
        return "".join(c if c.isprintable() else "�" for c in one_line(answer.text, 60))
    if answer.finish_reason == "length":
        return f"nothing within {LIMIT} tokens"
    raise ProviderError("the answer is empty", hint=f"it ended with {answer.finish_reason}")


def _read() -> Check:
    """Let the extractive reader find an answer."""
    from motet.models.encoder import load_encoder
    from motet.models.experts.reader import load_reader

    began = tick()
    passage = "A membership costs 38 euros a month."
    try:
        reader = load_reader(load_encoder())
        loaded = tick()
        [span] = reader.read("How much is a membership?", [passage])
    except MotetError as error:
        return Check("read", tick() - began, error=str(error))
    said = passage[span.start : span.end]
    return Check("read", tick() - loaded, None, said, 0, 0, 0)
