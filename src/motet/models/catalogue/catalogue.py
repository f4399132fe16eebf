"""Looking up a model: what it costs and can do, from all that is known of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from motet.models.catalogue import facts as kept
from motet.models.catalogue.book import Found, book
from motet.models.catalogue.card import Card
from motet.models.catalogue.price import Price
from motet.models.catalogue.pricing import FREE, Pricing
from motet.models.catalogue.units import Unit
from motet.spec import types as spec

REMEMBERED = 4096
"""Cards kept; names come from requests too, so they are bounded."""
LOCAL = spec.LOCAL_PROVIDERS | {"system"}
"""Providers that cost nothing: what runs on this machine."""
HERE = "runs on this machine"
DECLARED = "the declaration"
BUILT_IN = {
    "expert/reader": Card(
        "expert",
        "reader",
        title="Extractive reader",
        input_modalities=frozenset({"text"}),
        output_modalities=frozenset({"text"}),
        tools=False,
        structured=False,
        reasoning=False,
        pricing=FREE,
        sources=dict.fromkeys(
            ("input_modalities", "output_modalities", "tools", "structured", "reasoning"),
            "built in",
        )
        | {"pricing": HERE},
    )
}


@lru_cache(REMEMBERED)
def card(provider: str, model: str) -> Card | None:
    """Return what is known of a provider's model, None where nothing is.

    Names are matched as genai-prices does: aliases, dated names, other names of a provider.
    What runs on this machine costs nothing.
    """
    if provider in LOCAL:
        return BUILT_IN.get(f"{provider}/{model}") or Card(
            provider, model, pricing=FREE, sources={"pricing": HERE}
        )
    id = book().provider(provider)
    if id is None:
        return None
    found = book().find(id, model)
    known = kept.facts(found.provider if found else id, model)
    if found is None and known == kept.NOTHING:
        return None
    return _made(provider, model, found, known)


def _made(provider: str, model: str, found: Found | None, known: kept.Facts) -> Card:
    prices = f"{book().source} ({book().date})"
    sources: dict[str, str] = {}
    context, title, pricing = known.context, None, None
    if context is not None:
        sources["context"] = kept.SOURCE
    if found is not None:
        title, pricing = found.entry.get("name"), book().pricing(found)
        if (listed := found.entry.get("context")) is not None:
            context, sources["context"] = listed, prices
        if pricing is not None:
            sources["pricing"] = prices
    written = {
        "max_output": known.max_output,
        "input_modalities": known.takes,
        "output_modalities": known.gives,
        "tools": known.tools,
        "structured": known.structured,
        "reasoning": known.reasoning,
    }
    sources |= {name: kept.SOURCE for name, value in written.items() if value is not None}
    return Card(
        provider,
        model,
        title=title,
        context=context,
        max_output=known.max_output,
        input_modalities=known.takes,
        output_modalities=known.gives,
        tools=known.tools,
        structured=known.structured,
        reasoning=known.reasoning,
        pricing=pricing,
        deprecated=bool(found and found.entry.get("deprecated")),
        sources=sources,
    )


def of(model: spec.Model) -> Card:
    """Return what is known of a declared model; what the declaration says comes first.

    At another address than its provider's only the declaration tells about it: whatever
    has that name there may be another model.
    """
    known = card(*_listed_as(model)) or Card(model.provider, model.model)
    sources = dict(known.sources)
    pricing, context = known.pricing, known.context
    if model.price is not None:
        pricing, sources["pricing"] = declared(model.price), DECLARED
    elif model.is_local:
        pricing, sources["pricing"] = FREE, HERE
    if model.context is not None:
        context, sources["context"] = model.context, DECLARED
    return replace(
        known,
        provider=model.provider,
        model=model.model,
        pricing=pricing,
        context=context,
        sources=sources,
    )


def _listed_as(model: spec.Model) -> tuple[str, str]:
    """Return the provider and the name to look a declared model up by; "" where none fits."""
    if model.base_url is None:
        return model.provider, model.model
    return book().at(model.base_url) or "", model.model


def declared(price: spec.Price) -> Pricing:
    """Return what a declaration says a model costs."""
    written = {"input_tokens": price.input, "output_tokens": price.output}
    if price.cached is not None:
        written["cache_read_tokens"] = price.cached
    prices = {
        usage: Price(
            Unit(usage, 10**6, ("input_tokens",) if usage == "cache_read_tokens" else ()), _usd(usd)
        )
        for usage, usd in written.items()
    }
    if price.call:
        prices["requests"] = Price(Unit("requests", 1), _usd(price.call))
    return Pricing(prices)


def _usd(value: float) -> Decimal:
    """Return the decimal number that was written."""
    return Decimal(repr(value))
