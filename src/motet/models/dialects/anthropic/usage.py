"""Tokens as Anthropic counts them: its `input_tokens` leaves out what a cache gave or took."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import Usage
from motet.core.json import JSON


def read_usage(value: JSON) -> Usage | None:
    """Read a `usage` object; None where there are no counts."""
    if not isinstance(value, Mapping) or not ({"input_tokens", "output_tokens"} & value.keys()):
        return None
    cached = _count(value, "cache_read_input_tokens")
    written = _count(value, "cache_creation_input_tokens")
    return Usage(
        input_tokens=_count(value, "input_tokens") + cached + written,
        output_tokens=_count(value, "output_tokens"),
        cached_tokens=cached,
        reasoning_tokens=_count(value.get("output_tokens_details"), "thinking_tokens"),
        cache_write_tokens=written,
    )


def write_usage(usage: Usage | None) -> dict[str, JSON]:
    """Write a `usage` object; the clients need one, so unknown counts are zero."""
    usage = usage or Usage()
    fresh = usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens
    written: dict[str, JSON] = {
        "input_tokens": max(fresh, 0),
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
    }
    if usage.reasoning_tokens:
        written["output_tokens_details"] = {"thinking_tokens": usage.reasoning_tokens}
    return written


def _count(counts: JSON, key: str) -> int:
    value = counts.get(key) if isinstance(counts, Mapping) else None
    return max(value, 0) if isinstance(value, int) else 0
