"""Tokens as Anthropic counts them, and what it bills beside them.

Its `input_tokens` leaves out what a cache gave or took
(https://platform.claude.com/docs/en/build-with-claude/prompt-caching). Of `iterations` the
counts above sum up those of the model itself, but neither compactions nor advice
(https://platform.claude.com/docs/en/build-with-claude/compaction).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.chat import Usage
from motet.core.json import JSON
from motet.models.dialects.billing import count

_TOTALS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_HOUR = "cache_write_1h_tokens"
_TOLD = {"input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", _HOUR}


def take(told: dict[str, JSON], usage: JSON) -> None:
    """Add counts to those told before; what comes later is of all so far, unless it is 0."""
    if isinstance(usage, Mapping):
        told |= {key: value for key, value in usage.items() if value or key not in told}


def read_usage(value: JSON) -> Usage | None:
    """Read a `usage` object; None where there are no counts."""
    if not isinstance(value, Mapping) or not ({"input_tokens", "output_tokens"} & value.keys()):
        return None
    cached = count(value, "cache_read_input_tokens")
    written = count(value, "cache_creation_input_tokens")
    given = count(value, "input_tokens") + cached + written
    output = count(value, "output_tokens")
    units: dict[str, float] = {
        _HOUR: count(value.get("cache_creation"), "ephemeral_1h_input_tokens"),
        "web_searches": count(value.get("server_tool_use"), "web_search_requests"),
    }
    for each in _beside(value.get("iterations")):
        counts = _iteration(each)
        if (model := each.get("model")) and isinstance(model, str):
            for name, amount in counts.items():
                units[f"{model}/{name}"] = units.get(f"{model}/{name}", 0) + amount
            continue
        given += counts["input_tokens"]
        output += counts["output_tokens"]
        cached += counts["cache_read_tokens"]
        written += counts["cache_write_tokens"]
        units[_HOUR] += counts[_HOUR]
    return Usage(
        input_tokens=given,
        output_tokens=output,
        cached_tokens=cached,
        reasoning_tokens=count(value.get("output_tokens_details"), "thinking_tokens"),
        cache_write_tokens=written,
        units={name: amount for name, amount in units.items() if amount},
        served=_served(value),
    )


def _beside(iterations: JSON) -> list[Mapping[str, JSON]]:
    """Return the iterations that the counts above leave out."""
    if not isinstance(iterations, Sequence) or isinstance(iterations, str):
        return []
    found = [each for each in iterations if isinstance(each, Mapping)]
    return [each for each in found if each.get("type") in ("compaction", "advisor_message")]


def _iteration(counts: Mapping[str, JSON]) -> dict[str, int]:
    return {
        "input_tokens": sum(count(counts, name) for name in _TOTALS),
        "output_tokens": count(counts, "output_tokens"),
        "cache_read_tokens": count(counts, "cache_read_input_tokens"),
        "cache_write_tokens": count(counts, "cache_creation_input_tokens"),
        _HOUR: count(counts.get("cache_creation"), "ephemeral_1h_input_tokens"),
    }


def _served(value: Mapping[str, JSON]) -> dict[str, str]:
    served: dict[str, str] = {}
    if value.get("speed") == "fast":
        served["speed"] = "fast"
    tier = value.get("service_tier")
    if tier == "batch":
        served["processing"] = "batch"
    elif isinstance(tier, str) and tier != "standard":
        served["service_tier"] = tier
    return served


def write_usage(usage: Usage | None) -> dict[str, JSON]:
    """Write a `usage` object; the clients need one, so unknown counts are zero.

    What compactions used is in the counts; who else helped is told in `iterations`.
    """
    usage = usage or Usage()
    fresh = usage.input_tokens - usage.cached_tokens - usage.cache_write_tokens
    written: dict[str, JSON] = {
        "input_tokens": max(fresh, 0),
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
    }
    if hour := usage.units.get(_HOUR):
        written["cache_creation"] = _lifetimes(usage.cache_write_tokens, hour)
    if searches := usage.units.get("web_searches"):
        written["server_tool_use"] = {"web_search_requests": searches, "web_fetch_requests": 0}
    if usage.reasoning_tokens:
        written["output_tokens_details"] = {"thinking_tokens": usage.reasoning_tokens}
    if helpers := _helpers(usage.units):
        written["iterations"] = helpers
    return written | _tier(usage.served)


def _lifetimes(written: float, hour: float) -> dict[str, JSON]:
    return {
        "ephemeral_5m_input_tokens": max(written - hour, 0),
        "ephemeral_1h_input_tokens": hour,
    }


def _helpers(units: Mapping[str, float]) -> list[JSON]:
    """Return what other models did, as far as it is told in tokens of text."""
    apart: dict[str, dict[str, float]] = {}
    for name, amount in units.items():
        model, _, unit = name.rpartition("/")
        if model:
            apart.setdefault(model, {})[unit] = amount
    return [_advice(model, apart[model]) for model in apart if apart[model].keys() <= _TOLD]


def _advice(model: str, counts: Mapping[str, float]) -> dict[str, JSON]:
    cached, written = counts.get("cache_read_tokens", 0), counts.get("cache_write_tokens", 0)
    return {
        "type": "advisor_message",
        "model": model,
        "input_tokens": max(counts.get("input_tokens", 0) - cached - written, 0),
        "output_tokens": counts.get("output_tokens", 0),
        "cache_read_input_tokens": cached,
        "cache_creation_input_tokens": written,
        "cache_creation": _lifetimes(written, counts.get(_HOUR, 0)),
    }


def _tier(served: Mapping[str, str]) -> dict[str, JSON]:
    tier = "batch" if served.get("processing") == "batch" else served.get("service_tier")
    told: dict[str, JSON] = {}
    if tier in ("batch", "priority"):
        told["service_tier"] = tier
    if "speed" in served:
        told["speed"] = served["speed"]
    return told
