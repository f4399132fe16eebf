"""Which dialect a path is spoken to in, so that errors too are worded in it."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.json import JSON

PATHS: Mapping[str, str] = {
    "/v1/chat/completions": "openai",
    "/v1/responses": "responses",
    "/v1/messages": "anthropic",
}
GEMINI = "/v1beta/"
PROTECTED = ("/v1/", GEMINI, "/api/")
"""What begins so needs a key where there are keys."""


def dialect_of(path: str) -> str:
    """Return the dialect of a path: OpenAI's where it is nobody else's."""
    if path.startswith("/v1/messages/"):
        return "anthropic"
    return "gemini" if path.startswith(GEMINI) else PATHS.get(path, "openai")


def error_body(
    path: str, status: int, message: str, code: str | None, param: str | None = None
) -> Mapping[str, JSON]:
    """Return the body of an error as clients of this path expect it."""
    from motet.models.dialects.registry import DIALECTS

    return DIALECTS[dialect_of(path)].error(status, message, code, param)
