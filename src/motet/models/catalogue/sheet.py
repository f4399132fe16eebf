"""The arithmetic of prices: whole numbers only, each amount charged once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

from motet.core.money import PICO
from motet.models.catalogue.price import Price, Prices
from motet.models.catalogue.units import INPUT, OUTPUT, REQUESTS


@dataclass(frozen=True, slots=True)
class _Line:
    """The price of one of a unit, in the sheet's fraction of a pico-USD.

    `parts` are the units counted within it that have a price of their own.
    """

    usage: str
    parts: tuple[str, ...]
    base: int
    tiers: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Most:
    """The dearest prices of one input and one output token, and of a request.

    They hold for requests with more than `start` input tokens.
    """

    start: int
    input: int
    output: int
    request: int


class Sheet:
    """Prices made ready to charge by. Parts stand before what they are counted within."""

    __slots__ = ("_lines", "_most", "_scale", "prices")

    def __init__(self, prices: Prices) -> None:
        self.prices = prices
        self._scale = lcm(*(_each(each, usd).denominator for each, usd in _priced(prices)))
        ordered = sorted(
            prices.values(), key=lambda each: (-len(each.unit.within), each.unit.usage)
        )
        self._lines = tuple(self._line(each) for each in ordered)
        starts = {0, *(start for each in prices.values() for start, _ in each.tiers)}
        self._most = tuple(self._dearest(start) for start in sorted(starts, reverse=True))

    def _scaled(self, price: Price, usd: Decimal) -> int:
        return int(_each(price, usd) * self._scale)

    def _line(self, price: Price) -> _Line:
        name = price.unit.usage
        return _Line(
            name,
            tuple(each for each, other in self.prices.items() if name in other.unit.within),
            self._scaled(price, price.base),
            tuple((start, self._scaled(price, usd)) for start, usd in price.tiers),
        )

    def _dearest(self, start: int) -> _Most:
        most = {INPUT: 0, OUTPUT: 0, REQUESTS: 0}
        for price in self.prices.values():
            kind = price.unit.kind
            if kind in most:
                usd = max(price.upto(start + 1))
                most[kind] = max(most[kind], self._scaled(price, usd))
        return _Most(start, most[INPUT], most[OUTPUT], most[REQUESTS])

    def cost(self, amounts: Mapping[str, float]) -> int:
        """Return what the amounts cost in pico-USD, rounded to the nearest, halves up."""
        input_tokens = amounts[INPUT]
        alone: dict[str, int | Fraction] = {}
        total: int | Fraction = 0
        for line in self._lines:
            usage = line.usage
            counted = amounts.get(usage, 0)
            amount = counted if isinstance(counted, int) else Fraction(repr(counted))
            for part in line.parts:
                amount -= alone[part]
            if amount <= 0:
                alone[usage] = 0
                continue
            alone[usage] = amount
            price = line.base
            for start, beyond in line.tiers:
                if input_tokens > start:
                    price = beyond
            total += amount * price
        scale = self._scale
        return int((2 * total + scale) // (2 * scale))

    def bound(self, input_tokens: int, output_tokens: int) -> int:
        """Return the most that so many tokens can cost in pico-USD, rounded up."""
        for most in self._most:
            if input_tokens > most.start or most.start == 0:
                break
        total = input_tokens * most.input + output_tokens * most.output + most.request
        return -(-total // self._scale)


def _priced(prices: Prices) -> list[tuple[Price, Decimal]]:
    return [
        (each, usd)
        for each in prices.values()
        for usd in (each.base, *(usd for _, usd in each.tiers))
    ]


def _each(price: Price, usd: Decimal) -> Fraction:
    """Return pico-USD for one of the unit."""
    return Fraction(usd) * PICO / price.unit.per
