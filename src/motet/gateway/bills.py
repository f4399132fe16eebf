"""What an answer that is not chat costs: by tokens and whatever else its model is priced by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from motet.core.chat import Usage
from motet.core.money import MOST
from motet.gateway.booking import priced
from motet.models.catalogue import Pricing
from motet.models.catalogue.units import INPUT, OUTPUT, REQUESTS, Unit
from motet.models.modalities.exchange import Spent

NOTHING = Usage()
_TOKENS = (INPUT, OUTPUT)


@dataclass(frozen=True, slots=True)
class Bill:
    """What was used and what that costs in pico-USD, None where no price is known.

    `estimated` says that the provider did not tell all of it.
    """

    usage: Usage = NOTHING
    units: Mapping[str, float] = field(default_factory=dict)
    cost: int | None = 0
    estimated: bool = False


def by_tokens(pricing: Pricing | None) -> bool:
    """Whether a model is paid by tokens."""
    return any(unit.kind in _TOKENS for unit in _charged(pricing))


def bound(pricing: Pricing | None, most: Spent) -> int | None:
    """Return the most that can be charged, in pico-USD; None where no price is known."""
    if pricing is None:
        return None
    apart = {unit.usage for unit in _charged(pricing) if unit.kind not in _TOKENS}
    units = {name: amount for name, amount in most.units.items() if name in apart}
    usage = most.usage or NOTHING
    beside = pricing.cost(NOTHING, units=units) - pricing.cost(NOTHING)
    return min(pricing.bound(usage.input_tokens, usage.output_tokens) + beside, MOST)


def bill(pricing: Pricing | None, told: Spent, most: Spent) -> Bill:
    """Charge what an answer told; what it did not tell and is charged counts as its most."""
    if pricing is None:
        silent = told.usage is None and not told.units
        spent = most if silent else told
        estimated = silent and spent != Spent()
        usage = spent.usage or NOTHING
        return Bill(usage, spent.units, priced(pricing, usage), estimated)
    spent = _completed(pricing, told, most)
    usage = spent.usage or NOTHING
    cost = priced(pricing, replace(usage, units=spent.units))
    return Bill(usage, spent.units, cost, spent != told)


def _completed(pricing: Pricing, told: Spent, most: Spent) -> Spent:
    if told.usage is None and most.usage is not None and by_tokens(pricing):
        parts = {unit.usage for unit in _charged(pricing) if unit.kind in _TOKENS}
        known = {name: amount for name, amount in most.units.items() if name in parts}
        told = replace(told, usage=most.usage, units={**told.units, **known})
    missing = {
        unit.usage: most.units[unit.usage]
        for unit in _charged(pricing)
        if unit.kind not in _TOKENS and unit.usage in most.units and unit.usage not in told.units
    }
    return replace(told, units={**told.units, **missing}) if missing else told


def _charged(pricing: Pricing | None) -> list[Unit]:
    if pricing is None:
        return []
    prices = [each for each in pricing.usual.values() if each.unit.usage != REQUESTS]
    return [each.unit for each in prices if each.base or any(usd for _, usd in each.tiers)]
