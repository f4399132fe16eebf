"""The arithmetic of prices: whole numbers only, each amount charged once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

from motet.models.catalogue.price import Price, Prices
from motet.models.catalogue.units import INPUT, REQUESTS

PICO = 10**12
"""Pico-USD of one USD."""


@dataclass(frozen=True, slots=True)
class _Line:
    """The price of one of a unit, in the sheet's fraction of a pico-USD."""

    usage: str
    parts: tuple[str, ...]
    base: int
    tiers: tuple[tuple[int, int], ...]

    def price(self, input_tokens: float) -> int:
        found = self.base
        for start, price in self.tiers:
            if input_tokens > start:
                found = price
        return found


class Sheet:
    """Prices made ready to charge by. Parts stand before what they are counted within."""

    __slots__ = ("_lines", "_scale", "prices")

    def __init__(self, prices: Prices) -> None:
        self.prices = prices
        self._scale = lcm(*(_each(each, price).denominator for each, price in _priced(prices)))
        ordered = sorted(
            prices.values(), key=lambda each: (-len(each.unit.within), each.unit.usage)
        )
        self._lines = tuple(self._line(each) for each in ordered)

    def _line(self, price: Price) -> _Line:
        name = price.unit.usage
        return _Line(
            name,
            tuple(each for each, other in self.prices.items() if name in other.unit.within),
            int(_each(price, price.base) * self._scale),
            tuple((start, int(_each(price, usd) * self._scale)) for start, usd in price.tiers),
        )

    def cost(self, amounts: Mapping[str, float]) -> int:
        """Return what the amounts cost in pico-USD, rounded to the nearest, halves up."""
        input_tokens = amounts[INPUT]
        alone: dict[str, int | Fraction] = {}
        total: int | Fraction = 0
        for line in self._lines:
            amount = _exact(amounts.get(line.usage, 0))
            for part in line.parts:
                amount -= alone[part]
            alone[line.usage] = amount = max(amount, 0)
            if amount:
                total += amount * line.price(input_tokens)
        return int((2 * total + self._scale) // (2 * self._scale))

    def bound(self, input_tokens: int, output_tokens: int) -> int:
        """Return the most that so many tokens can cost in pico-USD, rounded up."""
        dearest = {True: Fraction(0), False: Fraction(0)}
        total = Fraction(0)
        for price in self.prices.values():
            most = max(_each(price, usd) for usd in price.upto(input_tokens))
            if price.unit.is_input or price.unit.is_output:
                dearest[price.unit.is_input] = max(dearest[price.unit.is_input], most)
            elif price.unit.usage == REQUESTS:
                total += most
        total += input_tokens * dearest[True] + output_tokens * dearest[False]
        return -int(-total // 1)


def _priced(prices: Prices) -> list[tuple[Price, Decimal]]:
    return [
        (each, usd)
        for each in prices.values()
        for usd in (each.base, *(usd for _, usd in each.tiers))
    ]


def _each(price: Price, usd: Decimal) -> Fraction:
    """Return pico-USD for one of the unit."""
    return Fraction(usd) * PICO / price.unit.per


def _exact(amount: float) -> int | Fraction:
    """Return an amount as the decimal number it is written as."""
    return amount if isinstance(amount, int) else Fraction(repr(amount))
