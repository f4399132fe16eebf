"""Token counts (https://ai.google.dev/api/generate-content#UsageMetadata), both ways.

What Google charges beside them is in the candidates: searches that an answer rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from motet.core.chat import Usage
from motet.core.json import JSON

_INPUT = ("promptTokensDetails", "toolUsePromptTokensDetails")
_OUTPUT = ("candidatesTokensDetails",)
_CACHED = ("cacheTokensDetails",)
_KINDS = (
    ("input_image_tokens", _INPUT, ("IMAGE", "DOCUMENT")),
    ("input_video_tokens", _INPUT, ("VIDEO",)),
    ("output_image_tokens", _OUTPUT, ("IMAGE", "DOCUMENT")),
    ("output_video_tokens", _OUTPUT, ("VIDEO",)),
    ("cache_audio_read_tokens", _CACHED, ("AUDIO",)),
    ("cache_image_read_tokens", _CACHED, ("IMAGE", "DOCUMENT")),
)
"""What the prices tell apart; pages of a document count as pictures."""
_TIERS = {
    "flex": "flex",
    "priority": "priority",
    "ON_DEMAND_FLEX": "flex",
    "ON_DEMAND_PRIORITY": "priority",
}
"""Tiers by `serviceTier` and by Vertex AI's `trafficType`, where prices are others."""
_BY_PROMPT = ("gemini-1", "gemini-2")
"""Models whose searches are charged once for a prompt, however many there were."""


def read_usage(body: Mapping[str, JSON], queries: dict[str, JSON]) -> Usage | None:
    """Read what a body or a stream's chunk used; None where the provider gave no counts.

    `queries` holds the searches of the answer so far, those of this chunk are added. What
    server-side tools brought into the prompt is counted beside it and is input too.
    """
    _note(body, queries)
    value = body.get("usageMetadata")
    if not isinstance(value, Mapping) or "promptTokenCount" not in value:
        return None
    thoughts = _count(value.get("thoughtsTokenCount"))
    prompt = _count(value.get("promptTokenCount"))
    tier = value.get("serviceTier") or value.get("trafficType")
    served = _TIERS.get(tier) if isinstance(tier, str) else None
    return Usage(
        input_tokens=prompt + _count(value.get("toolUsePromptTokenCount")),
        output_tokens=_count(value.get("candidatesTokenCount")) + thoughts,
        cached_tokens=_count(value.get("cachedContentTokenCount")),
        reasoning_tokens=thoughts,
        audio_input_tokens=_of(value, _INPUT, ("AUDIO",)),
        audio_output_tokens=_of(value, _OUTPUT, ("AUDIO",)),
        units=_units(value, _searches(body.get("modelVersion"), queries)),
        served={"service_tier": served} if served else {},
    )


def _units(value: Mapping[str, JSON], searches: int) -> dict[str, float]:
    found = {name: _of(value, keys, kinds) for name, keys, kinds in _KINDS}
    found["web_searches"] = searches
    return {name: amount for name, amount in found.items() if amount}


def _searches(model: JSON, queries: Mapping[str, JSON]) -> int:
    """Count searches as they are charged: each query once, of older models each prompt."""
    by_prompt = isinstance(model, str) and model.startswith(_BY_PROMPT)
    return min(len(queries), 1) if by_prompt else len(queries)


def _note(body: Mapping[str, JSON], queries: dict[str, JSON]) -> None:
    for candidate in _listed(body.get("candidates")):
        grounding = candidate.get("groundingMetadata") if isinstance(candidate, Mapping) else None
        if isinstance(grounding, Mapping):
            asked = _listed(grounding.get("webSearchQueries"))
            queries |= {each: None for each in asked if isinstance(each, str) and each}


def _of(value: Mapping[str, JSON], keys: Sequence[str], kinds: Sequence[str]) -> int:
    return sum(tokens_of(value.get(key), kind) for key in keys for kind in kinds if key in value)


def _listed(value: JSON) -> Iterator[JSON]:
    return iter(value) if isinstance(value, Sequence) and not isinstance(value, str) else iter(())


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
    totals = {_INPUT: usage.input_tokens, _OUTPUT: spoken, _CACHED: usage.cached_tokens}
    for keys, total in totals.items():
        if found := _details(usage, keys, total):
            body[keys[0]] = found
    if "service_tier" in usage.served:
        body["serviceTier"] = usage.served["service_tier"]
    return body


def _details(usage: Usage, keys: tuple[str, ...], total: int) -> list[JSON]:
    """Return the tokens of each modality, none where all are of text."""
    sound = {_INPUT: usage.audio_input_tokens, _OUTPUT: usage.audio_output_tokens}
    found = {"AUDIO": sound.get(keys, 0)}
    for name, of, kinds in _KINDS:
        if of == keys:
            found[kinds[0]] = found.get(kinds[0], 0) + int(usage.units.get(name, 0))
    found = {kind: amount for kind, amount in found.items() if amount}
    if not found:
        return []
    counts = {"TEXT": total - sum(found.values()), **found}
    return [{"modality": kind, "tokenCount": amount} for kind, amount in counts.items()]


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
