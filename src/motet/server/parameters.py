"""Parameters in a request's address."""

from __future__ import annotations

import math

from starlette.requests import Request

from motet.gateway.denial import Denial


def number(request: Request, name: str, default: int | None = None) -> int:
    """Return a whole number. Raises `Denial` 400 where it is missing or none."""
    value = request.query_params.get(name)
    if value is None and default is not None:
        return default
    try:
        return int(value or "")
    except ValueError:
        raise Denial(400, f"the parameter {name} must be a number", param=name) from None


def seconds(request: Request, name: str, default: float) -> float:
    """Return a number of seconds. Raises `Denial` 400 where it is none."""
    value = request.query_params.get(name)
    if value is None:
        return default
    try:
        found = float(value)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise Denial(400, f"the parameter {name} must be a number of seconds", param=name)
    return found
