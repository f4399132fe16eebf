"""Runs as OpenTelemetry: OTLP in JSON with the GenAI conventions, sent to collectors."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Proto
from opentelemetry.proto.trace.v1.trace_pb2 import Status

import motet
from motet.core.json import JSON, dumps
from motet.runtime.journal import Journal
from motet.runtime.otlp import export
from motet.runtime.records import Record, Span, Usage

START = 1_800_000_000.25
SECRET = "correct-horse-battery-staple"


def span(node: str, operator: str, method: str, choice: str, **more: Any) -> Span:
    given: dict[str, Any] = {
        "node": node,
        "span_id": f"{abs(hash(node)):016x}"[-16:],
        "operator": operator,
        "method": method,
        "choice": choice,
        "status": "done",
        "started": START,
        "seconds": 0.5,
        "usage": Usage(),
        "text": None,
        "error": None,
    }
    return Span(**{**given, **more})


def record(*nodes: Span, **more: Any) -> Record:
    given: dict[str, Any] = {
        "id": "run_1",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "span_id": "b7ad6b7169203331",
        "system": "shop",
        "skill": "answer",
        "question": "Why?",
        "plan": {},
        "status": "done",
        "started": START,
        "seconds": 1.25,
        "value": {"model": "openai/gpt-5-mini"},
        "error": None,
    }
    return Record(**{**given, **more}, nodes=nodes)


def parsed(request: Mapping[str, JSON]) -> list[Proto]:
    """Read a request with OpenTelemetry's own definition of it; return its spans.

    OTLP writes ids in hex where protobuf's JSON has base64.
    """
    found = json.loads(dumps(request))
    for each in resource_spans(found):
        for owner in (each, *each.get("links", ())):
            for name in ("traceId", "spanId", "parentSpanId"):
                if name in owner:
                    owner[name] = base64.b64encode(bytes.fromhex(owner[name])).decode()
    message = ParseDict(found, ExportTraceServiceRequest())
    [resource] = message.resource_spans
    [scope] = resource.scope_spans
    assert attributes(resource.resource.attributes)["service.name"] == "motet"
    for each in scope.spans:
        assert (len(each.trace_id), len(each.span_id)) == (16, 8)
        assert START * 0.9e9 < each.start_time_unix_nano <= each.end_time_unix_nano
    return list(scope.spans)


def resource_spans(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in request["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            yield from scope["spans"]


def attributes(pairs: Iterable[Any]) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in pairs}


def exported(*records: Record) -> dict[str, Proto]:
    return {each.name: each for each in parsed(export(records))}


def about(found: Proto) -> dict[str, Any]:
    return attributes(found.attributes)


def test_a_run_is_a_tree_of_spans() -> None:
    found = exported(
        record(
            span("retrieve", "retrieve", "retrieve.search", "hybrid", usage=Usage(rows=8)),
            span("answer", "answer", "answer.turns", "openai/gpt-5-mini", needs=("retrieve",)),
            span(
                "answer/turn-1",
                "answer",
                "answer.generate",
                "openai/gpt-5-mini",
                parent="answer",
                usage=Usage(120, 30, 0.25),
                attempts=2,
            ),
            span("answer/price-1", "call", "call", "price", parent="answer", effect="read"),
        )
    )
    root, chat = found["invoke_agent shop"], found["chat gpt-5-mini"]
    retrieve, tool = found["retrieval shop"], found["execute_tool price"]
    answer = found["answer openai/gpt-5-mini"]
    assert root.parent_span_id == b""
    assert retrieve.parent_span_id == answer.parent_span_id == root.span_id
    assert chat.parent_span_id == tool.parent_span_id == answer.span_id
    assert [link.span_id for link in answer.links] == [retrieve.span_id]
    assert {each.trace_id for each in found.values()} == {bytes.fromhex(record().trace_id)}
    assert root.end_time_unix_nano - root.start_time_unix_nano == 1_250_000_000
    assert {each.status.code for each in found.values()} == {Status.STATUS_CODE_OK}
    assert (chat.kind, tool.kind) == (Proto.SPAN_KIND_CLIENT, Proto.SPAN_KIND_INTERNAL)


def test_the_genai_conventions_name_what_happened() -> None:
    found = exported(
        record(
            span("a", "answer", "answer.generate", "openai/gpt-5-mini", usage=Usage(120, 30, 0.25)),
            span("b", "answer", "answer.generate", "fast"),
            span("c", "call", "call", "price", effect="once"),
            span("d", "retrieve", "retrieve.search", "hybrid", usage=Usage(rows=8)),
        )
    )
    assert about(found["invoke_agent shop"]) == {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.provider.name": "motet",
        "gen_ai.agent.name": "shop",
        "gen_ai.response.model": "openai/gpt-5-mini",
        "motet.run": "run_1",
        "motet.skill": "answer",
    }
    chat = about(found["chat gpt-5-mini"])
    assert chat["gen_ai.operation.name"] == "chat"
    assert chat["gen_ai.provider.name"] == "openai"
    assert chat["gen_ai.request.model"] == "gpt-5-mini"
    assert chat["gen_ai.usage.input_tokens"] == 120
    assert chat["gen_ai.usage.output_tokens"] == 30
    assert chat["motet.cost_usd"] == 0.25
    assert about(found["chat fast"])["gen_ai.provider.name"] == "_OTHER"
    tool = about(found["execute_tool price"])
    assert tool["gen_ai.operation.name"] == "execute_tool"
    assert (tool["gen_ai.tool.name"], tool["gen_ai.tool.call.id"]) == ("price", "c")
    assert tool["motet.effect"] == "once"
    retrieval = about(found["retrieval shop"])
    assert retrieval["gen_ai.operation.name"] == "retrieval"
    assert (retrieval["gen_ai.data_source.id"], retrieval["motet.rows"]) == ("shop", 8)


def test_failures_say_their_kind() -> None:
    failed = span("a", "price", "python", "x.price", status="failed", error="ValueError: no price")
    given_up = span("b", "other", "python", "x.other", status="cancelled", error=None)
    late = span("c", "late", "python", "x.late", status="failed", error="c: took longer than 2 s")
    found = exported(
        record(
            failed, given_up, late, status="failed", error="ValueError: no", code="", kind="plan"
        )
    )
    assert found["price"].status.code == Status.STATUS_CODE_ERROR
    assert found["price"].status.message == "ValueError: no price"
    assert about(found["price"])["error.type"] == "ValueError"
    assert about(found["other"])["error.type"] == "cancelled"
    assert about(found["late"])["error.type"] == "_OTHER"
    root = found["invoke_workflow Why?"]
    assert about(root)["gen_ai.workflow.name"] == "Why?"
    assert about(root)["error.type"] == "ValueError"


def test_a_run_that_was_resumed_lasts_until_its_last_node() -> None:
    week = 7 * 86_400.0
    late = span("b", "pay", "python", "x.pay", started=START + week)
    found = exported(record(span("a", "price", "python", "x.price"), late, seconds=0.75))
    root = found["invoke_agent shop"]
    assert root.end_time_unix_nano == found["pay"].end_time_unix_nano


def test_what_a_crash_left_open_is_exported_as_unfinished() -> None:
    done = span("a", "price", "python", "x.price", seconds=2.0)
    running = span("b", "pay", "python", "x.pay", status="running", seconds=None)
    waiting = span("c", "later", "python", "x.later", status="waiting", started=0.0, seconds=None)
    found = exported(record(done, running, waiting, status="running", seconds=None, value=None))
    assert set(found) == {"invoke_agent shop", "price", "pay"}
    for name in ("invoke_agent shop", "pay"):
        open_ = found[name]
        assert open_.status.code == Status.STATUS_CODE_UNSET
        assert about(open_)["motet.unfinished"] is True
        assert about(open_)["motet.status"] == "running"
        assert open_.end_time_unix_nano == found["price"].end_time_unix_nano
    assert "motet.unfinished" not in about(found["price"])


KILLED = """
import os, signal, sys
import motet

