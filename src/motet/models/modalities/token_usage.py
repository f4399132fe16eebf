"""Usage as OpenAI counts it for sound and pictures."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import Usage
from motet.core.json import JSON
from motet.models.modalities.exchange import Spent, count, number


def heard(seconds: float | None) -> Mapping[str, float]:
    """Return the units of so many seconds of sound, none where nobody knows."""
    return {} if seconds is None else {"audio_seconds": seconds, "input_audio_seconds": seconds}


def read_spent(usage: JSON) -> Spent:
    """Read a `usage` object: tokens with what they are of, or seconds."""
    if not isinstance(usage, Mapping):
        return Spent()
    if (seconds := number(usage, "seconds")) is not None:
        return Spent(units=heard(seconds))
    if "input_tokens" not in usage:
        return Spent()
    given = usage.get("input_tokens_details") or usage.get("input_token_details")
    made = usage.get("output_tokens_details") or usage.get("output_token_details")
    pictures = {
        "input_image_tokens": count(given, "image_tokens"),
        "output_image_tokens": count(made, "image_tokens"),
    }
    tokens = Usage(
        input_tokens=count(usage, "input_tokens"),
        output_tokens=count(usage, "output_tokens"),
        cached_tokens=count(given, "cached_tokens"),
        audio_input_tokens=count(given, "audio_tokens"),
        audio_output_tokens=count(made, "audio_tokens"),
    )
    return Spent(tokens, {name: float(value) for name, value in pictures.items() if value})
