"""Errors as OpenAI's clients read them."""

from __future__ import annotations

from motet.core.json import JSON


def failure(
    status: int, message: str, code: str | None, param: str | None = None
) -> dict[str, JSON]:
    """Return the error object; its type follows from the status."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    kind = "rate_limit_error" if status == 429 else kind
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
