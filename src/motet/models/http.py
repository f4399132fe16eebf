"""HTTP to the outside: one client session per event loop, a time limit for each phase."""

from __future__ import annotations

import asyncio
import ipaddress
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from motet.core.errors import ProviderError
from motet.core.version import __version__

if TYPE_CHECKING:
    import aiohttp

_BODY_LIMIT = 64 * 1024 * 1024
_sessions: dict[
    asyncio.AbstractEventLoop,
    tuple[aiohttp.ClientSession, AsyncGenerator[aiohttp.ClientSession, None]],
] = {}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for the connection, for the answer's first byte, and between its bytes."""

    connect: float = 10.0
    first_byte: float = 300.0
    idle: float = 60.0


async def client_session() -> aiohttp.ClientSession:
    """Return the running loop's session; it closes when the loop shuts down (as `asyncio.run`)."""
    loop = asyncio.get_running_loop()
    if loop not in _sessions:
        holder = _hold_session(loop)
        _sessions[loop] = await anext(holder), holder
    return _sessions[loop][0]


async def _hold_session(
    loop: asyncio.AbstractEventLoop,
) -> AsyncGenerator[aiohttp.ClientSession, None]:
    # A generator, because a loop that shuts down closes its generators and thereby the session.
    import aiohttp

    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, resolver=_resolver()),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": f"motet/{__version__}"},
    )
    try:
        yield session
    finally:
        _sessions.pop(loop, None)
        await session.close()


def _resolver() -> aiohttp.ThreadedResolver:
    import socket

    import aiohttp
    from aiohttp.abc import ResolveResult

    class Resolver(aiohttp.ThreadedResolver):
        """Asks nobody for names that always mean this machine."""

        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            found = addresses(host)
            if found == (host,):
                return await super().resolve(host, port, family)
            return [
                ResolveResult(
                    hostname=host,
                    host=each,
                    port=port,
                    family=socket.AF_INET6 if ":" in each else socket.AF_INET,
                    proto=0,
                    flags=socket.AI_NUMERICHOST,
                )
                for each in found
            ]

    return Resolver()


class Answer:
    """An HTTP answer whose body is still arriving."""

    def __init__(
        self, response: aiohttp.ClientResponse, where: str, deadline: float, timeouts: Timeouts
    ) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self.content_type = response.content_type if "Content-Type" in response.headers else ""
        self._response = response
        self._where = where
        self._deadline: float | None = deadline
        self._timeouts = timeouts

    @property
    def in_one_piece(self) -> bool:
        """Whether it is no stream, whatever was asked for."""
        return self.content_type in ("application/json", "text/html")

    async def read(self, limit: float | None = None) -> bytes:
        """Return the next bytes, empty at the end. `limit` replaces the idle limit, in seconds."""
        seconds = self._timeouts.idle if limit is None else limit
        deadline = self._deadline or asyncio.get_running_loop().time() + seconds
        silence = (
            f"no answer within {self._timeouts.first_byte:g} s"
            if self._deadline
            else f"nothing more for {seconds:g} s"
        )
        with transport_errors(self._where, str(self._response.url), silence):
            async with asyncio.timeout_at(deadline):
                piece = await self._response.content.readany()
        self._deadline = None
        return piece

    async def body(self) -> bytes:
        """Return what is left of the body. Raises `ProviderError` beyond 64 MiB."""
        pieces: list[bytes] = []
        size = 0
        while piece := await self.read():
            pieces.append(piece)
            size += len(piece)
            if size > _BODY_LIMIT:
                raise ProviderError("the answer is larger than 64 MiB", where=self._where)
        return b"".join(pieces)


@asynccontextmanager
async def post(
    url: str, body: bytes, headers: Mapping[str, str], *, where: str, timeouts: Timeouts
) -> AsyncIterator[Answer]:
    """Post JSON and give the answer. Leaving before its end closes the connection at once.

    Redirects are not followed: a key goes nowhere but to the address that was declared.
    Raises `ProviderError` with `where` set.
    """
    import aiohttp

    session = await client_session()
    deadline = asyncio.get_running_loop().time() + timeouts.first_byte
    with transport_errors(where, url, f"no answer within {timeouts.first_byte:g} s"):
        async with asyncio.timeout_at(deadline):
            response = await session.post(
                url,
                data=body,
                headers={"Content-Type": "application/json", **headers},
                allow_redirects=False,
                proxy=proxy_for(url),
                timeout=aiohttp.ClientTimeout(total=None, connect=timeouts.connect),
            )
    try:
        yield Answer(response, where, deadline, timeouts)
    finally:
        response.close()


@contextmanager
def transport_errors(where: str, url: str, silence: str) -> Iterator[None]:
    """Turn what can go wrong on the wire into `ProviderError`; `silence` words a time limit."""
    import aiohttp

    try:
        yield
    except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
        address = urlsplit(url).netloc.rpartition("@")[2]
        message, hint = _wording(error, address, silence)
        raise ProviderError(message, where=where, hint=hint) from error


def _wording(error: Exception, address: str, silence: str) -> tuple[str, str]:
    import aiohttp

    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return f"no connection to {address} in time", "check base_url and the network"
    if isinstance(error, TimeoutError):
        return f"{silence} from {address}", "try again"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"no such host: {address}", "check base_url and the network"
    if isinstance(error, aiohttp.ClientSSLError):
        return f"no secure connection to {address}", "check its certificate, or is it http://?"
    if isinstance(error, aiohttp.ClientConnectorError):
        reason = os.strerror(error.errno) if error.errno else str(error.os_error)
        return f"cannot connect to {address}: {reason.lower()}", "is the server running?"
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{address} does not answer in HTTP", "check base_url"
    return f"{address} broke the connection before the answer was whole", "try again"


def addresses(host: str) -> tuple[str, ...]:
    """Return what to connect to: for names of this machine its addresses, else the host itself.

    Such names are never looked up (RFC 6761, section 6.3): a name server might know better.
    """
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return "127.0.0.1", "::1"
    return (host,)


def never_reached(error: ProviderError) -> bool:
    """Whether no connection came about, so that nobody can have counted the request."""
    import aiohttp

    cause = error.__cause__
    return isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)


def may_be_charged(error: ProviderError) -> bool:
    """Whether a request that failed before its answer began may cost all the same."""
    return (error.status or 0) < 400 and not never_reached(error)


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine by its form alone; no name is looked up."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for the URL; never one for loopback."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    if is_loopback(url) or proxy_bypass(parts.hostname or ""):
        return None
    return getproxies().get(parts.scheme)
