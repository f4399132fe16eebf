"""How providers fail, in HTTP and in what they say: each fault answers one request.

A fault's name may have an argument behind a hyphen: `dies-3` closes after three events.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from motet.core.chat import ChatResponse
from motet.models.dialects.dialect import Incoming
from motet.models.dialects.registry import DIALECTS

PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1></body></html>"


@dataclass(frozen=True)
class Given:
    """A request, and its answer as it should be: `whole`, or in `events` where streamed."""

    request: web.Request
    dialect: str
    incoming: Incoming
    answer: ChatResponse
    whole: bytes
    events: Sequence[bytes]

    @property
    def body(self) -> bytes:
        return self.whole or b"".join(self.events)

    @property
    def kind(self) -> str:
        return "application/json" if self.whole else "text/event-stream; charset=utf-8"

    @property
    def length(self) -> dict[str, str]:
        """The header of a whole answer's length."""
        return {"Content_Length": str(len(self.whole))} if self.whole else {}

    @property
    def key(self) -> str:
        """The key that came with the request."""
        sent = self.request.headers
        found = sent.get("x-api-key") or sent.get("x-goog-api-key") or sent["Authorization"]
        return found.removeprefix("Bearer ")

    def error(self, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
        """Return an error as providers of the dialect word it."""
        told = DIALECTS[self.dialect].error(status, "simulated trouble", None)
        return web.json_response(told, status=status, headers=headers)

    async def begin(self, **headers: str) -> web.StreamResponse:
        """Send the head of a good answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = web.StreamResponse(headers={"Content-Type": self.kind, **named})
        await response.prepare(self.request)
        return response

    def cut(self) -> None:
        """Close the connection."""
        assert self.request.transport is not None
        self.request.transport.close()


Fault = Callable[[Given, str], Awaitable[web.StreamResponse]]


async def well(given: Given, argument: str) -> web.StreamResponse:
    """Answer; a stream's events come one by one, `argument` milliseconds apart."""
    if given.whole:
        await asyncio.sleep(float(argument or 0) / 1000)
        return web.Response(body=given.whole, content_type="application/json")
    response = await given.begin()
    for event in given.events:
        await response.write(event)
        await asyncio.sleep(float(argument or 0) / 1000)
    return response


async def status(given: Given, argument: str) -> web.StreamResponse:
    """Answer with a status."""
    return given.error(int(argument))


async def busy(given: Given, argument: str) -> web.StreamResponse:
    """Answer 429, and say how many seconds to wait."""
    return given.error(429, {"Retry-After": argument})


async def hangs(given: Given, argument: str) -> web.StreamResponse:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


async def stalls(given: Given, argument: str) -> web.StreamResponse:
    """Send the beginning: so many events, or half of a whole answer; then nothing."""
    response = await given.begin(
        **({"Content_Length": str(len(given.whole))} if given.whole else {})
    )
    await _part(given, response, argument)
    await asyncio.Event().wait()
    return response


async def dies(given: Given, argument: str) -> web.StreamResponse:
    """Close the connection after so many events, or in the middle of a whole answer."""
    response = await given.begin(
        **({"Content_Length": str(len(given.whole))} if given.whole else {})
    )
    await _part(given, response, argument)
    await asyncio.sleep(0.01)
    given.cut()
    return response


async def stops(given: Given, argument: str) -> web.StreamResponse:
    """End in good order, but too early."""
    response = await given.begin()
    await _part(given, response, argument)
    await asyncio.sleep(0.02)
    return response


async def errs(given: Given, argument: str) -> web.StreamResponse:
    """Report an error within a stream, after so many events; else answer 500."""
    if given.whole:
        return given.error(500)
    response = await given.begin()
    await _part(given, response, argument)
    writer = DIALECTS[given.dialect].writer(given.incoming, id="x", created=1)
    await response.write(writer.failure(500, "simulated trouble in the stream", "server_error"))
    return response


async def garbles(given: Given, argument: str) -> web.StreamResponse:
    """Send what is not JSON, after so many events."""
    if given.whole:
        return web.Response(body=given.whole[:40], content_type="application/json")
    response = await given.begin()
    await _part(given, response, argument)
    await response.write(b'event: message\ndata: {"id": "x", \n\n')
    return response


async def short(given: Given, argument: str) -> web.StreamResponse:
    """Announce more bytes than come."""
    response = await given.begin(Content_Length=str(len(given.body) + 10))
    await response.write(given.body)
    given.cut()
    return response


async def long(given: Given, argument: str) -> web.StreamResponse:
    """Announce fewer bytes than come."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {given.kind}\r\nContent-Length: "
    data = head.encode() + str(len(given.body) // 2).encode() + b"\r\n\r\n" + given.body
    return await _raw(given, data)


async def noise(given: Given, argument: str) -> web.StreamResponse:
    """Answer in another protocol."""
    return await _raw(given, b"\x16\x03\x01\x00\xff" + bytes(range(256)))


async def page(given: Given, argument: str) -> web.StreamResponse:
    """Answer 200 with a page."""
    return web.Response(text=PAGE, content_type="text/html")


async def empty(given: Given, argument: str) -> web.StreamResponse:
    """Answer 200 with nothing."""
    return web.Response(body=b"", content_type=given.kind.partition(";")[0])


async def echoes(given: Given, argument: str) -> web.StreamResponse:
    """Give the key back in an error with a status."""
    key = given.key
    told = DIALECTS[given.dialect].error(int(argument), f"who is {key}? {key}", None)
    return web.json_response(told, status=int(argument), headers={"X-Your-Key": str(key)})


async def repeats(given: Given, argument: str) -> web.StreamResponse:
    """Give the key back within a good answer's id and headers, which nobody has asked for."""
    body = given.body.replace(b"sim_", given.key.encode() + b"_")
    return web.Response(body=body, headers={"Content-Type": given.kind, "X-Your-Key": given.key})


async def confesses(given: Given, argument: str) -> web.StreamResponse:
    """Break a stream off with an error that gives the key back."""
    if given.whole:
        return await echoes(given, "500")
    response = await given.begin()
    await _part(given, response, argument)
    writer = DIALECTS[given.dialect].writer(given.incoming, id="x", created=1)
    await response.write(writer.failure(500, f"not with {given.key}!", "server_error"))
    return response


async def _raw(given: Given, data: bytes) -> web.StreamResponse:
    transport = given.request.transport
    assert isinstance(transport, asyncio.Transport)
    transport.write(data)
    await asyncio.sleep(0.05)
    transport.close()
    await asyncio.sleep(0.05)
    return web.Response()


async def _part(given: Given, response: web.StreamResponse, argument: str) -> None:
    if given.whole:
        await response.write(given.whole[: len(given.whole) // 2])
    for event in given.events[: int(argument or 0)]:
        await response.write(event)
        await asyncio.sleep(0.02)  # each shall arrive by itself


FAULTS: Mapping[str, Fault] = {
    each.__name__: each
    for each in (
        well, status, busy, hangs, stalls, dies, stops, errs, garbles, short, long, noise, page,
        empty, echoes, repeats, confesses,
    )
}  # fmt: skip
