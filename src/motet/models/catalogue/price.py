"""One price: USD for a number of units, by the tokens put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from motet.models.catalogue.units import Unit


@dataclass(frozen=True, slots=True)
class Price:
    """USD for `unit.per` of a unit, by input tokens: beyond a tier's start, its price for all."""

    unit: Unit
    base: Decimal
    tiers: tuple[tuple[int, Decimal], ...] = ()

    def upto(self, input_tokens: int) -> tuple[Decimal, ...]:
        """Return the prices that a request with at most so many input tokens may pay."""
        return (self.base, *(price for start, price in self.tiers if input_tokens > start))


Prices = Mapping[str, Price]
"""Prices by the name of what is counted."""


@dataclass(frozen=True, slots=True)
class Period:
    """When prices apply: from a moment on (epoch seconds), or daily between two (UTC seconds)."""

    start: float | None = None
    daily: tuple[int, int] | None = None

    def holds(self, at: float) -> bool:
        """Whether a moment (epoch seconds) lies in it."""
        if self.daily is None:
            return self.start is None or at >= self.start
        start, end = self.daily
        time = at % 86400
        return start <= time < end if start <= end else time >= start or time < end


ALWAYS = Period()


@dataclass(frozen=True, slots=True)
class Variant:
    """Prices for requests that were served in another way: `when` must all be the case."""

    when: tuple[tuple[str, str], ...]
    prices: Prices
    period: Period = ALWAYS

    def fits(self, served: Mapping[str, str], at: float) -> bool:
        """Whether it applies to a request that was served this way at a moment."""
        return self.period.holds(at) and all(served.get(key) == value for key, value in self.when)
