"""`/v1/models` in OpenAI's and Anthropic's shapes, `/v1beta/models` in Google's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from motet.core.json import JSON
from motet.gateway.denial import Denial
from motet.gateway.served import AUTO
from motet.models.dialects.registry import DIALECTS
from motet.server import built_in
from motet.server.requests import header_of, systems, tenant_of

if TYPE_CHECKING:
    from motet.gateway.gateway import Gateway
    from motet.gateway.served import ServedModel

_GEMINI = "models/"


async def list_models(request: Request) -> Response:
    """List what this client may ask for: the systems, models of the gateway, those built in."""
    names = _names(request)
    if not _is_anthropic(request):
        data = [_openai(request, name) for name in names]
        return JSONResponse({"object": "list", "data": data})
    page: dict[str, JSON] = {"data": [_anthropic(request, name) for name in names]}
    ends = {"first_id": names[0], "last_id": names[-1]} if names else {}
    return JSONResponse({**page, "has_more": False, **ends})


async def show_model(request: Request) -> Response:
    """Show one model."""
    name = request.path_params["model"]
    if not _is_anthropic(request):
        return JSONResponse(_openai(request, _known(request, name)))
    try:
        return JSONResponse(_anthropic(request, _known(request, name)))
    except Denial as denial:
        said = DIALECTS["anthropic"].error(denial.status, denial.message, denial.code)
        return JSONResponse(said, denial.status)


async def list_gemini_models(request: Request) -> Response:
    """List in Google's shape what answers chats."""
    return JSONResponse({"models": [_gemini(request, name) for name in _chatting(request)]})


async def show_gemini_model(request: Request) -> Response:
    """Show one model in Google's shape."""
    name = _known(request, request.path_params["model"], _chatting)
    return JSONResponse(_gemini(request, name))


def _names(request: Request) -> list[str]:
    return [*_chatting(request), *_built_in(request)]


def _chatting(request: Request) -> list[str]:
    gateway: Gateway | None = request.app.state.gateway
    names = list(systems(request))
    if gateway is not None:
        tenant = tenant_of(request)
        served = gateway.served.names
        names += [name for name in served if name in AUTO or tenant.may_ask(name)]
    return names


def _built_in(request: Request) -> list[str]:
    tenant = tenant_of(request)
    return [name for name in built_in.NAMES if tenant.may_ask(name)]


def _known(request: Request, name: str, names: Callable[[Request], list[str]] = _names) -> str:
    """Return the name of a model there is. Raises `Denial` 404."""
    known = names(request)
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"nearest: {near[0]}" if near else f"there are: {', '.join(known)}"
        text = f"The model '{name}' does not exist ({hint})"
        raise Denial(404, text, code="model_not_found", param="model")
    return name


def _is_anthropic(request: Request) -> bool:
    return header_of(request)(b"anthropic-version") is not None


def _served(request: Request, name: str) -> ServedModel | None:
    gateway: Gateway | None = request.app.state.gateway
    return gateway.served.models.get(name) if gateway is not None else None


def _openai(request: Request, name: str) -> dict[str, JSON]:
    created: int = request.app.state.started
    found = _served(request, name)
    owner = found.provider if found is not None else "motet"
    return {"id": name, "object": "model", "created": created, "owned_by": owner}


def _anthropic(request: Request, name: str) -> dict[str, JSON]:
    """Source: https://docs.anthropic.com/en/api/models-list."""
    created = datetime.fromtimestamp(request.app.state.started, UTC)
    when = created.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"type": "model", "id": name, "display_name": name, "created_at": when}


def _gemini(request: Request, name: str) -> dict[str, JSON]:
    """Source: https://ai.google.dev/api/models."""
    found = _served(request, name)
    limits = {
        "inputTokenLimit": found.context if found is not None else None,
        "outputTokenLimit": found.max_output if found is not None else None,
    }
    return {
        "name": f"{_GEMINI}{name}",
        "displayName": name,
        "supportedGenerationMethods": ["generateContent", "streamGenerateContent"],
        **{key: limit for key, limit in limits.items() if limit is not None},
    }
