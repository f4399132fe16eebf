"""A simulator of an OpenAI-compatible provider: a real HTTP server on loopback.

It speaks the chat completions protocol truthfully (streams, tool calls, usage, errors) and
holds no model: scripts answer, chosen by the model's name, and faults fail. Run it:
`python tests/servers/chat_server.py --port 9000`, then ask for the model `quoting`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from chat_faults import FAULTS
from chat_scripts import SCRIPTS, Script
from chat_validation import APIError, validate
from chat_wire import complete


@dataclass
class Exchange:
    """One request as it came, and whether its client left before the answer was whole.

    `client` is the connection's other end: the same for requests on one connection.
    """

    client: tuple[str, int]
    path: str
    headers: Mapping[str, str]
    body: Any = None
    disconnected: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Recording:
    """An answer to replay byte by byte, cut as given."""

    status: int
    content_type: str
    pieces: tuple[bytes, ...]


class ChatServer:
    """The simulator in a thread of its own; a context manager.

    Every request is kept in `exchanges`. With a `key`, others are refused.
    """

    def __init__(self, key: str | None = None, *, port: int = 0, delay: float = 0.0) -> None:
        """Describe a server; `delay` is the seconds between two events of a stream."""
        self.exchanges: list[Exchange] = []
        self.port = port
        self._key = key
        self._delay = delay
        self._scripts: dict[str, Script] = dict(SCRIPTS)
        self._recordings: dict[str, Recording] = {}
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()

    @property
    def base_url(self) -> str:
        """The address to give to a client."""
        return f"http://127.0.0.1:{self.port}/v1"

    def add_script(self, script: Script) -> str:
        """Serve the script as a model of its own; return the model's name."""
        name = f"script-{len(self._scripts)}"
        self._scripts[name] = script
        return name

    def add_recording(
        self, pieces: Iterable[bytes], content_type: str = "text/event-stream", status: int = 200
    ) -> str:
        """Serve the bytes, written piece by piece, as a model; return the model's name."""
        name = f"recording-{len(self._recordings)}"
        self._recordings[name] = Recording(status, content_type, tuple(pieces))
        return name

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the simulator did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(
            app, handler_cancellation=True, access_log=None, shutdown_timeout=0.05
        )
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._end.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        peer = request.transport.get_extra_info("peername")
        exchange = Exchange(peer, request.path, dict(request.headers))
        self.exchanges.append(exchange)
        try:
            return await self._route(request, exchange)
        except APIError as error:
            return web.json_response(error.body, status=error.status, headers=error.headers)
        except (asyncio.CancelledError, ConnectionError):
            exchange.disconnected.set()
            raise

    async def _route(self, request: web.Request, exchange: Exchange) -> web.StreamResponse:
        self._authorise(request)
        target = (request.method, request.path)
        if target == ("GET", "/v1/models"):
            return web.json_response({"object": "list", "data": [*map(_model, self._names())]})
        if target == ("POST", "/v1/chat/completions"):
            exchange.body = await _body(request)
            return await self._complete(request, exchange.body)
        name = request.path.removeprefix("/v1/models/")
        if request.method == "GET" and name in self._names():
            return web.json_response(_model(name))
        raise APIError(404, f"Invalid URL ({request.method} {request.path})")

    async def _complete(self, request: web.Request, body: Any) -> web.StreamResponse:
        validate(body)
        name = body["model"]
        if name not in self._names():
            message = f"The model `{name}` does not exist or you do not have access to it."
            raise APIError(404, message, code="model_not_found")
        if name in self._recordings:
            return await self._replay(request, self._recordings[name])
        script = self._scripts.get(name, SCRIPTS["echo"])
        answer = complete(body, script, len(self.exchanges), int(time.time()))
        include_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        events = [_event(chunk) for chunk in answer.chunks(include_usage=include_usage)]
        events.append(b"data: [DONE]\n\n")
        if name in FAULTS:
            return await FAULTS[name](request, events)
        if not body.get("stream"):
            return web.json_response(answer.whole())
        return await self._write(request, "text/event-stream; charset=utf-8", 200, events)

    async def _replay(self, request: web.Request, recording: Recording) -> web.StreamResponse:
        return await self._write(
            request, recording.content_type, recording.status, recording.pieces
        )

    async def _write(
        self, request: web.Request, content_type: str, status: int, pieces: Iterable[bytes]
    ) -> web.StreamResponse:
        response = web.StreamResponse(status=status, headers={"Content-Type": content_type})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            # Zero too: the client shall get each piece by itself.
            await asyncio.sleep(self._delay)
        return response

    def _names(self) -> list[str]:
        return [*self._scripts, *FAULTS, *self._recordings]

    def _authorise(self, request: web.Request) -> None:
        if self._key is None:
            return
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not key:
            raise APIError(
                401,
                "You didn't provide an API key. You need to provide your API key"
                " in an Authorization header using Bearer auth.",
            )
        if key != self._key:
            masked = f"{key[:4]}{'*' * 8}{key[-4:]}"
            message = f"Incorrect API key provided: {masked}. You can find your API key elsewhere."
            raise APIError(401, message, code="invalid_api_key")


async def _body(request: web.Request) -> Any:
    try:
        return json.loads(await request.read())
    except ValueError as error:
        raise APIError(400, "We could not parse the JSON body of your request.") from error


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "simulator"}


def _event(chunk: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(chunk, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A simulator of an OpenAI-compatible provider.")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--key", help="refuse requests with another key")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds between two events")
    options = parser.parse_args()
    with ChatServer(options.key, port=options.port, delay=options.delay) as server:
        print(server.base_url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
