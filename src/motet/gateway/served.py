"""The models that are served by name: what stands behind each, and who stands in for it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from motet.core.chat import Usage
from motet.core.money import dollars
from motet.gateway.accounts import ANYONE, Tenant
from motet.gateway.denial import Denial
from motet.gateway.guards.rules import Rules, rules_of, strictest
from motet.models import catalogue
from motet.models.catalogue import Card, Pricing
from motet.models.http import Timeouts
from motet.models.target import Target, target
from motet.spec.types import HERE, Declaration, Gateway, Model

if TYPE_CHECKING:
    from motet.models.llama import LlamaChat
    from motet.planner.cost import Price

AUTO = ("auto", "auto:cheap", "auto:fast", "auto:best")
"""Names under which the router chooses; plain `auto` balances."""
INSIDE = "llama"
"""The provider whose models run in this process."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that is served: over HTTP by its target, or in this process by `chat`."""

    name: str
    provider: str
    model: str
    local: bool
    target: Target | None
    chat: LlamaChat | None
    card: Card
    pricing: Pricing | None
    context: int | None = None

    @property
    def max_output(self) -> int | None:
        """The most output tokens it can give, None where nobody knows."""
        return self.card.max_output

    @property
    def price(self) -> Price | None:
        """What it costs in USD per million tokens and per call, None where nobody knows.

        Of prices that grow with a request's length, those of short ones.
        """
        from motet.planner.cost import Price

        if self.pricing is None:
            return None
        call = self.pricing.cost(Usage())
        given = self.pricing.cost(Usage(input_tokens=1000)) - call
        written = self.pricing.cost(Usage(output_tokens=1000)) - call
        return Price(dollars(given * 1000), dollars(written * 1000), dollars(call))

    def cost(self, input_tokens: int, output_tokens: int) -> int | None:
        """Return the most that so many tokens cost, in pico-USD; None where no price is known."""
        return None if self.pricing is None else self.pricing.bound(input_tokens, output_tokens)


@dataclass(frozen=True, slots=True)
class Route:
    """What a name leads to: the models to ask, in order; `goal` where the router chooses."""

    name: str
    models: tuple[ServedModel, ...]
    goal: str | None = None
    rules: Rules | None = None
    """What guards do, None where nothing is guarded."""


class Served:
    """The models of a gateway, by name. Nothing is connected."""

    def __init__(self, declarations: Sequence[Declaration]) -> None:
        """Take what the declarations serve. Raises `DeclarationError`."""
        self._models: dict[str, ServedModel] = {}
        self._fallbacks: dict[str, tuple[str, ...]] = {}
        self._auto: list[str] = []
        self._rules: dict[str, Rules] = {}
        for declaration in declarations:
            if declaration.gateway is not None:
                self._take(declaration, declaration.gateway)
        self._open = {name: self._route(name, ANYONE, local=False) for name in self._models}

    def _take(self, declaration: Declaration, served: Gateway) -> None:
        local, rules = declaration.guard.local, rules_of(declaration.guard)
        mine = []
        for model in declaration.models:
            wanted = not served.models or _matches(model.name, served.models)
            if wanted and model.provider not in HERE and (model.is_local or not local):
                self._models[model.name] = served_model(model, declaration.root)
                mine.append(model.name)
                if rules is not None:
                    self._rules[model.name] = rules
        chosen = [name for name in mine if not served.auto or _matches(name, served.auto)]
        self._auto += [name for name in chosen if name not in self._auto]
        able = [name for name, model in self._models.items() if model.local or not local]
        for name in mine:
            self._fallbacks[name] = stand_ins(name, served, able)

    @property
    def names(self) -> tuple[str, ...]:
        """What may stand in a request's `model`, `auto` and its like included."""
        return (*self._models, *(AUTO if self._auto else ()))

    @property
    def models(self) -> Mapping[str, ServedModel]:
        """The models by name."""
        return self._models

    def route(self, name: str, tenant: Tenant, *, local: bool = False) -> Route:
        """Return what the name leads to for this tenant.

        With `local`, only models of this machine count. Raises `Denial` for an unknown
        name, one the tenant may not use, or where nothing local is left.
        """
        if not (local or tenant.local or tenant.models) and (made := self._open.get(name)):
            return made  # what most requests want, made once
        return self._route(name, tenant, local=local)

    def _route(self, name: str, tenant: Tenant, *, local: bool) -> Route:
        if name in AUTO and self._auto:
            found = [self._models[each] for each in self._auto if tenant.may_ask(each)]
            goal = name.partition(":")[2] or "balanced"
        else:
            first = self._models.get(name)
            if first is None or not tenant.may_ask(name):
                raise self._unknown(name, tenant)
            others = self._fallbacks.get(name, ())
            found = [first, *(self._models[each] for each in others if tenant.may_ask(each))]
            goal = None
        if local or tenant.local:
            found = [each for each in found if each.local]
            if not found:
                text = f"no model of this machine answers as '{name}', and the request is local"
                raise Denial(403, text, code="local_only", param="model")
        rules = strictest(self._rules.get(each.name) for each in found) if self._rules else None
        return Route(name, tuple(found), goal, rules)

    def _unknown(self, name: str, tenant: Tenant) -> Denial:
        known = [each for each in self.names if each in AUTO or tenant.may_ask(each)]
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"nearest: {near[0]}" if near else f"there are: {', '.join(known) or 'none'}"
        text = f"The model '{name}' does not exist or you may not use it ({hint})"
        return Denial(404, text, code="model_not_found", param="model")


def stand_ins(name: str, served: Gateway, able: Iterable[str]) -> tuple[str, ...]:
    """Return who of the `able` answers where a model cannot; of several rules the last counts."""
    found: tuple[str, ...] = ()
    for each in served.fallback:
        if fnmatchcase(name, each.model):
            found = tuple(o for o in able if o != name and _matches(o, each.others))
    return found


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def served_model(model: Model, root: Path) -> ServedModel:
    """Describe a declared model; paths start from `root`. Raises `DeclarationError`."""
    inside = model.provider == INSIDE
    card = catalogue.of(model)
    return ServedModel(
        name=model.name,
        provider=model.provider,
        model=model.model,
        local=model.is_local,
        target=None if inside else _target(model),
        chat=_inside(model, root) if inside else None,
        card=card,
        pricing=card.pricing,
        context=card.context,
    )


def _target(model: Model) -> Target:
    timeouts = None
    if model.timeout is not None:
        timeouts = Timeouts(first_byte=model.timeout, idle=model.timeout)
    return target(
        model.use,
        name=model.name,
        base_url=model.base_url,
        key=model.key.resolve() if model.key else None,
        timeouts=timeouts,
        dialect=model.dialect,
        local=model.is_local,
        concurrency=model.concurrency,
    )


def _inside(model: Model, root: Path) -> LlamaChat:
    from motet.models.llama import LlamaChat

    return LlamaChat(root / model.model, name=model.name, context=model.context)
