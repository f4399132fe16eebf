"""Parameters in a request's address."""

from __future__ import annotations

from starlette.requests import Request

from motet.server.failures import HTTPError


def number(request: Request, name: str, default: int | None = None) -> int:
    """Return a whole number. Raises `HTTPError` 400 where it is missing or none."""
    value = request.query_params.get(name)
    if value is None and default is not None:
        return default
    try:
        return int(value or "")
    except ValueError:
        raise HTTPError(400, f"the parameter {name} must be a number", param=name) from None
