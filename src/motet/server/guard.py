"""Who may ask: the key beyond loopback, and no foreign page on loopback."""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from motet.server.failures import body

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""What every response carries; a page of ours may bring a stricter policy of its own."""


class Guard:
    """Middleware that checks host, origin and key, and sets the security headers.

    Without a key the server is for this machine only: then the Host header must name it
    (a page elsewhere could otherwise reach it through a name of its own that resolves
    here), and requests that another origin's page sent are refused.
    """

    def __init__(self, app: ASGIApp, key: str | None) -> None:
        self._app = app
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message["headers"]
                own = {name for name, _ in given}
                added = [each for each in _HEADERS if each[0] not in own]
                message = {**message, "headers": [*given, *added]}
            await send(message)

        refusal = self._refusal(scope["path"], Headers(scope=scope))
        await (refusal or self._app)(scope, receive, guarded)

    def _refusal(self, path: str, headers: Headers) -> Response | None:
        host = headers.get("host", "")
        if self._key is None and not is_loopback_host(_name(f"//{host}")):
            text = "this server answers on loopback only; use http://127.0.0.1"
            return JSONResponse(body(403, text, "forbidden_host"), 403)
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            text = "requests from other origins are refused"
            return JSONResponse(body(403, text, "forbidden_origin"), 403)
        if self._key is not None and path.startswith(("/v1/", "/api/")):
            return self._check_key(headers.get("authorization", ""))
        return None

    def _check_key(self, authorization: str) -> Response | None:
        assert self._key is not None
        scheme, _, given = authorization.partition(" ")
        right = hmac.compare_digest(given.strip().encode(), self._key.encode())
        if scheme.lower() == "bearer" and right:
            return None
        text = "a valid key is needed: Authorization: Bearer KEY"
        headers = {"www-authenticate": "Bearer"}
        return JSONResponse(body(401, text, "invalid_api_key"), 401, headers=headers)


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_loopback_host(name: str) -> bool:
    """Whether a host name or address is this machine, by its letters."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
