"""What handlers share: reading a body, finding the system, noticing that the client left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar, cast

from starlette.requests import ClientDisconnect, Request

from motet.core.json import JSON, loads
from motet.gateway.accounts import ANYONE, Tenant
from motet.gateway.denial import Denial

if TYPE_CHECKING:
    from motet.system import System

T = TypeVar("T")
MAX_BODY = 32 << 20
"""Bytes of a JSON body."""


async def read_bytes(request: Request, limit: int = MAX_BODY) -> bytes:
    """Return the body. Raises `Denial` 413."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > limit:
            raise Denial(413, f"the body is larger than {limit >> 20} MB")
    return bytes(data)


async def read_object(request: Request) -> Mapping[str, JSON]:
    """Return the body's JSON object. Raises `Denial` 400 or 413."""
    return object_of(await read_bytes(request))


def object_of(data: bytes) -> Mapping[str, JSON]:
    """Return a body's JSON object. Raises `Denial` 400."""
    try:
        value = loads(data)
    except ValueError as error:
        raise Denial(400, f"the body is not JSON: {error}", code="invalid_json") from error
    if not isinstance(value, Mapping):
        raise Denial(400, "the body must be a JSON object", code="invalid_json")
    return value


def tenant_of(request: Request) -> Tenant:
    """Return who asks, as the guard found."""
    return cast(Tenant, getattr(request.state, "tenant", ANYONE))


def header_of(request: Request) -> Callable[[bytes], bytes | None]:
    """Return a look-up of a request's headers by lower-case name."""
    given: dict[bytes, bytes] = dict(request.scope["headers"])
    return given.get


def systems(request: Request) -> Mapping[str, System]:
    """Return what this server serves, by name."""
    found: Mapping[str, System] = request.app.state.systems
    return found


def served(request: Request, name: JSON) -> System:
    """Return the system of that name. Raises `Denial` 400 or 404 as OpenAI does."""
    known = systems(request)
    if not isinstance(name, str) or not name:
        raise Denial(400, "you must provide a model parameter", param="model")
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"nearest: {near[0]}" if near else f"there are: {', '.join(known)}"
        raise Denial(
            404,
            f"The model '{name}' does not exist ({hint})",
            code="model_not_found",
            param="model",
        )
    return known[name]


async def or_gone(request: Request, work: Awaitable[T]) -> T:
    """Return what `work` gives; cancel it when the client leaves before.

    Raises `ClientDisconnect` then.
    """
    task = asyncio.ensure_future(work)
    watch = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return task.result()
    finally:
        watch.cancel()
        task.cancel()
        await asyncio.wait({task, watch})


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue
