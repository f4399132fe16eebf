"""What providers tell of an answer's bill: counts, the tier it was served in, its cost."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.json import JSON

TICKS = 10**10
"""How many of xAI's ticks are a dollar (https://docs.x.ai/developers/cost-tracking)."""
MOST = 10**6
"""USD beyond which a number is no cost of one call."""
_USUAL = (None, "default", "auto", "standard")
"""Tiers whose prices are a model's own; `auto` is said of what has not ended."""


def count(counts: JSON, key: str) -> int:
    """Return a count of a parsed object, 0 where there is none."""
    value = counts.get(key) if isinstance(counts, dict) else None
    return value if isinstance(value, int) and value > 0 else 0


def told_cost(usage: Mapping[str, JSON]) -> float | None:
    """Return the cost in USD that a `usage` tells, None where it tells none.

    OpenRouter tells it as a number, Perplexity by parts with their sum, xAI in ticks.
    """
    value = usage.get("cost", usage.get("cost_usd"))
    if value is None and (ticks := count(usage, "cost_in_usd_ticks")):
        return ticks / TICKS
    if isinstance(value, Mapping):
        value = value.get("total_cost")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= MOST else None


def served_in(tier: JSON) -> dict[str, str]:
    """Return how an answer with this `service_tier` was served, empty for the usual way."""
    return {} if tier in _USUAL or not isinstance(tier, str) else {"service_tier": tier}
