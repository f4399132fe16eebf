"""Models as people and machines see them: what is known, measured and possible now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.json import JSON

if TYPE_CHECKING:
    from motet.models.catalogue.card import Card
    from motet.models.catalogue.price import Period, Price, Prices

UNKNOWN = "?"
_ORDER = ("text", "image", "audio", "video", "document", "vector", "score")


@dataclass(frozen=True, slots=True)
class Measured:
    """What past runs measured of a model: seconds, and evaluated quality from 0 to 1."""

    calls: int = 0
    p50: float | None = None
    p90: float | None = None
    quality: float | None = None
    scored: int = 0


NOTHING = Measured()


@dataclass(frozen=True, slots=True)
class Row:
    """One model. `why` says why it cannot answer now, None where nothing speaks against it."""

    name: str
    card: Card
    declared: bool = False
    local: bool = False
    why: str | None = None
    measured: Measured = NOTHING

    def to_json(self) -> dict[str, JSON]:
        """Return it as `docs/models.md` says."""
        card, measured = self.card, self.measured
        return {
            "name": self.name,
            "use": card.use,
            "title": card.title,
            "declared": self.declared,
            "local": self.local,
            "available": self.why is None,
            "why": self.why,
            "context": card.context,
            "max_output": card.max_output,
            "input": _sorted(card.input_modalities),
            "output": _sorted(card.output_modalities),
            "tools": card.tools,
            "structured": card.structured,
            "reasoning": card.reasoning,
            "deprecated": card.deprecated,
            "prices": None if card.pricing is None else _prices(card.pricing.prices()),
            "measured": {
                "calls": measured.calls,
                "p50_ms": _milliseconds(measured.p50),
                "p90_ms": _milliseconds(measured.p90),
                "quality": measured.quality,
                "scored": measured.scored,
            },
            "sources": dict(card.sources),
        }


HEADER = ("MODEL", "TAKES", "CONTEXT", "TOOLS", "IN $/M", "OUT $/M", "P50", "QUALITY", "STATE")
_RIGHT = frozenset({"CONTEXT", "IN $/M", "OUT $/M", "P50", "QUALITY"})


def table(rows: Sequence[Row]) -> str:
    """Return the rows in columns; `?` stands for what nobody says, `-` for not measured."""
    cells = [HEADER, *(_cells(each) for each in rows)]
    widths = [max(len(each[column]) for each in cells) for column in range(len(HEADER))]
    lines = []
    for each in cells:
        padded = [
            cell.rjust(width) if name in _RIGHT else cell.ljust(width)
            for cell, width, name in zip(each, widths, HEADER, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    card, measured = row.card, row.measured
    name = row.name if row.name == card.use else f"{row.name} ({card.use})"
    return (
        name,
        modalities(card.input_modalities),
        size(card.context),
        yes(card.tools),
        *_two_prices(card),
        "-" if measured.p50 is None else f"{measured.p50:.2f} s",
        "-" if measured.quality is None else f"{measured.quality:.2f}",
        row.why or ("deprecated" if card.deprecated else "ready"),
    )


def _two_prices(card: Card) -> tuple[str, str]:
    """Return the prices of input and output, in USD per million tokens."""
    if card.pricing is None:
        return UNKNOWN, UNKNOWN
    if card.pricing.is_free:
        return "free", "free"
    prices = card.pricing.prices()
    tokens = [prices.get(each) for each in ("input_tokens", "output_tokens")]
    if not any(tokens):
        return "other", "other"
    first, second = ("-" if each is None else f"{each.base.normalize():f}" for each in tokens)
    return first, second


def modalities(known: Iterable[str] | None) -> str:
    """Return modalities in their usual order, `?` where nobody says."""
    return UNKNOWN if known is None else "+".join(_sorted(known) or ())


def size(tokens: int | None) -> str:
    """Return a number of tokens, `?` where nobody says."""
    return UNKNOWN if tokens is None else f"{tokens:,}"


def yes(known: bool | None) -> str:
    """Return yes, no or `?`."""
    return UNKNOWN if known is None else "yes" if known else "no"


_FIELDS = (
    ("takes", "input_modalities"),
    ("gives", "output_modalities"),
    ("context", "context"),
    ("max output", "max_output"),
    ("tools", "tools"),
    ("structured", "structured"),
    ("reasoning", "reasoning"),
)


def sheet(row: Row) -> str:
    """Return all that is known of a model, and where each fact is from."""
    card = row.card
    lines = [row.name + (f"  ({card.title})" if card.title else "")]
    if row.name != card.use:
        lines.append(_line("model", card.use, None))
    lines += [
        _line(label, _fact(getattr(card, name)), card.sources.get(name)) for label, name in _FIELDS
    ]
    lines += _price_lines(card)
    lines.append(_line("measured", _measured(row.measured), None))
    state = row.why or "ready"
    lines.append(_line("state", f"{state}, deprecated" if card.deprecated else state, None))
    return "\n".join(lines)


def _fact(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return yes(value)
    if isinstance(value, int):
        return f"{value:,} tokens"
    assert isinstance(value, frozenset)
    return modalities(value)


def _line(label: str, text: str, source: str | None) -> str:
    return f"  {label:<11} {text}" + (f"  ({source})" if source else "")


def _price_lines(card: Card) -> list[str]:
    if card.pricing is None:
        return [_line("price", "unknown", None)]
    source = card.sources.get("pricing")
    if card.pricing.is_free:
        return [_line("price", "free", source)]
    lines = [_line("price", "in USD", source), *_amounts(card.pricing.usual)]
    for period, prices in card.pricing.later:
        lines += [_line("", f"{_when(period)}:", None), *_amounts(prices)]
    for variant in card.pricing.variants:
        name = " and ".join(f"{key} {value}" for key, value in variant.when)
        lines += [_line("", f"served with {name}:", None), *_amounts(variant.prices)]
    return lines


def _amounts(prices: Prices) -> list[str]:
    found = []
    for name, price in prices.items():
        tiers = "".join(
            f", {usd.normalize():f} beyond {start:,} input tokens" for start, usd in price.tiers
        )
        what = name.replace("_", " ")
        found.append(
            _line("", f"  {price.base.normalize():f} per {price.unit.per:,} {what}{tiers}", None)
        )
    return found


def _when(period: Period) -> str:
    if period.daily is not None:
        start, end = (f"{each // 3600:02}:{each % 3600 // 60:02}" for each in period.daily)
        return f"daily from {start} to {end} UTC"
    from datetime import UTC, datetime

    assert period.start is not None
    return f"from {datetime.fromtimestamp(period.start, UTC).date().isoformat()} on"


def _measured(measured: Measured) -> str:
    if not measured.calls and not measured.scored:
        return "nothing yet"
    parts = []
    if measured.p50 is not None and measured.p90 is not None:
        times = f"{measured.p50:.2f} s, in nine of ten below {measured.p90:.2f} s"
        parts.append(f"half of {measured.calls} answers below {times}")
    if measured.quality is not None:
        parts.append(f"quality {measured.quality:.2f} of {measured.scored} evaluated")
    return "; ".join(parts)


def _prices(prices: Prices) -> list[JSON]:
    return [_price(name, price) for name, price in prices.items()]


def _price(name: str, price: Price) -> dict[str, JSON]:
    tiers: list[JSON] = [{"beyond": start, "usd": float(usd)} for start, usd in price.tiers]
    return {"unit": name, "per": price.unit.per, "usd": float(price.base), "tiers": tiers}


def _sorted(known: Iterable[str] | None) -> list[str] | None:
    return None if known is None else sorted(known, key=_ORDER.index)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
