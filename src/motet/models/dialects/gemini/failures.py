"""Errors as Google's APIs write them (https://google.aip.dev/193)."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.json import JSON

_STATUS: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_TYPE = "type.googleapis.com/google.rpc."


def error_body(
    status: int, message: str, code: str | None, param: str | None = None
) -> dict[str, JSON]:
    """Return an error; `code` goes to its `ErrorInfo`, `param` to its `BadRequest`."""
    details: list[JSON] = []
    if code:
        reason = code.upper().replace("-", "_").replace(".", "_")
        details.append({"@type": f"{_TYPE}ErrorInfo", "reason": reason, "domain": "motet"})
    if param:
        violation = {"field": param, "description": message}
        details.append({"@type": f"{_TYPE}BadRequest", "fieldViolations": [violation]})
    word = _STATUS.get(status, "UNKNOWN" if status >= 500 else "FAILED_PRECONDITION")
    error: dict[str, JSON] = {"code": status, "message": message, "status": word}
    return {"error": {**error, "details": details} if details else error}
