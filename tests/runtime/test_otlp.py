"""Runs as OpenTelemetry: OTLP in JSON with the GenAI conventions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from runtime_samples import node, plan

from motet.core.clock import now
from motet.core.json import dumps
from motet.planner.plan import QUESTION
from motet.runtime.journal import Journal, Usage
from motet.runtime.otlp import export

# The part of OTLP 1.x that we write: ids in hex, 64-bit numbers as strings, enums as numbers.
NANOS = {"type": "string", "pattern": "^[0-9]{19}$"}
VALUE = {
    "oneOf": [
        {"required": [name], "properties": {name: kind}, "additionalProperties": False}
        for name, kind in (
            ("stringValue", {"type": "string"}),
            ("intValue", {"type": "string", "pattern": "^-?[0-9]+$"}),
            ("doubleValue", {"type": "number"}),
            ("boolValue", {"type": "boolean"}),
        )
    ]
}
ATTRIBUTES = {
    "type": "array",
    "items": {
        "required": ["key", "value"],
        "properties": {"key": {"type": "string", "minLength": 1}, "value": VALUE},
        "additionalProperties": False,
    },
}
SPAN = {
    "type": "object",
    "required": ["traceId", "spanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano"],
    "properties": {
        "traceId": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "spanId": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
        "parentSpanId": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
        "name": {"type": "string", "minLength": 1},
        "kind": {"enum": [1, 2, 3, 4, 5]},
        "startTimeUnixNano": NANOS,
        "endTimeUnixNano": NANOS,
        "attributes": ATTRIBUTES,
        "status": {
            "properties": {"code": {"enum": [0, 1, 2]}, "message": {"type": "string"}},
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
REQUEST = {
    "type": "object",
    "required": ["resourceSpans"],
    "properties": {
        "resourceSpans": {
            "type": "array",
            "items": {
                "required": ["resource", "scopeSpans"],
                "properties": {
                    "resource": {"properties": {"attributes": ATTRIBUTES}},
                    "scopeSpans": {
                        "type": "array",
                        "items": {"properties": {"spans": {"type": "array", "items": SPAN}}},
                    },
                },
            },
        }
    },
    "additionalProperties": False,
}
STEPS = plan(
    replace(node("retrieve", QUESTION), operator="retrieve", choice="hybrid"),
    replace(
        node("answer", "retrieve", method="answer.generate"),
        operator="answer",
        choice="openai/gpt-5-mini",
    ),
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    found = Journal(tmp_path / "runs.db")
    yield found
    found.close()


def spans(journal: Journal) -> list[dict[str, Any]]:
    request = json.loads(dumps(export([journal.get(each.id) for each in journal.recent()])))
    Draft202012Validator(REQUEST).validate(request)
    return [
        span
        for resource in request["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


def attributes(span: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: next(iter(each["value"].values())) for each in span["attributes"]}


def test_a_run_is_a_tree_of_spans(journal: Journal) -> None:
    record = journal.begin("contracts", "Why?", STEPS)
    for each, usage in zip(STEPS.nodes, (Usage(rows=8), Usage(120, 30, 0.25)), strict=True):
        journal.begin_node(record.id, each, now())
        journal.end_node(record.id, each.id, status="done", seconds=0.5, usage=usage)
    journal.end(record.id, "done", 1.25, None, None)
    root, retrieve, answer = spans(journal)
    assert root["name"] == "invoke_agent contracts"
    assert "parentSpanId" not in root
    assert retrieve["parentSpanId"] == answer["parentSpanId"] == root["spanId"]
    assert {span["traceId"] for span in (root, retrieve, answer)} == {record.trace_id}
    assert int(root["endTimeUnixNano"]) - int(root["startTimeUnixNano"]) == 1_250_000_000
    assert (answer["name"], answer["kind"]) == ("chat openai/gpt-5-mini", 3)
    found = attributes(answer)
    assert found["gen_ai.operation.name"] == "chat"
    assert found["gen_ai.provider.name"] == "openai"
    assert found["gen_ai.request.model"] == "gpt-5-mini"
    assert found["gen_ai.usage.input_tokens"] == "120"
    assert found["gen_ai.usage.output_tokens"] == "30"
    assert attributes(retrieve)["motet.rows"] == "8"
    assert attributes(root)["motet.run"] == record.id
    assert {span["status"]["code"] for span in (root, retrieve, answer)} == {1}


def test_failed_and_unfinished_runs_are_valid_too(journal: Journal) -> None:
    failed = journal.begin("a", "Why?", STEPS)
    journal.begin_node(failed.id, STEPS.nodes[0], now())
    journal.end_node(
        failed.id, "retrieve", status="failed", seconds=0.1, usage=Usage(), error="the disk"
    )
    journal.end(failed.id, "failed", 0.2, None, "the disk")
    journal.begin("b", "Why?", STEPS)
    found = {span["name"]: span for span in spans(journal)}
    assert found["invoke_agent a"]["status"] == {"code": 2, "message": "the disk"}
    assert attributes(found["retrieve hybrid"])["error.type"]
    assert found["invoke_agent b"]["status"] == {"code": 0}
    assert all(re.fullmatch("[0-9a-f]{16}", span["spanId"]) for span in found.values())


def test_no_runs_are_a_valid_request(journal: Journal) -> None:
    assert spans(journal) == []
