"""One request of a client, read as far as a gateway must know it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from motet.core.clock import now, tick
from motet.core.ids import new_id, new_trace
from motet.gateway import bounds
from motet.gateway.accounts import Tenant
from motet.gateway.denial import Denial
from motet.gateway.guards.requests import screened_request
from motet.gateway.guards.screening import Screening
from motet.gateway.served import Route
from motet.models.dialects.dialect import BadRequest, Incoming
from motet.models.dialects.registry import DIALECTS

Header = Callable[[bytes], bytes | None]
"""Gives a header's value by its name in lower case."""
PASSED = (b"anthropic-beta", b"openai-beta", b"x-stainless-helper-method")
"""Headers of a client that reach a provider of the same dialect."""
_PARENT = re.compile(rb"[0-9a-f]{2}-((?!0{32})[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass(slots=True)
class Asked:
    """A request that was admitted as far as its body reaches: known model, known tenant.

    `body` is what the client sent, parsed; `size` its bytes. `dialect` is the client's.
    """

    dialect: str
    tenant: Tenant
    body: dict[str, Any]
    size: int
    route: Route
    stream: bool
    headers: tuple[tuple[str, str], ...]
    id: str
    trace_id: str
    started: float
    tick: float
    user: str = ""
    key: bytes | None = None
    """Under which its answer is kept, None where none is."""
    fresh: bool = False
    """Whether it wants no kept answer."""
    screening: Screening | None = None
    """Its guards, None where there are none."""
    rewritten: bool = False
    """Whether guards changed it, so that nothing is sent as it came."""
    output_bound: int | None = None
    """The most output tokens that it admits, None where it sets no bound."""
    _incoming: Incoming | None = None
    _input: int | None = None

    @property
    def incoming(self) -> Incoming:
        """The canonical request, read when it is first needed. Raises `Denial`."""
        if self._incoming is None:
            try:
                self._incoming = DIALECTS[self.dialect].incoming(self.body)
            except BadRequest as error:
                raise Denial(
                    400, error.message, code=error.code or "invalid_value", param=error.param
                ) from error
        return self._incoming

    def screen(self) -> None:
        """Look through the request, and replace in it what its guards want replaced.

        Raises `Denial` where it cannot be read.
        """
        rules = self.route.rules
        if rules is None:
            return
        self.screening = Screening(rules)
        incoming = self.incoming
        request = screened_request(incoming.request, self.screening.request)
        if rules.changing and request != incoming.request:
            self._incoming = replace(incoming, request=request)
            self.rewritten = True

    @property
    def input_bound(self) -> int:
        """A number that its input tokens cannot exceed."""
        if self._input is None:
            self._input = bounds.input_bound(self.body, self.size)
        return self._input


def stays_here(header: Header) -> bool:
    """Whether a request says that it must not leave this machine."""
    return header(b"x-motet-local") in (b"1", b"true")


def parsed(data: bytes) -> dict[str, Any]:
    """Return the JSON object of a body. Raises `Denial` 400."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Denial(400, f"the body is not JSON: {error}", code="invalid_json") from error
    if not isinstance(value, dict):
        raise Denial(400, "the body must be a JSON object", code="invalid_json")
    return value


def model_of(body: dict[str, Any]) -> str:
    """Return the model a body names. Raises `Denial` 400."""
    name = body.get("model")
    if not isinstance(name, str) or not name:
        raise Denial(400, "you must provide a model parameter", param="model")
    return name


def wants_stream(body: dict[str, Any]) -> bool:
    """Return whether a body asks for a stream. Raises `Denial` 400."""
    stream = body.get("stream")
    if stream not in (None, True, False):
        raise Denial(400, "stream must be true or false", code="invalid_type", param="stream")
    return stream is True


def asked(
    dialect: str, tenant: Tenant, body: dict[str, Any], size: int, route: Route, header: Header
) -> Asked:
    """Return the request."""
    passed = [
        (name.decode(), value.decode("latin-1")) for name in PASSED if (value := header(name))
    ]
    user = body.get("user")
    return Asked(
        dialect,
        tenant,
        body,
        size,
        route,
        wants_stream(body),
        tuple(passed),
        new_id("req"),
        trace_of(header(b"traceparent")),
        now(),
        tick(),
        user if isinstance(user, str) else "",
        output_bound=bounds.output_bound(dialect, body),
    )


def trace_of(parent: bytes | None) -> str:
    """Return the caller's trace id (W3C Trace Context, section 3.2), else a new one."""
    if parent is not None and (found := _PARENT.match(parent)) is not None:
        return found[1].decode()
    return new_trace()
