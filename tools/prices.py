"""Compile the prices of the package `genai-prices` into what the catalogue reads.

    python -m venv /tmp/prices && /tmp/prices/bin/pip install genai-prices
    /tmp/prices/bin/python tools/prices.py src/motet/models/catalogue/prices.jsonl

The first line is the header (source, version, date, units, providers in order with the number
of their models); one line per model follows. Prices that can never apply again are left out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import (
    ClauseAnd,
    ClauseContains,
    ClauseEndsWith,
    ClauseEquals,
    ClauseOr,
    ClauseRegex,
    ClauseStartsWith,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)
from genai_prices.units import _get_registry

if TYPE_CHECKING:
    from genai_prices.types import MatchLogic, ModelInfo, ModelPrice, Provider

Json = Mapping[str, "Json"] | list["Json"] | str | int | None
LEAST = {
    ("groq", "whisper-large-v3"): {"audio_seconds": 10, "input_audio_seconds": 10},
    ("groq", "whisper-large-v3-turbo"): {"audio_seconds": 10, "input_audio_seconds": 10},
}
"""Least amounts that are charged; genai-prices writes them in its code."""


def compiled(now: datetime) -> list[str]:
    """Return the lines of the data file as of a date."""
    providers = get_snapshot().providers
    lines = [
        _line(_model(model, provider, now)) for provider in providers for model in provider.models
    ]
    used = {key for line in lines for key in _price_keys(json.loads(line))}
    header = {
        "source": "genai-prices",
        "version": version("genai-prices"),
        "licence": "MIT",
        "date": now.date().isoformat(),
        "units": _units(used),
        "providers": [_provider(each) for each in providers],
    }
    return [_line(header), *lines]


def _provider(provider: Provider) -> Json:
    return _said(
        {
            "id": provider.id,
            "name": provider.name,
            "models": len(provider.models),
            "match": provider.provider_match and _clause(provider.provider_match),
            "address": provider.api_pattern,
            "fallback": provider.fallback_model_providers,
        }
    )


def _model(model: ModelInfo, provider: Provider, now: datetime) -> Json:
    base, later = _schedule(model, now)
    return _said(
        {
            "id": model.id,
            "name": model.name,
            "match": _clause(model.match),
            "context": model.context_window,
            "deprecated": 1 if model.deprecated else None,
            "prices": _prices(base),
            "later": [{**_when(c.constraint), "prices": _prices(c.prices)} for c in later],
            "variants": _variants(model, now),
            "least": LEAST.get((provider.id, model.id)),
        }
    )


def _schedule(model: ModelInfo, now: datetime) -> tuple[ModelPrice, list]:
    """Return the price that always applies, and those before it that may, the first first."""
    if not isinstance(model.prices, list):
        return model.prices, []
    later = []
    for each in reversed(model.prices):
        if _is_settled(each.constraint, now):
            return each.prices, later
        later.append(each)
    return model.prices[0].prices, later


def _is_settled(constraint: object, now: datetime) -> bool:
    if isinstance(constraint, StartDateConstraint):
        return constraint.start_date <= now.date()
    return constraint is None


def _when(constraint: StartDateConstraint | TimeOfDateConstraint) -> Mapping[str, Json]:
    if isinstance(constraint, StartDateConstraint):
        return {"from": constraint.start_date.isoformat()}
    start, end = constraint.start_time, constraint.end_time
    assert start.tzinfo in (None, UTC) and end.tzinfo in (None, UTC)
    return {"daily": [start.strftime("%H:%M"), end.strftime("%H:%M")]}


def _variants(model: ModelInfo, now: datetime) -> list[Json]:
    found = []
    for each in model.price_variants or ():
        when = {} if _is_settled(each.constraint, now) else _when(each.constraint)
        found.append({"with": each.when, **when, "prices": _prices(each.prices)})
    return found


def _prices(prices: ModelPrice) -> Mapping[str, Json]:
    values = {key: value for key, value in prices.__dict__.items() if value is not None}
    return {key: _price(value) for key, value in sorted(values.items())}


def _price(value: Decimal | TieredPrices) -> Json:
    if isinstance(value, TieredPrices):
        return [str(value.base), *([tier.start, str(tier.price)] for tier in value.tiers)]
    return str(value)


def _clause(clause: MatchLogic) -> Json:
    """Write a clause: `=` equals, `^` starts, `$` ends, `*` contains, `~` regular expression."""
    match clause:
        case ClauseOr():
            return [_clause(each) for each in clause.or_]
        case ClauseAnd():
            return {"all": [_clause(each) for each in clause.and_]}
        case ClauseEquals():
            return f"={clause.equals.lower()}"
        case ClauseStartsWith():
            return f"^{clause.starts_with.lower()}"
        case ClauseEndsWith():
            return f"${clause.ends_with.lower()}"
        case ClauseContains():
            return f"*{clause.contains.lower()}"
        case ClauseRegex():
            return f"~{clause.regex}"
    raise TypeError(f"unknown clause {clause}")


def _units(price_keys: set[str]) -> Mapping[str, Json]:
    """Return each priced unit's usage key, how many a price is for, and what it is a part of."""
    registry = _get_registry()
    units = {key: registry.unit_for_price_key(key) for key in sorted(price_keys)}
    return {
        key: {
            "usage": unit.usage_key,
            "per": unit.per,
            "within": [
                other.usage_key
                for other in units.values()
                if other is not unit and other.dimensions.items() <= unit.dimensions.items()
            ],
        }
        for key, unit in units.items()
    }


def _price_keys(model: Mapping[str, Json]) -> Iterable[str]:
    yield from model.get("prices", ())
    for each in (*model.get("later", ()), *model.get("variants", ())):
        yield from each["prices"]


def _said(fields: Mapping[str, Json]) -> Mapping[str, Json]:
    return {key: value for key, value in fields.items() if value not in (None, [], {})}


def _line(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    lines = compiled(datetime.now(UTC))
    Path(sys.argv[1]).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines) - 1} models")
