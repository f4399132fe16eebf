"""What a journal holds of a deleted source is taken out, in a file and in a server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from motet.core.json import JSON, dumps
from motet.core.store.compaction import compact
from motet.core.store.sessions import Place
from motet.core.traces import REDACTED, Traces
from motet.runtime.journal import Journal
from motet.runtime.node import Kept
from motet.runtime.records import Record, Span, Usage
from motet.runtime.redaction import redact

SECRET = "Seventeen drops of walnut essence go into the zanzibar varnish."
VERSION = "ab" * 32


@pytest.fixture
def journal(place: Place) -> Iterator[Journal]:
    found = Journal(place)
    yield found
    found.close()


def add(journal: Journal, run: str, method: str, *values: JSON, **changes: JSON) -> None:
    """Record a run whose nodes gave some values."""
    record = Record(
        run, "t" * 32, "s" * 16, "shop", "answer", "Why?", {"plan": "p", "nodes": []}, "done",
        1000.0, 1.0, {"answer": "x", "model": "m", "citations": []}, None,
    )  # fmt: skip
    journal.post_run(replace(record, **changes))  # type: ignore[arg-type]
    for number, value in enumerate(values):
        span = Span(
            f"n{number}",
            "n" * 16,
            "answer",
            method,
            "c",
            "done",
            1001.0,
            1.0,
            Usage(),
            dumps(value),
            None,
        )
        journal.post_node(Kept(run, span))
    journal.wait()


def texts(journal: Journal, run: str) -> str:
    return dumps([each.value for each in journal.get(run).nodes]) + dumps(journal.get(run).value)


def test_what_used_or_quotes_a_source_is_redacted(journal: Journal) -> None:
    add(journal, "used", "answer.generate", {"text": "a paraphrase"}, "x" * 70_000)
    journal.post_use("used", "secret.txt", VERSION)
    add(journal, "quotes", "python", SECRET.upper())
    add(journal, "paused", "python", 1, status="paused", extra={"history": [SECRET]})
    add(journal, "other", "answer.generate", {"text": "The oak table is round."})
    add(journal, "given", "retrieve.search", [{"version": VERSION}, {"version": "cd"}])
    journal.post_use("given", "secret.txt", VERSION)
    found = redact(journal, [VERSION], Traces([SECRET], [VERSION], ["The oak table is round."]))
    assert found.runs == ["paused", "quotes", "used"]
    assert found.unfinished == []
    for run in found.runs:
        assert REDACTED in texts(journal, run) and "walnut" not in texts(journal, run).lower()
        assert journal.get(run).extra["redacted"] is True
    assert journal.get("paused").status == "failed"
    assert journal.get("paused").extra["history"] == [REDACTED]
    assert "oak table" in texts(journal, "other")
    assert journal.get("given").nodes[0].value == [{"version": "cd"}]
    assert journal.select("SELECT count(*) FROM blobs", ()) == [(0,)]
    assert journal.select("SELECT count(*) FROM uses", ()) == [(0,)]
    compact(journal.store)
    assert redact(journal, [VERSION], Traces([SECRET], [VERSION])).runs == []


def test_traces_are_found_whatever_the_case_and_the_breaks() -> None:
    traces = Traces([SECRET], kept=["The zanzibar varnish is sold at the shop in Rome."])
    assert traces.quoted_in('{"text":"drops of\\nWALNUT  essence go\\u0020into"}')
    assert not traces.quoted_in("walnut essence")
    assert not traces.quoted_in("How is the zanzibar varnish is sold at the shop?")
    assert traces.redacted({"a": [SECRET, 1, "fine"]}) == {"a": [REDACTED, 1, "fine"]}
    assert Traces(["PIN 4711 is mine"]).quoted_in("the pin: 4711 is mine!")
