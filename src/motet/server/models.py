"""`/v1/models` and `/v1/embeddings`."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from motet.core.json import JSON
from motet.gateway.served import AUTO
from motet.server.chats import tenant_of
from motet.server.failures import HTTPError
from motet.server.requests import read_object, served, systems

if TYPE_CHECKING:
    from motet.gateway.gateway import Gateway
    from motet.models.encoder import Encoder

EMBEDDING = "all-MiniLM-L6-v2"
MAX_INPUTS = 2048


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


async def embeddings(request: Request) -> Response:
    """Embed texts with the base encoder; texts beyond its window are cut."""
    given = await read_object(request)
    name = given.get("model")
    if not isinstance(name, str) or name.casefold() != EMBEDDING.casefold():
        raise HTTPError(
            404,
            f"The model '{name}' does not exist or does not embed (there is: {EMBEDDING})",
            code="model_not_found",
            param="model",
        )
    texts = _texts(given)
    form = given.get("encoding_format", "float")
    if form not in ("float", "base64"):
        raise HTTPError(400, "encoding_format must be float or base64", param="encoding_format")
    encoder: Encoder = await asyncio.to_thread(request.app.state.encoder)
    if given.get("dimensions") not in (None, encoder.dimensions):
        text = f"dimensions must be {encoder.dimensions}"
        raise HTTPError(400, text, param="dimensions")
    vectors = await asyncio.to_thread(encoder.embed, texts)
    tokens = await asyncio.to_thread(encoder.count_tokens, texts)
    data: list[JSON] = [
        {
            "object": "embedding",
            "index": place,
            "embedding": base64.b64encode(vector.tobytes()).decode()
            if form == "base64"
            else vector.tolist(),
        }
        for place, vector in enumerate(vectors)
    ]
    usage: dict[str, JSON] = {"prompt_tokens": tokens, "total_tokens": tokens}
    return JSONResponse({"object": "list", "data": data, "model": EMBEDDING, "usage": usage})


def _texts(given: Mapping[str, JSON]) -> list[str]:
    value = given.get("input")
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts:
        raise HTTPError(400, "input must be text or a list of texts", param="input")
    if len(texts) > MAX_INPUTS:
        raise HTTPError(400, f"at most {MAX_INPUTS} inputs in one request", param="input")
    found = []
    for place, text in enumerate(texts):
        if not isinstance(text, str) or not text:
            where = f"input[{place}]"
            raise HTTPError(400, f"{where} must be text that is not empty", param=where)
        found.append(text)
    return found
