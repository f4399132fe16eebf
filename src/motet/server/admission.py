"""The gateway as the lane sees it: which requests pass, and what each one's passage says."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

import orjson

from motet.core.clock import tick
from motet.core.errors import ProviderError
from motet.gateway.asked import Asked
from motet.gateway.attempt import Attempt
from motet.gateway.denial import Denial
from motet.gateway.gateway import Gateway
from motet.gateway.headings import REQUEST, headings
from motet.gateway.passthrough import Passthrough
from motet.models.failures import status_failure
from motet.models.http import proxy_for
from motet.server.dialects import PATHS, error_body
from motet.server.failures import whole_seconds
from motet.server.guard import HEADERS, Doorman
from motet.server.lane.relay import Breakage, Headers, Relay, Reply

_SECURITY = b"".join(b"%b: %b\r\n" % each for each in HEADERS)
_STATUS = {400: b"Bad Request", 401: b"Unauthorized", 403: b"Forbidden", 404: b"Not Found"}
_REQUEST = REQUEST.encode()
_STREAMED = b"cache-control: no-cache\r\nx-accel-buffering: no\r\n"


class Admission:
    """Decides what passes through the lane; an `Admitting`."""

    def __init__(self, gateway: Gateway, doorman: Doorman) -> None:
        self._gateway = gateway
        self._doorman = doorman

    def admit(
        self, path: bytes, headers: Headers, body: bytes, client: str
    ) -> Relay | Reply | None:
        """Let a chat request pass where its first model speaks its dialect over HTTP."""
        where = path.partition(b"?")[0].decode("latin-1")
        dialect = PATHS.get(where)
        if dialect is None:
            return None
        header = dict(headers).get
        try:
            tenant = self._doorman.tenant(where, header)
            asked = self._gateway.ask(dialect, tenant, body, header)
            attempt = self._gateway.quick(asked)
        except Denial as denial:
            # What the gateway does not serve may be a system's name.
            return None if denial.status == 404 else _refusal(where, denial)
        if attempt is None:
            return None
        address = _address(attempt.target.base_url)
        if address is None:
            self._gateway.give_up(attempt)
            return None
        return Passage(self._gateway, attempt, address)

    def commit(self) -> None:
        """Put on file what the requests admitted since hold."""
        self._gateway.accounts.commit()


Address = tuple[str, int, bool, str, str]
"""Host, port, TLS, the authority, and the path below which the API lies."""


@lru_cache(maxsize=1024)
def _address(base_url: str) -> Address | None:
    """Return where a base URL leads, None where a proxy stands in between."""
    if proxy_for(base_url) is not None:
        return None
    parts = urlsplit(base_url)
    tls = parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    return parts.hostname or "", port, tls, parts.netloc, parts.path


class Passage:
    """One request through the lane; a `Relay`."""

    __slots__ = (
        "_answering",
        "_attempt",
        "_begun",
        "_gateway",
        "_http",
        "_over",
        "_since",
        "_status",
        "asked",
        "host",
        "port",
        "request",
        "timeouts",
        "tls",
        "tried",
    )

    def __init__(self, gateway: Gateway, attempt: Attempt, address: Address) -> None:
        self.host, self.port, self.tls, authority, below = address
        self.timeouts = attempt.target.timeouts
        self.asked: Asked = attempt.asked
        self.tried: ProviderError | None = None
        self._gateway = gateway
        self._attempt = attempt
        assert isinstance(attempt.answering, Passthrough)
        self._answering = attempt.answering
        self._http: int | None = None
        self._status: tuple[int, Headers] | None = None
        self._since = tick()
        self._over = False
        self._begun = False
        head = _lead(authority, below, attempt.path, attempt.headers)
        self.request = b"%bContent-Length: %d\r\n\r\n%b" % (head, len(attempt.body), attempt.body)

    def head(self, status: int, headers: Headers) -> bytes | None:
        """Pass a good stream on as it comes.

        Anything else is collected: whether a whole answer is good shows at its end, and until
        then another model can give a better one.
        """
        attempt = self._attempt
        attempt.sent = True
        self._http = status
        kind = dict(headers).get(b"content-type", b"")
        if not (200 <= status < 300 and attempt.asked.stream and kind.startswith(b"text/event")):
            self._status = status, headers
            return None
        attempt.heard()
        self._gateway.health.answered(attempt.model.name, tick() - self._since)
        return _head(status, attempt)

    def answer(self, body: bytes) -> Reply | None:
        """Send a whole answer; what else came is the ordinary path's."""
        assert self._status is not None
        status, headers = self._status
        if 200 <= status < 300:
            return self._whole(status, body)
        given = {name.decode("latin-1").title(): v.decode("latin-1") for name, v in headers}
        target = self._attempt.target
        self._failed(status_failure(status, given, body, where=target.name, key=target.secret()))
        return None

    def _whole(self, status: int, body: bytes) -> Reply | None:
        attempt = self._attempt
        attempt.heard()
        try:
            streamed = attempt.asked.stream
            body = attempt.rewritten().whole(body) if streamed else self._as_it_is(body)
        except ProviderError as error:
            self._failed(error)
            return None
        self._over = True
        self._gateway.health.answered(attempt.model.name, None)
        self._gateway.settle(attempt, "done", self._http)
        return Reply(_head(status, attempt), body)

    def _as_it_is(self, body: bytes) -> bytes:
        self._answering.feed(body)
        body = self._answering.end()
        if (lack := self._attempt.lack()) is not None:
            raise lack
        return body

    def feed(self, data: bytes) -> bytes:
        """Pass a piece on."""
        said = self._answering.feed(data)
        self._begun = self._begun or bool(said)
        return said

    def end(self) -> bytes | None:
        """Settle what the answer used; what an incomplete stream lacks is told in-band."""
        answering = self._answering
        last = answering.end()
        lack = self._attempt.lack()
        if lack is not None and not self._begun and not last:
            self._failed(lack)
            return None
        self._over = True
        if lack is not None:
            self._gateway.health.failed(self._attempt.model.name, lack)
            self._gateway.settle(self._attempt, "failed", self._http, lack.message)
            return last if answering.error else last + answering.broken(lack.message)
        self._gateway.settle(self._attempt, "done", self._http)
        return last

    def broken(self, how: Breakage, detail: str) -> bytes | None:
        """Hear that the upstream failed."""
        self._attempt.sent = how is not Breakage.CONNECT
        error = ProviderError(f"{how.value}: {detail}", where=self._attempt.target.name)
        if how is Breakage.TIMEOUT:
            error.__cause__ = TimeoutError()
        self._failed(error)
        return self._answering.broken(error.message) or None

    def gone(self) -> None:
        """Settle what the answer may have used: the client left."""
        if self._over:
            return
        self._over = True
        self._attempt.sent = True
        self._gateway.health.abandoned(self._attempt.model.name)
        self._gateway.settle(self._attempt, "aborted", self._http, "the client left")

    def _failed(self, error: ProviderError) -> None:
        if self._over:
            return
        self._over = True
        health, name = self._gateway.health, self._attempt.model.name
        if self._begun:
            health.failed(name, error)
        else:  # the ordinary path goes on with this failure, and tells
            self.tried = error
            health.abandoned(name)
        self._gateway.settle(self._attempt, "failed", self._http, error.message)


