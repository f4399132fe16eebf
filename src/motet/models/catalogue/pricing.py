"""What a model costs, exactly: decimal prices, whole pico-USD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.chat import Usage
from motet.core.clock import now
from motet.models.catalogue.price import Period, Price, Prices, Variant
from motet.models.catalogue.sheet import Sheet
from motet.models.catalogue.units import counts

_NOTHING: Mapping[str, float] = {}
_USUAL: Mapping[str, str] = {}


class Pricing:
    """The prices of one model.

    `later` are prices of certain times, the first that applies wins over `prices`; of
    `variants` each price replaces that one. `least` are amounts charged at least where
    anything was used. What a provider counts within something else (cached within input) is
    charged once, at its own price; where such parts exceed the whole, each is still charged.
    """

    __slots__ = ("_later", "_least", "_others", "_usual", "variants")

    def __init__(
        self,
        prices: Prices,
        *,
        later: Sequence[tuple[Period, Prices]] = (),
        variants: Sequence[Variant] = (),
        least: Mapping[str, int] | None = None,
    ) -> None:
        self._usual = Sheet(prices)
        self._later = tuple((period, Sheet(each)) for period, each in later)
        self.variants = tuple(variants)
        self._least = dict(least or {})
        self._others: dict[tuple[int, ...], Sheet] = {}

    @property
    def is_free(self) -> bool:
        """Whether nothing it does can cost."""
        every = [self._usual.prices, *(sheet.prices for _, sheet in self._later)]
        every += [each.prices for each in self.variants]
        priced = [price for prices in every for price in prices.values()]
        return not any(each.base or any(usd for _, usd in each.tiers) for each in priced)

    @property
    def later(self) -> tuple[tuple[Period, Prices], ...]:
        """The prices of certain times; of those that apply at a moment the first counts."""
        return tuple((period, sheet.prices) for period, sheet in self._later)

    @property
    def usual(self) -> Prices:
        """The prices where none of `later` applies."""
        return self._usual.prices

    def cost(
        self,
        usage: Usage,
        *,
        units: Mapping[str, float] = _NOTHING,
        served: Mapping[str, str] = _USUAL,
        at: float | None = None,
    ) -> int:
        """Return what the usage costs in pico-USD, rounded to the nearest.

        `units` are further counts by name (`audio_seconds`, `input_characters`,
        `web_searches`, `cache_write_1h_tokens`); `served` is how the provider says it served
        the request (`service_tier`: `priority`); `at` when, in epoch seconds (default: now).
        """
        amounts = counts(usage, units)
        for unit, least in self._least.items():
            if 0 < amounts.get(unit, 0) < least:
                amounts[unit] = least
        return self._sheet(served, at).cost(amounts)

    def bound(
        self, input_tokens: int, output_tokens: int, *, served: Mapping[str, str] = _USUAL
    ) -> int:
        """Return the most that so many tokens can cost in pico-USD, at any time.

        Each token counts as its dearest kind (written to a cache, audio); what is charged by
        other units (searches, seconds) is not in it.
        """
        if not self._later and not served:
            return self._usual.bound(input_tokens, output_tokens)
        at = now()
        sheets = [self._usual, *(sheet for _, sheet in self._later)]
        return max(
            self._varied(each, served, at).bound(input_tokens, output_tokens) for each in sheets
        )

    def prices(self, *, served: Mapping[str, str] = _USUAL, at: float | None = None) -> Prices:
        """Return the prices of a moment (epoch seconds; default: now), by what is counted."""
        return self._sheet(served, at).prices

    def _sheet(self, served: Mapping[str, str], at: float | None) -> Sheet:
        if not self._later and not (served and self.variants):
            return self._usual
        at = now() if at is None else at
        sheet = next((sheet for period, sheet in self._later if period.holds(at)), self._usual)
        return self._varied(sheet, served, at)

    def _varied(self, sheet: Sheet, served: Mapping[str, str], at: float) -> Sheet:
        """Put the prices of the variants that fit into a sheet, the first first."""
        if not served:
            return sheet
        fits = [place for place, each in enumerate(self.variants) if each.fits(served, at)]
        if not any(self.variants[each].prices for each in fits):
            return sheet
        made = self._others.get((id(sheet), *fits))
        if made is None:
            found: dict[str, Price] = {}
            for each in fits:
                found = {**self.variants[each].prices, **found}
            made = self._others[id(sheet), *fits] = Sheet({**sheet.prices, **found})
        return made


FREE = Pricing({})
"""What costs nothing."""
