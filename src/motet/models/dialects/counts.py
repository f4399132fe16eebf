"""Usage as each dialect counts it, read from a whole body or from one event of a stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motet.core.chat import Usage


def read(dialect: str, value: Mapping[str, Any]) -> Usage | None:
    """Return the counts that a body or an event holds, None where it holds none."""
    if dialect == "gemini":
        from motet.models.dialects.gemini.usage import read_usage

        return read_usage(value.get("usageMetadata"))
    if dialect == "anthropic":
        from motet.models.dialects.anthropic.usage import read_usage

        inner = value.get("message")
        return read_usage((inner if isinstance(inner, Mapping) else value).get("usage"))
    if dialect == "responses":
        from motet.models.dialects.responses.usage import read_usage

        inner = value.get("response")
        return read_usage((inner if isinstance(inner, Mapping) else value).get("usage"))
    from motet.models.dialects.openai.usage import read_usage

    return read_usage(value.get("usage"))