@lru_cache(maxsize=256)
def _lead(authority: str, below: str, path: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    """Return a request's head up to its length: few differ, as most clients add nothing."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
    return f"POST {below}{path} HTTP/1.1\r\nHost: {authority}\r\n{lines}".encode("latin-1")


def _head(status: int, attempt: Attempt) -> bytes:
    kind = attempt.answering.content_type
    told = headings(attempt)
    own = told.pop(REQUEST).encode()
    common = _common(kind, attempt.asked.stream, tuple(told.items()))
    return b"HTTP/1.1 %d OK\r\n%b: %b\r\n%b" % (status, _REQUEST, own, common)


@lru_cache(maxsize=256)
def _common(kind: bytes, stream: bool, told: tuple[tuple[str, str], ...]) -> bytes:
    """Return the lines that most answers of a model share."""
    lines = "".join([f"{name}: {value}\r\n" for name, value in told]).encode("latin-1")
    streamed = _STREAMED if stream else b""
    return b"content-type: %b\r\n%b%b%b" % (kind, lines, streamed, _SECURITY)


def _refusal(path: str, denial: Denial) -> Reply:
    lines = [f"{name}: {value}\r\n" for name, value in denial.headers.items()]
    if denial.retry_after is not None:
        lines.append(f"retry-after: {whole_seconds(denial.retry_after)}\r\n")
    head = b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\n%b%b" % (
        denial.status,
        _STATUS.get(denial.status, b"Refused"),
        "".join(lines).encode("latin-1"),
        _SECURITY,
    )
    content = error_body(path, denial.status, denial.message, denial.code, denial.param)
    return Reply(head, orjson.dumps(content))
