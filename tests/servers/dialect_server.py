"""A simulator of providers of all dialects: the scripts see and make canonical turns.

It reads requests and writes answers as a server of the dialect does, by which path it is
asked; no model is in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from answer_events import events_of
from chat_server import ChatServer, Exchange
from chat_validation import APIError

from motet.core.chat import ChatRequest, ChatResponse
from motet.models.dialects.dialect import Dialect, Incoming
from motet.models.dialects.registry import DIALECTS

Answering = Callable[[ChatRequest], ChatResponse]

_PATHS: Mapping[str, str] = {
    "/v1/chat/completions": "openai",
    "/v1/responses": "responses",
    "/v1/messages": "anthropic",
}
_GEMINI = re.compile(r"/v1/models/(?P<model>[^/:]+):(?P<verb>\w+)")


class DialectServer(ChatServer):
    """The simulator; `requests` are those it was asked, as it read them."""

    def __init__(self) -> None:
        """Describe a server of no models yet."""
        super().__init__()
        self.requests: list[ChatRequest] = []
        self._answering: dict[str, Answering] = {}

    def add(self, answering: Answering) -> str:
        """Serve a model in all dialects; return its name."""
        name = f"model-{len(self._answering)}"
        self._answering[name] = answering
        return name

    async def _route(self, request: web.Request, exchange: Exchange) -> web.StreamResponse:
        exchange.body = json.loads(await request.read())
        dialect, incoming = _read(request, exchange.body)
        self.requests.append(incoming.request)
        answer = self._answering[incoming.model](incoming.request)
        writer = dialect.writer(incoming, id="answer-1", created=1)
        if not incoming.stream:
            return web.json_response(writer.whole(answer))
        events = [writer.start(), *map(writer.event, events_of(answer))]
        return await self._write(request, "text/event-stream", 200, filter(None, events))


def _read(request: web.Request, body: dict[str, Any]) -> tuple[Dialect, Incoming]:
    if (name := _PATHS.get(request.path)) is not None:
        return DIALECTS[name], DIALECTS[name].incoming(body)
    found = _GEMINI.fullmatch(request.path)
    if found is None:
        raise APIError(404, f"Invalid URL ({request.path})")
    said = {"model": found["model"], "stream": found["verb"].startswith("stream")}
    return DIALECTS["gemini"], DIALECTS["gemini"].incoming(
        {**body, **said, "alt": request.query.get("alt")}
    )
