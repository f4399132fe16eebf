"""Token counts (https://ai.google.dev/api/generate-content#UsageMetadata), both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.chat import Usage
from motet.core.json import JSON


def read_usage(value: JSON) -> Usage | None:
    """Read a `usageMetadata` object; None where the provider gave no counts.

    What server-side tools brought into the prompt is counted beside it and is input too.
    """
    if not isinstance(value, Mapping) or "promptTokenCount" not in value:
        return None
    thoughts = _count(value.get("thoughtsTokenCount"))
    prompt = _count(value.get("promptTokenCount"))
    return Usage(
        input_tokens=prompt + _count(value.get("toolUsePromptTokenCount")),
        output_tokens=_count(value.get("candidatesTokenCount")) + thoughts,
        cached_tokens=_count(value.get("cachedContentTokenCount")),
        reasoning_tokens=thoughts,
        audio_input_tokens=tokens_of(value.get("promptTokensDetails"), "AUDIO")
        + tokens_of(value.get("toolUsePromptTokensDetails"), "AUDIO"),
        audio_output_tokens=tokens_of(value.get("candidatesTokensDetails"), "AUDIO"),
    )


def written_usage(usage: Usage) -> dict[str, JSON]:
    """Write a `usageMetadata` object."""
    spoken = usage.output_tokens - usage.reasoning_tokens
    body: dict[str, JSON] = {
        "promptTokenCount": usage.input_tokens,
        "candidatesTokenCount": spoken,
        "totalTokenCount": usage.input_tokens + usage.output_tokens,
    }
    if usage.reasoning_tokens:
        body["thoughtsTokenCount"] = usage.reasoning_tokens
    if usage.cached_tokens:
        body["cachedContentTokenCount"] = usage.cached_tokens
    if usage.audio_input_tokens:
        body["promptTokensDetails"] = _details(usage.input_tokens, usage.audio_input_tokens)
    if usage.audio_output_tokens:
        body["candidatesTokensDetails"] = _details(spoken, usage.audio_output_tokens)
    return body


def _details(total: int, sound: int) -> list[JSON]:
    return [
        {"modality": "TEXT", "tokenCount": total - sound},
        {"modality": "AUDIO", "tokenCount": sound},
    ]


def tokens_of(details: JSON, modality: str) -> int:
    """Return how many tokens are of a modality (TEXT, IMAGE, AUDIO, VIDEO, DOCUMENT)."""
    if not isinstance(details, Sequence) or isinstance(details, str):
        return 0
    return sum(
        _count(entry.get("tokenCount"))
        for entry in details
        if isinstance(entry, Mapping) and entry.get("modality") == modality
    )


def _count(value: JSON) -> int:
    return max(value, 0) if isinstance(value, int) else 0
