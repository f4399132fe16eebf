"""How a provider fails: each fault answers one request wrongly, chosen by the model's name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from email.utils import formatdate
from time import time

from aiohttp import web
from chat_validation import APIError

Fault = Callable[[web.Request, Iterable[bytes]], Awaitable[web.StreamResponse]]

_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1></body></html>"


async def rate_limited(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """Answer 429 with seconds to wait."""
    raise APIError(
        429,
        "Rate limit reached for simulator: Limit 3, Used 3. Please try again in 7s.",
        type="requests",
        code="rate_limit_exceeded",
        headers={"Retry-After": "7"},
    )


async def rate_limited_until(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """Answer 429 with the date until which to wait."""
    until = formatdate(time() + 30, usegmt=True)
    raise APIError(429, "Slow down.", type="requests", headers={"Retry-After": until})


async def failing(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """Answer 500 in the provider's shape."""
    message = "The server had an error while processing your request. Sorry about that!"
    raise APIError(500, message, type="server_error")


async def bad_gateway(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """Answer 502 with a proxy's page."""
    return web.Response(status=502, text=_PAGE, content_type="text/html")


async def garbage(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """Answer 200 with a page."""
    return web.Response(text=_PAGE, content_type="text/html")


async def broken_json(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """Answer 200 with JSON that stops in the middle."""
    return web.Response(
        text='{"id": "chatcmpl-1", "choices": [{"mess', content_type="application/json"
    )


async def broken_chunk(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """Stream a chunk that is not JSON."""
    return await _stream(request, [*list(events)[:2], b'data: {"id": "chatcmpl-1", \n\n'])


async def hanging(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


async def stalling(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """Stream the beginning, then nothing, without an end."""
    response = await _begin(request)
    for event in list(events)[:3]:
        await response.write(event)
    await asyncio.Event().wait()
    return response


async def truncating(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """Break the connection in the middle of the body."""
    response = await _begin(request)
    data = b"".join(events)
    await response.write(data[: len(data) // 2])
    await asyncio.sleep(0.02)
    assert request.transport is not None
    request.transport.close()
    return response


async def stopping(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """End the stream properly in HTTP, but before the answer is finished."""
    return await _stream(request, list(events)[:3])


async def undone(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """Leave out usage and `[DONE]`, as some servers do."""
    return await _stream(request, list(events)[:-2])


async def erring(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """Send an error object in the middle of the stream."""
    error = {"message": "The engine ran out of memory", "type": "server_error", "code": None}
    last = f"data: {json.dumps({'error': error})}\n\n".encode()
    return await _stream(request, [*list(events)[:3], last])


async def redirecting(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """Send the client elsewhere."""
    return web.Response(status=307, headers={"Location": "http://127.0.0.1:9/v1"})


FAULTS: dict[str, Fault] = {
    fault.__name__.replace("_", "-"): fault
    for fault in (
        rate_limited,
        rate_limited_until,
        failing,
        bad_gateway,
        garbage,
        broken_json,
        broken_chunk,
        hanging,
        stalling,
        truncating,
        stopping,
        undone,
        erring,
        redirecting,
    )
}


async def _begin(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    return response


async def _stream(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    response = await _begin(request)
    for event in events:
        await response.write(event)
    return response
