"""Runs as OpenTelemetry spans in OTLP/JSON, with the GenAI semantic conventions.

Source: OpenTelemetry Protocol 1.x (JSON encoding: ids in hex, 64-bit numbers as strings)
and the semantic conventions for generative AI.
"""

from __future__ import annotations

from collections.abc import Sequence

from motet.core.json import JSON
from motet.core.version import __version__
from motet.runtime.records import Record, Span

_OK, _ERROR, _UNSET = 1, 2, 0
_INTERNAL, _CLIENT = 1, 3


def export(records: Sequence[Record]) -> dict[str, JSON]:
    """Return the runs as one OTLP export request."""
    spans = [span for record in records for span in _spans(record)]
    resource = {"attributes": [_attribute("service.name", "motet")]}
    scope = {"name": "motet", "version": __version__}
    return {
        "resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": spans}]}]
    }


def _spans(record: Record) -> list[dict[str, JSON]]:
    root = {
        "traceId": record.trace_id,
        "spanId": record.span_id,
        "name": f"invoke_agent {record.system}",
        "kind": _INTERNAL,
        **_times(record.started, record.seconds),
        "attributes": [
            _attribute("gen_ai.operation.name", "invoke_agent"),
            _attribute("gen_ai.provider.name", "motet"),
            _attribute("gen_ai.agent.name", record.system),
            _attribute("motet.run", record.id),
            _attribute("motet.skill", record.skill),
        ],
        "status": _status(record.status, record.error),
    }
    return [root, *(_node(record, span) for span in record.nodes)]


def _node(record: Record, span: Span) -> dict[str, JSON]:
    generates = span.method == "answer.generate"
    name = f"chat {span.choice}" if generates else f"{span.operator} {span.choice}"
    return {
        "traceId": record.trace_id,
        "spanId": span.span_id,
        "parentSpanId": record.span_id,
        "name": name,
        "kind": _CLIENT if generates else _INTERNAL,
        **_times(span.started, span.seconds),
        "attributes": [_attribute(key, value) for key, value in _attributes(span, generates)],
        "status": _status(span.status, span.error),
    }


def _attributes(span: Span, generates: bool) -> list[tuple[str, str | int | float]]:
    found: list[tuple[str, str | int | float]] = [
        ("motet.node", span.node),
        ("motet.operator", span.operator),
        ("motet.method", span.method),
        ("motet.choice", span.choice),
    ]
    if span.usage.rows is not None:
        found.append(("motet.rows", span.usage.rows))
    if generates:
        provider, _, model = span.choice.partition("/")
        found += [
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.provider.name", provider),
            ("gen_ai.request.model", model or span.choice),
            ("gen_ai.usage.input_tokens", span.usage.input_tokens),
            ("gen_ai.usage.output_tokens", span.usage.output_tokens),
            ("motet.cost_usd", span.usage.cost_usd),
        ]
    if span.operator == "retrieve":
        found.append(("gen_ai.operation.name", "retrieval"))
    if span.error is not None:
        found.append(("error.type", span.status))
    return found


def _times(started: float, seconds: float | None) -> dict[str, JSON]:
    begin = round(started * 1e9)
    return {
        "startTimeUnixNano": str(begin),
        "endTimeUnixNano": str(begin + round((seconds or 0.0) * 1e9)),
    }


def _status(status: str, error: str | None) -> dict[str, JSON]:
    code = {"done": _OK, "running": _UNSET}.get(status, _ERROR)
    return {"code": code, **({"message": error} if error else {})}


def _attribute(key: str, value: str | int | float) -> dict[str, JSON]:
    if isinstance(value, str):
        return {"key": key, "value": {"stringValue": value}}
    if isinstance(value, int):
        return {"key": key, "value": {"intValue": str(value)}}
    return {"key": key, "value": {"doubleValue": value}}
