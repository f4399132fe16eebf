"""Requests of the gateway as OpenTelemetry spans, with the GenAI semantic conventions.

One span is one attempt at one model; attempts of a request share its trace. Nothing of what
was asked or answered is in them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from motet.core.ids import new_trace
from motet.core.json import JSON
from motet.core.money import dollars
from motet.gateway.ledger.entry import Entry
from motet.runtime.otlp import OTHER, Attributes, listed, nanoseconds

_OK, _ERROR = 1, 2
_CLIENT = 3
_OPERATIONS: Mapping[str, str] = {
    "chat": "chat",
    "embeddings": "embeddings",
    "images.generations": "generate_content",
    "images.edits": "generate_content",
}


def span_of(entry: Entry) -> JSON:
    """Return an attempt as a span."""
    operation = _OPERATIONS.get(entry.endpoint, entry.endpoint)
    found: Attributes = [
        ("gen_ai.operation.name", operation),
        ("gen_ai.request.model", entry.model),
        ("gen_ai.provider.name", entry.provider or OTHER),
        ("motet.request", entry.id),
        ("motet.attempt", entry.attempt),
        ("motet.status", entry.status),
    ]
    optional: list[tuple[str, str | int]] = [
        ("gen_ai.response.model", entry.used),
        ("gen_ai.response.id", entry.upstream_id),
        ("gen_ai.usage.input_tokens", entry.input_tokens),
        ("gen_ai.usage.output_tokens", entry.output_tokens),
        ("gen_ai.usage.cache_read.input_tokens", entry.cached_tokens),
        ("gen_ai.usage.cache_creation.input_tokens", entry.cache_write_tokens),
        ("http.response.status_code", entry.http),
        ("motet.team", entry.team),
    ]
    found += [(name, value) for name, value in optional if value]
    if entry.cost is not None:
        found += [("motet.cost_usd", dollars(entry.cost)), ("motet.estimated", entry.estimated)]
    if entry.first is not None and entry.stream:
        found.append(("gen_ai.response.time_to_first_chunk", entry.first))
    failed = entry.status in ("failed", "aborted", "refused")
    if failed:
        found.append(("error.type", str(entry.http) if entry.http >= 400 else entry.status))
    status: dict[str, JSON] = {"code": _ERROR if failed else _OK}
    if failed and entry.error:
        status["message"] = entry.error
    return {
        "traceId": entry.trace_id or new_trace(),
        "spanId": os.urandom(8).hex(),
        "name": f"{operation} {entry.model}",
        "kind": _CLIENT,
        "startTimeUnixNano": nanoseconds(entry.started),
        "endTimeUnixNano": nanoseconds(entry.started + entry.seconds),
        "attributes": listed(found),
        "status": status,
    }
