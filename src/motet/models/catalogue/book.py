"""The compiled prices: found by provider and model, each read when it is first asked for.

Compiled from genai-prices (https://github.com/pydantic/genai-prices, MIT) by `tools/prices.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, NotRequired, TypedDict

from motet.models.catalogue.matching import Clause, dashed, matches
from motet.models.catalogue.price import ALWAYS, Period, Price, Prices, Variant
from motet.models.catalogue.pricing import Pricing
from motet.models.catalogue.units import Unit

DATA = "prices.jsonl"
_Price = str | list[Any]


class Entry(TypedDict):
    """What the data file says about one model."""

    id: str
    match: Clause
    prices: NotRequired[Mapping[str, _Price]]
    name: NotRequired[str]
    context: NotRequired[int]
    deprecated: NotRequired[int]
    later: NotRequired[Sequence[Mapping[str, Any]]]
    variants: NotRequired[Sequence[Mapping[str, Any]]]
    least: NotRequired[Mapping[str, int]]


class _Provider(TypedDict):
    id: str
    name: str
    models: int
    address: str
    match: NotRequired[Clause]
    fallback: NotRequired[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Found:
    """An entry, the provider whose model it is, and whether that is the one asked for."""

    entry: Entry
    provider: str
    own: bool


class Book:
    """The data file: its header, and the models of each provider once they are needed."""

    def __init__(self, lines: Sequence[str]) -> None:
        header = json.loads(lines[0])
        self.source = f"{header['source']} {header['version']}"
        self.date: str = header["date"]
        self.units = {
            key: Unit(unit["usage"], unit["per"], tuple(unit["within"]))
            for key, unit in header["units"].items()
        }
        self.providers: Sequence[_Provider] = header["providers"]
        self._lines: dict[str, Sequence[str]] = {}
        start = 1
        for each in self.providers:
            self._lines[each["id"]] = lines[start : start + each["models"]]
            start += each["models"]
        self._entries: dict[str, Sequence[Entry]] = {}

    def provider(self, name: str) -> str | None:
        """Return the id of the provider that a name means."""
        name = name.lower().strip()
        if not name:
            return None
        if name in self._lines:
            return name
        for each in self.providers:
            if "match" in each and matches(each["match"], name):
                return each["id"]
        return None

    def at(self, address: str) -> str | None:
        """Return the id of the provider whose API an address is."""
        for each in self.providers:
            if re.match(each["address"], address):
                return each["id"]
        return None

    def models(self, provider: str) -> Sequence[Entry]:
        """Return the models of a provider by its id."""
        found = self._entries.get(provider)
        if found is None:
            found = self._entries[provider] = [json.loads(line) for line in self._lines[provider]]
        return found

    def find(self, provider: str, model: str) -> Found | None:
        """Return a model of a provider by the name that a request gives it.

        What a provider does not list itself may be another's model that it serves too; a
        compact date in the name stands for a dashed one where nothing else is meant.
        """
        model = model.lower()
        return self._match(provider, model) or (
            self._match(provider, other) if (other := dashed(model)) != model else None
        )

    def _match(self, provider: str, model: str) -> Found | None:
        own = next(each for each in self.providers if each["id"] == provider)
        for source in (provider, *own.get("fallback", ())):
            for entry in self.models(source):
                if matches(entry["match"], model):
                    return Found(entry, source, source == provider)
        return None

    def pricing(self, found: Found) -> Pricing | None:
        """Return what a model costs; None where the data does not say."""
        entry = found.entry
        if not entry.get("prices"):
            return None
        return Pricing(
            self._prices(entry["prices"]),
            later=[
                (_period(each), self._prices(each["prices"])) for each in entry.get("later", ())
            ],
            variants=[
                Variant(tuple(each["with"].items()), self._prices(each["prices"]), _period(each))
                for each in (entry.get("variants", ()) if found.own else ())
            ],
            least=entry.get("least"),
        )

    def _prices(self, written: Mapping[str, _Price]) -> Prices:
        return {
            self.units[key].usage: _price(self.units[key], value) for key, value in written.items()
        }


@cache
def book() -> Book:
    """Return the catalogue's data, read once."""
    text = files("motet.models.catalogue").joinpath(DATA).read_text(encoding="utf-8")
    return Book(text.splitlines())


def _price(unit: Unit, value: _Price) -> Price:
    if isinstance(value, str):
        return Price(unit, Decimal(value))
    base, *tiers = value
    return Price(unit, Decimal(base), tuple((start, Decimal(usd)) for start, usd in tiers))


def _period(timed: Mapping[str, Any]) -> Period:
    if "from" in timed:
        start = datetime.fromisoformat(timed["from"]).replace(tzinfo=UTC)
        return Period(start=start.timestamp())
    if "daily" in timed:
        opens, closes = timed["daily"]
        return Period(daily=(_seconds(opens), _seconds(closes)))
    return ALWAYS


def _seconds(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 3600 + int(minutes) * 60
