"""The application: routes, guard, and what lives as long as the server."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from motet.core.clock import now
from motet.core.errors import MotetError
from motet.models.encoder import load_encoder
from motet.server import chat, failures, models, sources
from motet.server.guard import Guard
from motet.server.ingests import Ingests
from motet.system import System

Handler = Callable[[Request, Exception], Awaitable[Response]]
STATIC = Path(__file__).with_name("static")


def application(systems: Sequence[System], *, key: str | None = None) -> Starlette:
    """Return the ASGI application that serves the systems under their names.

    With a `key`, every request to /v1 and /api must carry it; without, only requests that
    name this machine as host are answered.
    """
    ingests = Ingests()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None, None]:
        for system in systems:
            ingests.start(system)
        yield
        await ingests.stop()

    app = Starlette(
        routes=_routes(),
        middleware=[Middleware(Guard, key=key)],
        exception_handlers=_handlers(),
        lifespan=lifespan,
    )
    app.state.systems = {system.name: system for system in systems}
    app.state.started = int(now())
    app.state.ingests = ingests
    app.state.encoder = cache(load_encoder)
    return app


def _routes() -> list[Route | Mount]:
    return [
        Route("/v1/models", models.list_models),
        Route("/v1/models/{model:path}", models.show_model),
        Route("/v1/chat/completions", chat.completions, methods=["POST"]),
        Route("/v1/embeddings", models.embeddings, methods=["POST"]),
        Route("/api/systems", sources.list_systems),
        Route("/api/sources", sources.list_sources),
        Route("/api/sources", sources.remove_source, methods=["DELETE"]),
        Route("/api/sources/{name:path}", sources.add_source, methods=["PUT"]),
        Route("/api/text", sources.show_text),
        Route("/api/page.png", sources.show_page),
        Route("/api/words", sources.show_words),
        Route("/api/runs", sources.list_runs),
        Route("/api/runs/{run}/explain", sources.explain_run),
        Mount("/", StaticFiles(directory=STATIC, html=True)),
    ]


def _handlers() -> dict[Any, Handler]:
    return {
        failures.HTTPError: failures.refused,
        MotetError: failures.failed,
        ClientDisconnect: _left,
        404: failures.unknown_route,
        405: failures.unknown_route,
        500: failures.broken,
    }


async def _left(request: Request, error: Exception) -> Response:
    """The client is gone: nothing is sent, the status is for logs."""
    return Response(status_code=499)
