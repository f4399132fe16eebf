"""The application: routes, guard, and what lives as long as the server."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import cache

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from motet.core.clock import now
from motet.gateway.gateway import Gateway
from motet.models.encoder import load_encoder
from motet.runtime.collector import LiveExport
from motet.server import knowledge, runs, sources
from motet.server.admission import Admission
from motet.server.exports import listen
from motet.server.guard import Doorman, Guard
from motet.server.handlers import handlers
from motet.server.ingests import Ingests
from motet.server.lane.lane import Lane
from motet.server.resumes import Resumes
from motet.server.routes import model_routes, page_routes, static
from motet.system import System


def application(
    systems: Sequence[System],
    *,
    key: str | None = None,
    wait: float = 0.0,
    export: LiveExport | None = None,
    gateway: Gateway | None = None,
) -> tuple[ASGIApp, Lane | None]:
    """Return the ASGI application that serves the systems under their names.

    With a gateway, beside it the lane of its hot path.

    With a `key`, every request to /v1 and /api must carry it; without, only requests that
    name this machine as host are answered. A streamed answer waits so many seconds for the
    people whom its run asks. `export` gets the runs as they end. The `gateway` serves models
    by their names, and its accounts know further keys.
    """
    ingests, resumes = Ingests(), Resumes()
    doorman = Doorman(key, gateway.accounts if gateway is not None else None)
    lane = Lane(Admission(gateway, doorman)) if gateway is not None else None

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None, None]:
        if export is not None:
            export.start()
            if gateway is not None:
                listen(gateway, export)
        for system in systems:
            if export is not None:
                export.watch(system.journal)
            ingests.start(system)
            await resumes.catch_up(system)
        yield
        if lane is not None:
            lane.close()
        await resumes.stop()
        await ingests.stop()
        if export is not None:
            await export.stop()
        if gateway is not None:
            gateway.close()

    app = Starlette(
        routes=_routes(),
        exception_handlers=handlers(),
        lifespan=lifespan,
    )
    app.state.systems = {system.name: system for system in systems}
    app.state.started = int(now())
    app.state.ingests = ingests
    app.state.resumes = resumes
    app.state.wait = wait
    app.state.export = export
    app.state.encoder = cache(load_encoder)
    app.state.gateway = gateway
    # Outside of everything, so that errors too carry the security headers.
    return Guard(app, doorman), lane


def _routes() -> list[Mount]:
    page = [
        Route("/systems", sources.list_systems),
        Route("/sources", sources.list_sources),
        Route("/sources", sources.remove_source, methods=["DELETE"]),
        Route("/sources/{name:path}", sources.add_source, methods=["PUT"]),
        Route("/text", sources.show_text),
        Route("/page.png", sources.show_page),
        Route("/words", sources.show_words),
        Route("/knowledge", knowledge.show_overview),
        Route("/knowledge/entities", knowledge.list_entities),
        Route("/knowledge/entities/{uid}", knowledge.show_entity),
        Route("/knowledge/search", knowledge.search),
        Route("/knowledge/merges", knowledge.list_merges),
        Route("/knowledge/merges", knowledge.decide_merge, methods=["POST"]),
        Route("/knowledge/graph", knowledge.show_graph),
        Route("/knowledge/lineage", knowledge.show_lineage),
        Route("/knowledge/proposals", knowledge.list_proposals),
        Route("/knowledge/proposals/{hash}", knowledge.decide_proposal, methods=["POST"]),
        Route("/runs", runs.list_runs),
        Route("/runs/{run}", runs.show_run),
        Route("/runs/{run}/explain", runs.explain_run),
        Route("/runs/{run}/waterfall", runs.show_waterfall),
        Route("/runs/{run}/answers", runs.answer_run, methods=["POST"]),
        Route("/runs/{run}/resume", runs.resume_run, methods=["POST"]),
        Route("/runs/{run}/cancel", runs.cancel_run, methods=["POST"]),
        Route("/export", runs.show_export),
    ]
    return [*model_routes(), page_routes(page), static()]
