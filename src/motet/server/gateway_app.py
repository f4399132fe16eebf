"""The application of a gateway alone: models by their names, nothing of systems is loaded."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from motet.core.clock import now
from motet.gateway.gateway import Gateway
from motet.server.admission import Admission
from motet.server.guard import Doorman, Guard
from motet.server.handlers import handlers
from motet.server.lane.lane import Lane
from motet.server.routes import model_routes, page_routes, static
from motet.server.traffic import list_none

if TYPE_CHECKING:
    from starlette.routing import Mount

    from motet.models.encoder import Encoder
    from motet.runtime.collector import LiveExport


def _encoder() -> Encoder:
    from motet.models.encoder import load_encoder

    return load_encoder()


def gateway_application(
    gateway: Gateway, key: str | None, export: LiveExport | None = None
) -> tuple[ASGIApp, Lane]:
    """Return the application and the lane of its hot path; `key` is the owner's.

    `export` gets every attempt as it ends.
    """
    doorman = Doorman(key, gateway.accounts)
    lane = Lane(Admission(gateway, doorman))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None, None]:
        if export is not None:
            from motet.server.exports import listen

            export.start()
            listen(gateway, export)
        yield
        lane.close()
        if export is not None:
            await export.stop()
        gateway.close()

    page = page_routes([Route("/systems", list_none)])
    routes: list[Mount] = [*model_routes(), page, static()]
    app = Starlette(routes=routes, exception_handlers=handlers(), lifespan=lifespan)
    app.state.systems = {}
    app.state.started = int(now())
    app.state.gateway = gateway
    app.state.encoder = cache(_encoder)
    return Guard(app, doorman), lane
