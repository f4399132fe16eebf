"""Which errors are answered how."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from motet.core.errors import MotetError
from motet.gateway.denial import Denial
from motet.server import failures

Handler = Callable[[Request, Exception], Awaitable[Response]]


def handlers() -> dict[Any, Handler]:
    """Return the handlers of both applications."""
    return {
        Denial: failures.denied,
        MotetError: failures.failed,
        ClientDisconnect: _left,
        404: failures.unknown_route,
        405: failures.unknown_route,
        500: failures.broken,
    }


async def _left(request: Request, error: Exception) -> Response:
    """The client is gone: nothing is sent, the status is for logs."""
    return Response(status_code=499)
