"""Who may ask: the key beyond loopback, and no foreign page on loopback."""

from __future__ import annotations

import hmac
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from motet.gateway.accounts import ANYONE, OWNER, PREFIX, Accounts, Tenant
from motet.gateway.asked import Header
from motet.gateway.denial import Denial
from motet.gateway.tenancy import TENANT
from motet.server.dialects import PROTECTED, error_body
from motet.server.hosts import is_loopback_host

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""What every response carries; a page of ours may bring a stricter policy of its own."""


_PREFIX = PREFIX.encode()


class Doorman:
    """Decides who a request comes from, without I/O: one rule for every way into the server.

    With neither an owner's key nor virtual keys the server is for this machine only: then
    the Host header must name it (a page elsewhere could otherwise reach it through a name of
    its own that resolves here). Requests that another origin's page sent are refused always.
    """

    def __init__(self, key: str | None, accounts: Accounts | None = None) -> None:
        """`key` is the owner's; `accounts` know the virtual keys, None where there are none."""
        self._key = key.encode() if key is not None else None
        self._accounts = accounts

    def tenant(self, path: str, header: Header) -> Tenant:
        """Return who asks for a path. Raises `Denial` for whom nothing is here."""
        host = header(b"host") or b""
        if self._key is None and not _is_here(host):
            text = "this server answers on loopback only; use http://127.0.0.1"
            raise Denial(403, text, code="forbidden_host")
        origin = header(b"origin")
        if origin is not None and _authority(origin) != host.decode("latin-1"):
            raise Denial(403, "requests from other origins are refused", code="forbidden_origin")
        if not path.startswith(PROTECTED):
            return ANYONE
        return self._known(path, _given(header))

    def _known(self, path: str, given: bytes) -> Tenant:
        if self._key is not None and hmac.compare_digest(given, self._key):
            return OWNER
        accounts = self._accounts
        if accounts is not None and given.startswith(_PREFIX):
            found = accounts.tenant(given.decode("latin-1"))
            if found is not None and (found.admin or not path.startswith("/api/")):
                return found
        if self._key is None and (path.startswith("/api/") or not _has_keys(accounts)):
            return ANYONE
        text = "a valid key is needed: Authorization: Bearer KEY"
        headers = {"www-authenticate": "Bearer"}
        raise Denial(401, text, code="invalid_api_key", headers=headers)


def _given(header: Header) -> bytes:
    """Return the key a client sends, where its dialect puts it."""
    scheme, _, key = (header(b"authorization") or b"").partition(b" ")
    if key and scheme.lower() == b"bearer":
        return key.strip()
    return (header(b"x-api-key") or header(b"x-goog-api-key") or b"").strip()


def _has_keys(accounts: Accounts | None) -> bool:
    return accounts is not None and accounts.has_keys


class Guard:
    """Middleware that asks the doorman, and sets the security headers."""

    def __init__(self, app: ASGIApp, doorman: Doorman) -> None:
        self._app = app
        self._doorman = doorman

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message["headers"]
                own = {name for name, _ in given}
                added = [each for each in HEADERS if each[0] not in own]
                message = {**message, "headers": [*given, *added]}
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            tenant = self._doorman.tenant(scope["path"], headers.get)
        except Denial as denial:
            content = error_body(scope["path"], denial.status, denial.message, denial.code)
            return JSONResponse(content, denial.status, headers=denial.headers)
        scope.setdefault("state", {})["tenant"] = tenant
        TENANT.set(tenant)  # for the runs that the request begins
        return None


def _authority(origin: bytes) -> str:
    return urlsplit(origin.decode("latin-1")).netloc


@lru_cache(maxsize=256)
def _is_here(host: bytes) -> bool:
    """Whether a Host header names this machine."""
    return is_loopback_host(_name(f"//{host.decode('latin-1')}"))


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
