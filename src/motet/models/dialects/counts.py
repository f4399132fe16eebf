"""Usage as each dialect counts it, read from a whole body or from one event of a stream."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from motet.core.chat import Usage

Told = dict[str, Any]
"""What a stream's events told so far, as its dialect keeps it."""
Read = Callable[[Mapping[str, Any], Told], Usage | None]


def read(dialect: str, value: Mapping[str, Any], told: Told) -> Usage | None:
    """Return what an answer used, by a body or an event of it; None where that holds no counts.

    `told` is one answer's own; it starts empty, and every event adds to it what the later
    ones leave out.
    """
    return _reader(dialect)(value, told)


@cache
def _reader(dialect: str) -> Read:
    """Return how usage is read; the dialects are imported when they are first met."""
    if dialect == "gemini":
        from motet.models.dialects.gemini.usage import read_usage

        return read_usage
    return {"anthropic": _anthropic, "responses": _responses}.get(dialect, _openai)()


def _anthropic() -> Read:
    from motet.models.dialects.anthropic.usage import read_usage, take

    def read(value: Mapping[str, Any], told: Told) -> Usage | None:
        inner = value.get("message")
        usage = (inner if isinstance(inner, Mapping) else value).get("usage")
        if not isinstance(usage, Mapping):
            return None
        take(told, usage)
        return read_usage(told)

    return read


def _responses() -> Read:
    from motet.models.dialects.responses.usage import read_usage

    def read(value: Mapping[str, Any], told: Told) -> Usage | None:
        inner = value.get("response")
        return read_usage(inner if isinstance(inner, Mapping) else value)

    return read


def _openai() -> Read:
    from motet.models.dialects.openai.usage import read_usage

    def read(value: Mapping[str, Any], told: Told) -> Usage | None:
        return read_usage(value.get("usage"), value.get("service_tier"))

    return read
