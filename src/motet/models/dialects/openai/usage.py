"""`usage` of a completion, both ways."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import Usage
from motet.core.json import JSON


def read_usage(value: JSON) -> Usage | None:
    """Read a `usage` object; None where the provider gave no counts.

    Google and xAI leave thoughts out of `completion_tokens`, but not out of the total.
    DeepSeek and Moonshot name cached tokens otherwise; OpenRouter tells the cost in USD.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("prompt_tokens"), int):
        return None
    prompt, completion = value.get("prompt_tokens_details"), value.get("completion_tokens_details")
    given, written = _count(value, "prompt_tokens"), _count(value, "completion_tokens")
    hidden = max(_count(value, "total_tokens") - given - written, 0)
    cached = (
        _count(prompt, "cached_tokens")
        or _count(value, "cached_tokens")
        or _count(value, "prompt_cache_hit_tokens")
    )
    return Usage(
        input_tokens=given,
        output_tokens=written + hidden,
        cached_tokens=cached,
        reasoning_tokens=_count(completion, "reasoning_tokens") or hidden,
        cost_usd=_cost(value),
        cache_write_tokens=_count(prompt, "cache_write_tokens"),
        audio_input_tokens=_count(prompt, "audio_tokens"),
        audio_output_tokens=_count(completion, "audio_tokens"),
    )


def write_usage(usage: Usage) -> dict[str, JSON]:
    """Return the `usage` object."""
    prompt: dict[str, JSON] = {
        "cached_tokens": usage.cached_tokens,
        "audio_tokens": usage.audio_input_tokens,
    }
    if usage.cache_write_tokens:
        prompt["cache_write_tokens"] = usage.cache_write_tokens
    body: dict[str, JSON] = {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": prompt,
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "audio_tokens": usage.audio_output_tokens,
        },
    }
    if usage.cost_usd is not None:
        body["cost"] = usage.cost_usd
    return body


def _count(counts: JSON, key: str) -> int:
    value = counts.get(key) if isinstance(counts, Mapping) else None
    return max(value, 0) if isinstance(value, int) else 0


def _cost(usage: Mapping[str, JSON]) -> float | None:
    value = usage.get("cost", usage.get("cost_usd"))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
