"""Token counts of the Responses API."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import Usage
from motet.core.json import JSON


def read_usage(value: JSON) -> Usage | None:
    """Read a `usage` object; None where the provider gave no counts."""
    if not isinstance(value, Mapping) or "input_tokens" not in value:
        return None
    taken, made = value.get("input_tokens_details"), value.get("output_tokens_details")
    cost = value.get("cost")
    return Usage(
        input_tokens=_count(value, "input_tokens"),
        output_tokens=_count(value, "output_tokens"),
        cached_tokens=_count(taken, "cached_tokens"),
        reasoning_tokens=_count(made, "reasoning_tokens"),
        # OpenRouter says what the call cost.
        cost_usd=cost if isinstance(cost, float) else None,
        cache_write_tokens=_count(taken, "cache_write_tokens"),
        audio_input_tokens=_count(taken, "audio_tokens"),
        audio_output_tokens=_count(made, "audio_tokens"),
    )


def written_usage(usage: Usage | None) -> JSON:
    """Return the `usage` object."""
    if usage is None:
        return None
    taken: dict[str, JSON] = {
        "cached_tokens": usage.cached_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
    }
    made: dict[str, JSON] = {"reasoning_tokens": usage.reasoning_tokens}
    if usage.audio_input_tokens:
        taken["audio_tokens"] = usage.audio_input_tokens
    if usage.audio_output_tokens:
        made["audio_tokens"] = usage.audio_output_tokens
    body: dict[str, JSON] = {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": taken,
        "output_tokens": usage.output_tokens,
        "output_tokens_details": made,
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }
    return body if usage.cost_usd is None else {**body, "cost": usage.cost_usd}


def _count(counts: JSON, key: str) -> int:
    value = counts.get(key) if isinstance(counts, Mapping) else None
    return max(value, 0) if isinstance(value, int) else 0
