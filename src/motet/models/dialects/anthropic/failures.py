"""Errors in Anthropic's shape (https://docs.anthropic.com/en/api/errors), written and read."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.errors import ProviderError
from motet.core.json import JSON
from motet.models.failures import provider_message, reported_failure

_TYPES: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_STATUSES: Mapping[str, int] = {
    **{kind: status for status, kind in _TYPES.items()},
    "timeout_error": 504,
}


def error_body(status: int, message: str, param: str | None = None) -> Mapping[str, JSON]:
    """Return the body of an error. It names the argument in its message, having no field for it."""
    if param and not message.startswith(param):
        message = f"{param}: {message}"
    kind = _TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": None}


def read_error(body: JSON, *, where: str, key: str) -> ProviderError:
    """Return the error that came in a stream, or where an answer was due."""
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping) and (status := _STATUSES.get(str(error.get("type")))):
        body = {"error": {**error, "code": status}}
    return reported_failure(body, where=where, key=key)


def not_a_message(body: bytes, *, where: str, key: str) -> ProviderError:
    """Return the error of a successful answer that is not what was asked for."""
    said = provider_message(body, key)
    message = "the answer is not an Anthropic message" + (f": {said}" if said else "")
    hint = "does base_url point at an API with Anthropic's dialect? Often it ends in /v1"
    return ProviderError(message, where=where, hint=hint)
