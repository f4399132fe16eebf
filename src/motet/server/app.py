"""The application: routes, guard, and what lives as long as the server."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from motet.core.clock import now
from motet.core.errors import MotetError
from motet.models.encoder import load_encoder
from motet.runtime.collector import LiveExport
from motet.server import chat, failures, models, runs, sources
from motet.server.guard import Guard
from motet.server.ingests import Ingests
from motet.server.resumes import Resumes
from motet.system import System

Handler = Callable[[Request, Exception], Awaitable[Response]]
STATIC = Path(__file__).with_name("static")


def application(
    systems: Sequence[System],
    *,
    key: str | None = None,
    wait: float = 0.0,
    export: LiveExport | None = None,
) -> ASGIApp:
    """Return the ASGI application that serves the systems under their names.

    With a `key`, every request to /v1 and /api must carry it; without, only requests that
    name this machine as host are answered. A streamed answer waits so many seconds for the
    people whom its run asks. `export` gets the runs as they end.
    """
    ingests, resumes = Ingests(), Resumes()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None, None]:
        if export is not None:
            export.start()
        for system in systems:
            if export is not None:
                export.watch(system.journal)
            ingests.start(system)
            await resumes.catch_up(system)
        yield
        await resumes.stop()
        await ingests.stop()
        if export is not None:
            await export.stop()

    app = Starlette(
        routes=_routes(),
        exception_handlers=_handlers(),
        lifespan=lifespan,
    )
    app.state.systems = {system.name: system for system in systems}
    app.state.started = int(now())
    app.state.ingests = ingests
    app.state.resumes = resumes
    app.state.wait = wait
    app.state.export = export
    app.state.encoder = cache(load_encoder)
    # Outside of everything, so that errors too carry the security headers.
    return Guard(app, key)


def _routes() -> list[Mount]:
    openai = [
        Route("/models", models.list_models),
        Route("/models/{model:path}", models.show_model),
        Route("/chat/completions", chat.completions, methods=["POST"]),
        Route("/embeddings", models.embeddings, methods=["POST"]),
    ]
    page = [
        Route("/systems", sources.list_systems),
        Route("/sources", sources.list_sources),
        Route("/sources", sources.remove_source, methods=["DELETE"]),
        Route("/sources/{name:path}", sources.add_source, methods=["PUT"]),
        Route("/text", sources.show_text),
        Route("/page.png", sources.show_page),
        Route("/words", sources.show_words),
        Route("/runs", runs.list_runs),
        Route("/runs/{run}", runs.show_run),
        Route("/runs/{run}/explain", runs.explain_run),
        Route("/runs/{run}/waterfall", runs.show_waterfall),
        Route("/runs/{run}/answers", runs.answer_run, methods=["POST"]),
        Route("/runs/{run}/resume", runs.resume_run, methods=["POST"]),
        Route("/runs/{run}/cancel", runs.cancel_run, methods=["POST"]),
        Route("/export", runs.show_export),
    ]
    static = StaticFiles(directory=STATIC, html=True)
    return [Mount("/v1", routes=openai), Mount("/api", routes=page), Mount("/", static)]


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
