"""`usage` of a completion, both ways, and the tier it was served in."""

from __future__ import annotations

from motet.core.chat import Usage
from motet.core.json import JSON
from motet.models.dialects.billing import count, served_in, told_cost


def read_usage(value: JSON, tier: JSON = None) -> Usage | None:
    """Read a `usage` object; None where the provider gave no counts.

    `tier` is the answer's `service_tier`. Google and xAI leave thoughts out of
    `completion_tokens`, but not out of the total. DeepSeek and Moonshot name cached tokens
    otherwise. Predicted tokens, accepted or not, are within `completion_tokens`.
    """
    if not isinstance(value, dict) or not isinstance(value.get("prompt_tokens"), int):
        return None
    prompt, completion = value.get("prompt_tokens_details"), value.get("completion_tokens_details")
    given, written = count(value, "prompt_tokens"), count(value, "completion_tokens")
    hidden = max(count(value, "total_tokens") - given - written, 0)
    cached = count(value, "cached_tokens") or count(value, "prompt_cache_hit_tokens")
    kept = heard = reasoned = spoken = 0
    if prompt:
        cached = count(prompt, "cached_tokens") or cached
        kept, heard = count(prompt, "cache_write_tokens"), count(prompt, "audio_tokens")
    if completion:
        reasoned, spoken = count(completion, "reasoning_tokens"), count(completion, "audio_tokens")
    return Usage(
        given,
        written + hidden,
        cached,
        reasoned or hidden,
        told_cost(value),
        kept,
        heard,
        spoken,
        served=served_in(tier),
    )


def write_bill(usage: Usage) -> dict[str, JSON]:
    """Return the fields of an answer that tell what it used, and how it was served."""
    tier = usage.served.get("service_tier")
    body: dict[str, JSON] = {"usage": write_usage(usage)}
    return body if tier is None else {**body, "service_tier": tier}


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
