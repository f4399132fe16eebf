"""A simulator of providers of every dialect, with faults: a real HTTP server on loopback.

The base URL's first part says how it behaves: `/well/v1` answers, the names of `FAULTS` fail.
Requests are read and answers written in the dialect of the path; what is said is scripted:
a tool is called where there is one, then its result is told; a schema is filled; else the
question comes back. It counts the tokens that it charges for, whether or not it tells.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web
from answer_events import events_of
from provider_faults import FAULTS, Given
from provider_scripts import reply
from served_app import ServedApp

from motet.core.chat import ChatRequest, ChatResponse, Usage
from motet.models.dialects.dialect import BadRequest, Incoming
from motet.models.dialects.registry import DIALECTS

ENDS = {"/chat/completions": "openai", "/responses": "responses", "/messages": "anthropic"}


@dataclass
class Served:
    """One request as it came, what is charged for it, and when its client was seen to leave.

    `told` says that the client was sent the whole answer, and with it the usage.
    """

    number: int
    manner: str
    model: str
    dialect: str
    request: ChatRequest
    headers: dict[str, str]
    body: Any
    came: float
    usage: Usage = field(default_factory=Usage)
    told: bool = False
    left: float | None = None
    gone: threading.Event = field(default_factory=threading.Event)


class ProviderServer(ServedApp):
    """The simulator in a thread of its own; a context manager. `served` keeps all requests."""

    route = "/{manner}/v1{path:/.*}"

    def __init__(self) -> None:
        super().__init__()
        self.served: list[Served] = []
        self._numbers = count(1)

    def base_url(self, manner: str = "well") -> str:
        """Return the address of the APIs that behave so."""
        return f"http://127.0.0.1:{self.port}/{manner}/v1"

    def of(self, model: str) -> list[Served]:
        """Return the requests to a model."""
        return [each for each in self.served if each.model == model]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path, manner = request.match_info["path"], request.match_info["manner"]
        dialect = DIALECTS[ENDS.get(path, "gemini")]
        body = json.loads(await request.read())
        if dialect.name == "gemini":
            model, _, method = path.removeprefix("/models/").rpartition(":")
            body |= {"model": model, "stream": method.startswith("stream"), "alt": "sse"}
        try:
            incoming = dialect.incoming(body)
        except BadRequest as error:
            told = dialect.error(400, error.message, error.code, error.param)
            return web.json_response(told, status=400)
        served = Served(
            next(self._numbers),
            manner,
            incoming.model,
            dialect.name,
            incoming.request,
            dict(request.headers),
            body,
            time.monotonic(),
        )
        self.served.append(served)
        try:
            return await self._respond(request, served, incoming)
        except (asyncio.CancelledError, ConnectionError):
            served.left = time.monotonic()
            served.gone.set()
            raise

    async def _respond(
        self, request: web.Request, served: Served, incoming: Incoming
    ) -> web.StreamResponse:
        answer = reply(incoming.request, served.model, served.number)
        served.usage = answer.usage or Usage()
        given = Given(
            request, served.dialect, incoming, answer, *_written(served, incoming, answer)
        )
        name, _, argument = served.manner.partition("-")
        response = await FAULTS[name](given, argument)
        if response.status >= 400:
            served.usage = Usage()
        served.told = True
        return response


def _written(
    served: Served, incoming: Incoming, answer: ChatResponse
) -> tuple[bytes, Sequence[bytes]]:
    dialect = DIALECTS[served.dialect]
    id = f"sim_{served.number}"
    writer = dialect.writer(incoming, id=id, created=1)
    if not incoming.stream:
        return json.dumps(writer.whole(answer)).encode(), ()
    events = [writer.start(), *map(writer.event, events_of(answer, 8))]
    return b"", [each for each in events if each]
