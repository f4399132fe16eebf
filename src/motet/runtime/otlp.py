"""Runs as OpenTelemetry spans in OTLP/JSON, with the GenAI semantic conventions.

What people asked, what operators got and gave is not exported, and secrets are taken out
of what is: names and errors.

Source: OpenTelemetry Protocol 1.x (JSON encoding: ids in hex, 64-bit numbers as strings)
and the semantic conventions for generative AI.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeAlias, cast

from motet.core.json import JSON
from motet.core.version import __version__
from motet.runtime.records import FINAL, Record, Span
from motet.tools.redaction import redactor

_OK, _ERROR, _UNSET = 1, 2, 0
_INTERNAL, _CLIENT = 1, 3
_KIND_OF_ERROR = re.compile(r"([A-Z]\w*)(?:: |$)")
OTHER = "_OTHER"
"""What OpenTelemetry calls a kind that nobody named."""

Attributes: TypeAlias = list[tuple[str, str | int | float | bool]]


def export(records: Sequence[Record], secrets: Collection[str] = ()) -> dict[str, JSON]:
    """Return the runs as one OTLP export request.

    `secrets` names environment variables whose values appear nowhere, beside those whose
    names say that they are secret.
    """
    return request([span for record in records for span in spans(record, secrets)])


def request(spans: Sequence[JSON]) -> dict[str, JSON]:
    """Return an export request of spans."""
    about = listed([("service.name", "motet"), ("service.version", __version__)])
    resource: dict[str, JSON] = {"attributes": about}
    scope = {"name": "motet", "version": __version__}
    return {
        "resourceSpans": [
            {"resource": resource, "scopeSpans": [{"scope": scope, "spans": list(spans)}]}
        ]
    }


def spans(record: Record, secrets: Collection[str] = ()) -> Iterator[JSON]:
    """Yield a run's spans: its own, then one for each node that started."""
    yield from _Run(record, secrets).spans()


class _Run:
    def __init__(self, record: Record, secrets: Collection[str]) -> None:
        self._record = record
        self._nodes = [span for span in record.nodes if span.started > 0]
        self._ids = {span.node: span.span_id for span in self._nodes}
        self._redact = redactor(also=secrets)
        # What was still going on when the process died ended then at the earliest.
        self._last = max([record.started, *(_end(span) for span in self._nodes)])

    def spans(self) -> Iterator[JSON]:
        yield self._root()
        for span in self._nodes:
            yield self._node(span)

    def _root(self) -> JSON:
        record = self._record
        over = record.status in FINAL
        end = max(self._last, record.started + (record.seconds or 0.0)) if over else self._last
        found: Attributes = [*_about(record), ("motet.run", record.id)]
        if record.skill:
            found.append(("motet.skill", record.skill))
        found += self._outcome(record.status, record.code or _kind(record.error))
        name = f"{found[0][1]} {found[2][1]}"
        return self._span(
            record.span_id, name, _INTERNAL, (record.started, end), found, record.error
        )

    def _node(self, span: Span) -> JSON:
        about = _operation(span, self._record.system)
        found: Attributes = [
            *about,
            ("motet.node", span.node),
            ("motet.operator", span.operator),
            ("motet.method", span.method),
            ("motet.choice", span.choice),
            ("motet.effect", span.effect),
            ("motet.attempts", span.attempts),
        ]
        if span.usage.rows is not None:
            found.append(("motet.rows", span.usage.rows))
        found += [*_used(span), *self._outcome(span.status, _kind(span.error))]
        end = _end(span) if span.status in FINAL else max(self._last, span.started)
        name = f"{about[0][1]} {about[1][1]}" if about else _name(span)
        kind = _CLIENT if about and about[0][1] == "chat" else _INTERNAL
        parent = self._ids.get(span.parent or "", self._record.span_id)
        made = self._span(span.span_id, name, kind, (span.started, end), found, span.error)
        links: list[JSON] = [
            {"traceId": self._record.trace_id, "spanId": self._ids[each]}
            for each in span.needs
            if each in self._ids
        ]
        return {**made, "parentSpanId": parent, **({"links": links} if links else {})}

    def _outcome(self, status: str, error: str) -> Attributes:
        if status not in FINAL:
            return [("motet.status", status), ("motet.unfinished", True)]
        if status == "done":
            return []
        return [("error.type", "cancelled" if status == "cancelled" else error)]

    def _span(
        self,
        span_id: str,
        name: str,
        kind: int,
        times: tuple[float, float],
        attributes: Attributes,
        error: str | None,
    ) -> Mapping[str, JSON]:
        failed = any(name == "error.type" for name, _ in attributes)
        open_ = any(name == "motet.unfinished" for name, _ in attributes)
        status: dict[str, JSON] = {"code": _ERROR if failed else _UNSET if open_ else _OK}
        if error and failed:
            status["message"] = self._redact(error)
        start, end = times
        return {
            "traceId": self._record.trace_id,
            "spanId": span_id,
            "name": self._redact(name),
            "kind": kind,
            "startTimeUnixNano": nanoseconds(start),
            "endTimeUnixNano": nanoseconds(max(start, end)),
            "attributes": listed(
                [
                    (key, self._redact(value) if isinstance(value, str) else value)
                    for key, value in attributes
                ]
            ),
            "status": status,
        }


