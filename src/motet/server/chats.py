"""Chat requests in every dialect: to a system by its name, else to a model of the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from motet.core.json import JSON
from motet.gateway.answered import Answered
from motet.gateway.denial import Denial
from motet.gateway.gateway import Gateway
from motet.server.dialects import dialect_of
from motet.server.requests import (
    header_of,
    object_of,
    or_gone,
    read_bytes,
    served,
    systems,
    tenant_of,
)
from motet.server.streamed import Streamed

if TYPE_CHECKING:
    from motet.server.admission import Passage


def gateway_of(request: Request) -> Gateway:
    """Return the server's gateway. Raises `Denial` where it serves no models by name."""
    found: Gateway | None = request.app.state.gateway
    if found is None:
        raise Denial(
            404,
            "this server serves no models by name",
            code="model_not_found",
            param="model",
        )
    return found


async def relay(
    request: Request, data: bytes, *, model: str | None = None, stream: bool | None = None
) -> Response:
    """Answer a chat request through the gateway. Raises `Denial`, `ProviderError`."""
    gateway = gateway_of(request)
    passage: Passage | None = getattr(request.state, "relay", None)
    if passage is not None:  # the lane tried, and failed
        return response(await or_gone(request, gateway.answer(passage.asked, passage.tried)))
    asked = gateway.ask(
        dialect_of(request.url.path),
        tenant_of(request),
        data,
        header_of(request),
        model=model,
        stream=stream,
    )
    return response(await or_gone(request, gateway.answer(asked)))


def response(answered: Answered) -> Response:
    """Return an answer as it is sent."""
    headers = dict(answered.headers)
    if isinstance(answered.body, bytes):
        return Response(answered.body, media_type=answered.content_type, headers=headers)
    headers |= {"cache-control": "no-cache", "x-accel-buffering": "no"}
    return Streamed(answered.body, answered.content_type, headers)


async def completions(request: Request) -> Response:
    """Answer `/v1/chat/completions`: a system where one has that name, else a model."""
    data = await read_bytes(request)
    given = object_of(data)
    name = given.get("model")
    known = isinstance(name, str) and name in systems(request)
    if known or request.app.state.gateway is None:
        from motet.server import chat

        return await chat.completions(request, given)
    return await relay(request, data)


async def others(request: Request) -> Response:
    """Answer `/v1/responses` and `/v1/messages`: a system or a model."""
    data = await read_bytes(request)
    given = object_of(data)
    return await _translated(request, given) or await relay(request, data)


async def generate(request: Request) -> Response:
    """Answer Gemini's `models/{model}:generateContent` and `:streamGenerateContent`.

    Without `alt=sse` a stream is one JSON list.
    """
    model, _, method = request.path_params["call"].rpartition(":")
    if method not in ("generateContent", "streamGenerateContent"):
        raise Denial(404, f"unknown method '{method}' of a model", code="not_found")
    stream = method == "streamGenerateContent"
    data = await read_bytes(request)
    given = {**object_of(data), "model": model, "stream": stream}
    found = await _translated(request, given)
    found = found or await relay(request, data, model=model, stream=stream)
    return found if request.query_params.get("alt") == "sse" else _as_list(found)


def _as_list(found: Response) -> Response:
    kind = found.headers.get("content-type", "")
    if not kind.startswith("text/event-stream"):
        return found
    from motet.server.listed import CONTENT_TYPE, Listed, listed

    if isinstance(found, Streamed):
        found.pieces = Listed(found.pieces)
        found.headers["content-type"] = CONTENT_TYPE
        return found
    kept = {name: value for name, value in found.headers.items() if name.startswith("x-motet-")}
    return Response(listed(bytes(found.body)), media_type=CONTENT_TYPE, headers=kept)


async def _translated(request: Request, given: Mapping[str, JSON]) -> Response | None:
    """Answer in another dialect than OpenAI's for a system, None where none has that name."""
    name = given.get("model")
    found = systems(request).get(name) if isinstance(name, str) else None
    if found is None and request.app.state.gateway is not None:
        return None
    from motet.server import translated

    system = found or served(request, name)
    return await translated.answer(request, system, dialect_of(request.url.path), given)