@motet.operator(effect="read")
async def first() -> int:
    return 1

@motet.operator(effect="once")
async def last(value: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)

plan = motet.Plan("killed")
motet.run(plan, want=plan.add(last, plan.add(first)), id="killed")
"""


def test_a_killed_process_leaves_a_trace(tmp_path: Path) -> None:
    environ = {"MOTET_HOME": str(tmp_path), "PATH": ""}
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    assert subprocess.run([sys.executable, script], env=environ, check=False).returncode == -9
    journal = Journal(tmp_path / "runs.db")
    found = exported(journal.get("killed"))
    journal.close()
    assert about(found["last"])["motet.unfinished"] is True
    assert "motet.unfinished" not in about(found["first"])
    assert [link.span_id for link in found["last"].links] == [found["first"].span_id]
    assert about(found["invoke_workflow killed"])["motet.unfinished"] is True


@pytest.mark.parametrize(
    "text",
    [
        f"ValueError: the key {SECRET} was refused",
        "HTTPError: 401 for https://api.example/v1?api_key=abcdef123456&x=1",
        "HTTPError: 401 for https://me:hunter22@example.org/",
        "ClientError: Authorization: Bearer abcdef123456",
        "ClientError: Authorization: Basic bWU6aHVudGVyMjI=",
        "ClientError: wrong key sk-abcdef1234567890",
    ],
)
def test_secrets_in_errors_are_not_exported(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SHOP_KEY", SECRET)
    node = span("a", "price", "python", "x.price", status="failed", error=text)
    sent = dumps(export([record(node, status="failed", error=text)]))
    for secret in (SECRET, "abcdef123456", "hunter22", "bWU6aHVudGVyMjI="):
        assert secret not in sent
    assert "[secret]" in sent


def test_variables_with_innocent_names_can_be_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PIN", SECRET)
    node = span("a", SECRET, "python", f"x.{SECRET}", status="failed", error=f"E: {SECRET}")
    assert SECRET in dumps(export([record(node)]))
    assert SECRET not in dumps(export([record(node)], secrets=["SHOP_PIN"]))


def test_questions_arguments_and_values_are_not_exported(tmp_path: Path) -> None:
    @motet.operator(effect="read")
    def charge(card: str) -> str:
        return f"charged {card}"

    plan = motet.Plan("charging")
    run = motet.run(plan, want=plan.add(charge, SECRET), home=tmp_path)
    assert run.value == f"charged {SECRET}"
    sent = dumps(export([run.record, record(question=SECRET)]))
    assert SECRET not in sent
    assert "invoke_workflow charging" in sent


def test_secrets_in_errors_are_not_even_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", SECRET)

    @motet.operator(effect="read")
    def connect() -> str:
        raise ConnectionError(f"401 for key {SECRET}")

    plan = motet.Plan("connecting")
    run = motet.run(plan, want=plan.add(connect), home=tmp_path)
    assert run.status == "failed"
    assert SECRET in str(run.error)
    assert run.record.error == run.nodes[0].error == "ConnectionError: 401 for key [secret]"
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"401 for key" in stored
    assert SECRET.encode() not in stored


def test_no_runs_are_a_valid_request() -> None:
    assert parsed(export([])) == []


def test_numbers_and_truths_keep_their_types() -> None:
    [root, node] = export([record(span("a", "b", "python", "c", status="running"))])[
        "resourceSpans"
    ][0]["scopeSpans"][0]["spans"]  # type: ignore[index,call-overload]
    values = {each["key"]: each["value"] for each in node["attributes"]}
    assert values["motet.attempts"] == {"intValue": "1"}
    assert values["motet.unfinished"] == {"boolValue": True}
    assert root["startTimeUnixNano"] == "1800000000250000000"


def test_times_and_parents_that_make_no_sense_are_valid_too() -> None:
    """Clocks jump, and a node's parent may be of another version."""
    odd = span("a", "b", "python", "c", seconds=-3.0, parent="gone", needs=("gone",))
    found = exported(record(odd, seconds=-1.0))
    assert found["b"].parent_span_id == found["invoke_agent shop"].span_id
    assert not found["b"].links


def test_export_is_the_same_twice() -> None:
    one = record(span("a", "b", "python", "c"))
    assert export([one]) == export([replace(one)])
