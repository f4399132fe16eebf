"""Usage as the ledger's rows hold it: its counts, its units, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from motet.core.chat import Usage
from motet.core.json import JSON, dumps
from motet.core.money import MOST, pico
from motet.gateway.ledger.entry import Entry
from motet.models import catalogue
from motet.models.catalogue import Pricing

if TYPE_CHECKING:
    from motet.gateway.served import ServedModel

NOTHING = Usage()
_CHARGED = ("web_search", "file_search")
"""How the types of tools begin whose calls are charged."""


def counted(entry: Entry, usage: Usage) -> Entry:
    """Return the entry with the counts of a usage; its cost is not touched."""
    return entry._replace(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=usage.cached_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        audio_input_tokens=usage.audio_input_tokens,
        audio_output_tokens=usage.audio_output_tokens,
        units=units_of(usage) or entry.units,
    )


def units_of(usage: Usage) -> str:
    """Return the further counts of a usage as an entry holds them, "" where there are none."""
    return dumps(dict(usage.units)) if usage.units else ""


def priced(pricing: Pricing | None, usage: Usage, provider: str = "") -> int | None:
    """Return what a usage costs in pico-USD, None where no price is known.

    What the provider says it cost counts, else its prices. Models that helped are charged by
    the catalogue, at the same `provider`.
    """
    if usage.cost_usd is not None:
        return pico(usage.cost_usd)
    if pricing is None:
        return None
    if not usage.units:
        return min(pricing.cost(usage, served=usage.served), MOST)
    units, helpers = _apart(usage.units)
    total = pricing.cost(usage, units=units, served=usage.served)
    for name, used in helpers.items():
        card = catalogue.card(provider, name)
        if card is None or card.pricing is None:
            return None
        total += card.pricing.cost(NOTHING, units=used)
    return min(total, MOST)


def _apart(units: Mapping[str, float]) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Tell a model's own units from those of models that helped it."""
    own: dict[str, float] = {}
    helpers: dict[str, dict[str, float]] = {}
    for name, amount in units.items():
        model, _, unit = name.rpartition("/")
        (helpers.setdefault(model, {}) if model else own)[unit] = amount
    return own, helpers


def most(
    model: ServedModel, body: Mapping[str, JSON], input_tokens: int, output_tokens: int
) -> int | None:
    """Return the most that a request can cost in pico-USD, None where no price is known.

    The tier that it asks for counts, and as many searches as it admits. Not bounded are what
    it leaves to the provider: a tier of the project's settings (`auto`), how often a tool is
    used where no number is given, and the tokens that such tools bring into the input.
    """
    bound = model.cost(input_tokens, output_tokens)
    if bound is None or model.pricing is None:
        return None
    if served := _wanted(body):
        bound = max(bound, model.pricing.bound(input_tokens, output_tokens, served=served))
    tools = body.get("tools")
    return bound + _searches(model.pricing, tools, body.get("max_tool_calls")) if tools else bound


def _wanted(body: Mapping[str, JSON]) -> dict[str, str]:
    """Return in which way a request asks to be served."""
    tier, speed = body.get("service_tier") or body.get("serviceTier"), body.get("speed")
    if not tier and not speed:
        return {}
    wanted = {"service_tier": tier, "speed": speed}
    return {name: value for name, value in wanted.items() if value and isinstance(value, str)}


def _searches(pricing: Pricing, tools: JSON, calls: JSON) -> int:
    """Return what the searches cost that a request's tools admit.

    Anthropic bounds a tool by `max_uses`, OpenAI all of them by `max_tool_calls`.
    """
    admitted = 0
    for tool in tools if isinstance(tools, Sequence) and not isinstance(tools, str) else ():
        kind = tool.get("type") if isinstance(tool, Mapping) else None
        if isinstance(kind, str) and isinstance(tool, Mapping) and kind.startswith(_CHARGED):
            uses = tool.get("max_uses", calls)
            admitted += uses if isinstance(uses, int) and uses > 0 else 0
    if not admitted:
        return 0
    nothing = pricing.cost(NOTHING)
    each = ({"web_searches": admitted}, {"storage_searches": admitted})
    return max(pricing.cost(NOTHING, units=units) for units in each) - nothing
