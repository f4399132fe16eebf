"""`/v1/models`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from motet.core.json import JSON
from motet.gateway.served import AUTO
from motet.server.chats import tenant_of
from motet.server.requests import served, systems
from motet.server.services import EMBEDDING

if TYPE_CHECKING:
    from motet.gateway.gateway import Gateway


async def list_models(request: Request) -> Response:
    """List the systems, what the gateway serves to this client, and the embedding model."""
    names = [*systems(request), *_by_gateway(request), EMBEDDING]
    return JSONResponse({"object": "list", "data": [_model(request, name) for name in names]})


async def show_model(request: Request) -> Response:
    """Show one model."""
    name = request.path_params["model"]
    if name != EMBEDDING and name not in _by_gateway(request):
        served(request, name)
    return JSONResponse(_model(request, name))


def _by_gateway(request: Request) -> list[str]:
    gateway: Gateway | None = request.app.state.gateway
    if gateway is None:
        return []
    tenant = tenant_of(request)
    return [name for name in gateway.served.names if name in AUTO or tenant.may_ask(name)]


def _model(request: Request, name: str) -> dict[str, JSON]:
    created: int = request.app.state.started
    gateway: Gateway | None = request.app.state.gateway
    found = gateway.served.models.get(name) if gateway is not None else None
    owner = found.provider if found is not None else "motet"
    return {"id": name, "object": "model", "created": created, "owned_by": owner}
