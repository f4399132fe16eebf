"""How much a request may cost: bounds of its tokens, read and set in each dialect's body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from motet.core.chat import ChatRequest, Data, Image, Native, Part, Reasoning, Text, ToolCall
from motet.core.json import dumps

IMAGE_TOKENS = 6_000
"""More than any provider counts for one picture given by its address."""
FILE_TOKENS = 250_000
"""What a document given by its address or id is taken for."""
LOOKAHEAD = 32
"""Tokens that a provider may have written on before it noticed that nobody reads."""
_KEYS: Mapping[str, tuple[str, ...]] = {
    "openai": ("max_completion_tokens", "max_tokens"),
    "responses": ("max_output_tokens",),
    "anthropic": ("max_tokens",),
}
Body = dict[str, Any]
"""A JSON object as parsed; what it holds is checked where it is read."""


def output_bound(dialect: str, body: Body) -> int | None:
    """Return the most output tokens the request admits, None where it sets no bound."""
    if dialect == "gemini":
        config = body.get("generationConfig")
        found = config.get("maxOutputTokens") if isinstance(config, dict) else None
        several = config.get("candidateCount") if isinstance(config, dict) else None
    else:
        found = None
        for key in _KEYS[dialect]:
            each = body.get(key)
            # Where two are given, providers differ in which one counts.
            if _is_count(each) and (found is None or each > found):
                found = each
        several = body.get("n")
    if found is None or not _is_count(found):
        return None
    return int(found) * (several if _is_count(several) else 1)


def with_output_bound(dialect: str, body: Body, tokens: int, *, key: str = "") -> Body:
    """Return the body with a bound; `key` is the field's name where the provider wants another."""
    if dialect == "gemini":
        config = body.get("generationConfig")
        return {**body, "generationConfig": {**(config or {}), "maxOutputTokens": tokens}}
    return {**body, (key or _KEYS[dialect][0]): tokens}


def input_bound(body: Body, size: int) -> int:
    """Return a number that the input tokens of a request cannot exceed.

    No tokenizer makes more tokens than there are bytes. What is given by address or id is
    not among the bytes and is taken for as large as such a thing may be.
    """
    text = _referring(body) if size < 4096 else True
    return size + (_elsewhere(body) if text else 0)


def request_bound(request: ChatRequest) -> int:
    """Return a number that the input tokens of a canonical request cannot exceed."""
    size = sum(_parts_bound(message.parts) + 16 for message in request.messages)
    for tool in request.tools:
        said = f"{tool.name}{tool.description}{dumps(tool.parameters)}"
        size += len(said.encode()) + 16
    size += sum(len(dumps(each.value).encode()) for each in request.native_tools)
    if request.response_format is not None:
        size += len(dumps(request.response_format).encode())
    return size + len(dumps(request.extra).encode())


def given(size: int) -> int:
    """Estimate the tokens of so many bytes of input that nobody counted.

    Two bytes to a token is more than tokenizers make of any language.
    """
    return size // 2 + 1


def written(size: int, events: int = 0) -> int:
    """Estimate the tokens of an answer that broke off after so many bytes and events."""
    return max(events, size // 2) + LOOKAHEAD


def _parts_bound(parts: Sequence[Part]) -> int:
    size = 0
    for part in parts:
        if isinstance(part, Text | Reasoning):
            size += len(part.text.encode())
        elif isinstance(part, ToolCall):
            size += len(part.name) + len(part.arguments.encode())
        elif isinstance(part, Native):
            size += len(dumps(part.value).encode())
        elif isinstance(part.source, Data):
            size += len(part.source.base64)
        else:
            size += IMAGE_TOKENS if isinstance(part, Image) else FILE_TOKENS
    return size


def _referring(body: Body) -> bool:
    """Whether a short body can refer to something; most cannot, and that is cheap to tell."""
    for key in ("messages", "input", "contents"):
        turns = body.get(key)
        if isinstance(turns, list):
            return any(not isinstance(each, dict) or _has_parts(each) for each in turns)
    return not isinstance(body.get("input"), str)


def _has_parts(turn: dict[str, Any]) -> bool:
    return not isinstance(turn.get("content"), str)


def _elsewhere(value: object, depth: int = 0) -> int:
    """Add up what a JSON value refers to by address or id."""
    if depth > 64:
        return 0
    if isinstance(value, list):
        return sum(_elsewhere(each, depth + 1) for each in value)
    if not isinstance(value, dict):
        return 0
    found = 0
    for key, each in value.items():
        if key in ("file_id", "file_url", "fileUri", "previous_response_id", "cachedContent"):
            found += FILE_TOKENS if isinstance(each, str) else 0
        elif key in ("url", "image_url") and isinstance(each, str):
            found += 0 if each.startswith("data:") else IMAGE_TOKENS
        elif isinstance(each, dict | list):
            found += _elsewhere(each, depth + 1)
    return found


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