def _about(record: Record) -> Attributes:
    """Return what a run is: a system that is invoked, or a workflow."""
    if record.kind == "plan":
        return [
            ("gen_ai.operation.name", "invoke_workflow"),
            ("gen_ai.provider.name", "motet"),
            ("gen_ai.workflow.name", record.question),
        ]
    found: Attributes = [
        ("gen_ai.operation.name", "invoke_agent"),
        ("gen_ai.provider.name", "motet"),
        ("gen_ai.agent.name", record.system),
    ]
    answer = record.value
    if isinstance(answer, Mapping) and answer.get("model"):
        found.append(("gen_ai.response.model", cast(str, answer["model"])))
    return found


def _operation(span: Span, system: str) -> Attributes:
    """Return the GenAI operation that a node is; the second attribute names it. Or nothing."""
    if span.method == "answer.generate":
        provider, slash, model = span.choice.partition("/")
        return [
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.request.model", model if slash else span.choice),
            ("gen_ai.provider.name", provider if slash else OTHER),
        ]
    if span.method == "call":
        return [
            ("gen_ai.operation.name", "execute_tool"),
            ("gen_ai.tool.name", span.choice),
            ("gen_ai.tool.call.id", span.node),
            ("gen_ai.tool.type", "function"),
        ]
    if span.operator == "retrieve":
        return [
            ("gen_ai.operation.name", "retrieval"),
            ("gen_ai.data_source.id", system),
            ("gen_ai.provider.name", "motet"),
        ]
    return []


def _name(span: Span) -> str:
    return span.operator if span.method == "python" else f"{span.operator} {span.choice}"


def _used(span: Span) -> Attributes:
    usage = span.usage
    found: Attributes = []
    if usage.input_tokens or usage.output_tokens or span.method == "answer.generate":
        found += [
            ("gen_ai.usage.input_tokens", usage.input_tokens),
            ("gen_ai.usage.output_tokens", usage.output_tokens),
        ]
    if usage.cost_usd:
        found.append(("motet.cost_usd", usage.cost_usd))
    return found


def _kind(error: str | None) -> str:
    """Return the kind of an error that nobody of us raised: it stands before the colon."""
    found = _KIND_OF_ERROR.match(error or "")
    return found[1] if found else OTHER


def _end(span: Span) -> float:
    return span.started + (span.seconds or 0.0)


def nanoseconds(seconds: float) -> str:
    """Return an instant as OTLP writes it; a float tells microseconds since 1970, no less."""
    return str(round(seconds * 1e6) * 1000)


def listed(found: Attributes) -> list[JSON]:
    """Return attributes as OTLP writes them."""
    return [{"key": key, "value": _value(value)} for key, value in found]


def _value(value: str | int | float | bool) -> dict[str, JSON]:
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value}
