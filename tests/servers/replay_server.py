"""Providers of all dialects that give recorded answers: a real HTTP server on loopback.

A recording answers to its own request (path and body, whatever the model's name and whether a
stream's usage is wanted), and as the model of its own name (`name_of`), whatever is
asked. The first part of the path says how streams are cut: `/byte/v1` is the base URL of the
APIs that cut after each byte. The recordings are those of `exchanges`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from exchanges import Exchange, exchanges
from served_app import ServedApp

_ENDS = {
    "/chat/completions": "openai",
    "/responses": "responses",
    "/messages": "anthropic",
}
_ASIDE = ("model", "stream", "stream_options")


def _lines(body: bytes, end: str, between: Sequence[str] = ()) -> bytes:
    found: list[str] = []
    for line in body.decode().rstrip().splitlines():
        found += [line] if line else [*between, ""]
    return (end.join(found) + end * 2).encode()


def _bytes(body: bytes) -> list[bytes]:
    return [body[at : at + 1] for at in range(len(body))]


CUTS: Mapping[str, Callable[[bytes], Sequence[bytes]]] = {
    "whole": lambda body: [body],
    "byte": _bytes,
    "seven": lambda body: [body[at : at + 7] for at in range(0, len(body), 7)],
    "crlf": lambda body: [_lines(body, "\r\n")],
    "comments": lambda body: [_lines(body, "\n", (": ping", "", ": pong"))],
    "unfinished": lambda body: [body.rstrip(b"\r\n")],
}
"""How a stream is written; `unfinished` lacks its last empty line."""


@dataclass(frozen=True)
class Asked:
    """A request as it came: to which recording, in which dialect."""

    exchange: Exchange
    dialect: str
    path: str
    headers: Mapping[str, str]
    body: Any


class ReplayServer(ServedApp):
    """The server in a thread of its own; a context manager. `asked` keeps all requests."""

    route = "/{cut}/v1{path:/.*}"

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked] = []
        self._by_name = {name_of(each): each for each in exchanges()}
        self._by_body = {_key(each.dialect, each.request): each for each in exchanges()}

    def base_url(self, cut: str = "whole") -> str:
        """Return the address of the APIs that cut so."""
        return f"http://127.0.0.1:{self.port}/{cut}/v1"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        body = json.loads(await request.read())
        dialect = _ENDS.get(path, "gemini")
        name = path[len("/models/") :].rpartition(":")[0] if dialect == "gemini" else body["model"]
        exchange = self._by_name.get(name) or self._by_body.get(_key(dialect, body))
        if exchange is None or exchange.dialect != dialect:
            text = f"nothing of this was recorded: {dialect} {name}"
            return web.json_response({"error": {"message": text}}, status=404)
        self.asked.append(Asked(exchange, dialect, request.path_qs, dict(request.headers), body))
        if not exchange.streamed:
            return web.Response(
                body=exchange.body, status=exchange.status, content_type="application/json"
            )
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for piece in CUTS[request.match_info["cut"]](exchange.body):
            await response.write(piece)
            await asyncio.sleep(0)
        return response


def name_of(exchange: Exchange) -> str:
    """Return the name of the model that gives a recording's answer."""
    return re.sub(r"[^\w.-]", "_", exchange.name.replace("/", "."))


def _key(dialect: str, body: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in body.items() if name not in _ASIDE}
    return f"{dialect} {json.dumps(kept, sort_keys=True)}"
