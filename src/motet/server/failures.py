"""Errors over HTTP, in the shape that OpenAI's clients read."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from motet.core.errors import (
    ApprovalNeeded,
    DeclarationError,
    ExtractionError,
    MotetError,
    ProviderError,
    RunOwned,
    SetupNeeded,
    StoreError,
    UsageError,
)
from motet.core.json import JSON
from motet.gateway.denial import Denial
from motet.server.dialects import error_body


def body(status: int, message: str, code: str | None, param: str | None = None) -> dict[str, JSON]:
    """Return the error object."""
    kind = "invalid_request_error" if status < 500 else "server_error"
    kind = "rate_limit_error" if status == 429 else kind
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def status_of(error: MotetError) -> int:
    """Return the HTTP status for one of our errors."""
    if isinstance(error, ProviderError):
        if error.status in (400, 413, 422, 429):
            return error.status
        return 504 if isinstance(error.__cause__, TimeoutError) else 502
    if isinstance(error, UsageError):
        return 400
    if isinstance(error, SetupNeeded | StoreError):
        return 503
    if isinstance(error, RunOwned):
        return 409
    # Never one that clients try again by themselves: each attempt would ask people anew.
    theirs = DeclarationError | ExtractionError | ApprovalNeeded
    return 422 if isinstance(error, theirs) else 500


def of_error(error: MotetError) -> dict[str, JSON]:
    """Return the error object for one of our errors."""
    return body(status_of(error), str(error), error.code)


async def denied(request: Request, error: Exception) -> Response:
    """Answer a `Denial`."""
    assert isinstance(error, Denial)
    headers = dict(error.headers)
    if error.retry_after is not None:
        headers["retry-after"] = whole_seconds(error.retry_after)
    return _answer(request, error.status, error.message, error.code, error.param, headers=headers)


async def failed(request: Request, error: Exception) -> Response:
    """Answer one of our errors."""
    assert isinstance(error, MotetError)
    headers = {}
    if isinstance(error, ProviderError) and error.retry_after is not None:
        headers["retry-after"] = whole_seconds(error.retry_after)
    return _answer(request, status_of(error), str(error), error.code, headers=headers)


async def broken(request: Request, error: Exception) -> Response:
    """Answer what we did not foresee, without showing its insides."""
    return _answer(request, 500, f"internal error: {type(error).__name__}", "bug")


async def unknown_route(request: Request, error: Exception) -> Response:
    """Answer a path or method that does not exist."""
    assert isinstance(error, HTTPException)
    status = error.status_code
    text = f"unknown request URL: {request.method} {request.url.path}"
    code = "unknown_url"
    if status == 405:
        text = f"not allowed to {request.method} on {request.url.path}"
        code = "method_not_supported"
    return _answer(request, status, text, code, headers=error.headers)


def _answer(
    request: Request,
    status: int,
    message: str,
    code: str | None,
    param: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error in the dialect of the path."""
    content = error_body(request.url.path, status, message, code, param)
    return JSONResponse(content, status, headers=headers)


def whole_seconds(seconds: float) -> str:
    """Return a wait as `Retry-After` gives it."""
    return str(max(1, round(seconds)))
