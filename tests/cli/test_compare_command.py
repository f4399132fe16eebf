"""`motet compare`: real systems, and models of the simulator, on the same questions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from chat_server import ChatServer
from motet_process import motet

SET = [
    {"question": "How much is a membership?", "answer": "38 euros", "domain": "prices"},
    {"question": "How long is the warranty?", "answer": ["two years", "2 years"]},
    {"question": "Who invented the moon?", "answer": None},
]
PRICED = """system: talk
knowledge: [./documents]
models:
  - {{use: openai/quoting, base_url: '{url}', as: quoting, price: {{input: 1, output: 2}}}}
  - {{use: openai/inventing, base_url: '{url}', as: inventing, price: {{input: 1, output: 2}}}}
"""


@pytest.fixture
def asking(shop: Path, chat_server: ChatServer) -> Path:
    """A shop with two models of the simulator and a test set."""
    (shop / "motet.yaml").write_text(PRICED.format(url=chat_server.base_url))
    return with_set(shop)


def with_set(folder: Path, rows: list[dict[str, object]] = SET) -> Path:
    (folder / "set.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_models_of_a_system_are_compared(asking):
    done = motet("compare", "set.jsonl", "-s", ".", "--score", "contains", "--json", at=asking)
    assert done.code == 0, done.err
    found = done.json
    assert (found["questions"], found["scorer"]) == (3, "contains")
    quoting, inventing = found["candidates"]
    assert (quoting["name"], inventing["name"]) == ("quoting", "inventing")
    assert quoting["quality"]["mean"] > inventing["quality"]["mean"]
    assert quoting["quality"]["low"] <= quoting["quality"]["mean"] <= quoting["quality"]["high"]
    assert quoting["cost_usd"] > 0
    assert quoting["input_tokens"] > 0
    assert quoting["p50_ms"] <= quoting["p95_ms"]
    assert "prices" in quoting["domains"]
    [difference] = found["differences"]
    assert (difference["first"], difference["second"]) == ("quoting", "inventing")
    assert difference["detectable"] > 0.3


def test_routing_and_planner_learn_from_it(asking):
    done = motet("compare", "set.jsonl", "quoting", "-s", ".", "--json", at=asking)
    saved = json.loads(Path(done.json["saved"]).read_text())
    assert {row["model"] for row in saved["evaluated"]} == {"openai/quoting"}
    assert {row["within"] for row in saved["evaluated"]} == {"talk"}
    assert sum(len(row["scores"]) for row in saved["evaluated"]) == 3
    listed = motet("models", "list", "--json", at=asking).json["models"]
    measured = {each["name"]: each["measured"] for each in listed}
    assert measured["quoting"]["scored"] >= 1
    assert measured["inventing"]["scored"] == 0


def test_nothing_is_kept_where_one_says_so(asking):
    done = motet("compare", "set.jsonl", "quoting", "-s", ".", "--no-save", "--json", at=asking)
    assert done.json["saved"] is None
    assert not (asking / ".motet" / "quality.json").exists()


def test_people_see_a_table_a_plot_and_verdicts(asking):
    done = motet("compare", "set.jsonl", "quoting", "inventing", "-s", ".", at=asking)
    assert done.code == 0
    assert re.search(r"^A quoting +\d\.\d{3}  \d\.\d{3}-\d\.\d{3}", done.out, re.MULTILINE)
    assert "●A quoting" in done.out
    assert "quoting - inventing" in done.out
    assert "would show four times in five" in done.out


def test_a_page_is_written(asking):
    done = motet("compare", "set.jsonl", "quoting", "-s", ".", "--html", "it.html", at=asking)
    assert done.code == 0
    assert "wrote it.html" in done.out
    assert "How much is a membership?" in (asking / "it.html").read_text()


def test_a_system_and_a_model_asked_alone_are_compared_too(asking):
    rows = [{**row, "context": "A membership costs 38 euros a month."} for row in SET]
    done = motet("compare", "set.jsonl", "inventing", ".", "--json", at=with_set(asking, rows))
    assert done.code == 0, done.err
    alone, system = done.json["candidates"]
    assert (alone["name"], system["name"]) == ("inventing", "talk")
    assert alone["input_tokens"] > 0


def test_a_scorer_of_ones_own_counts(asking):
    (asking / "mine.py").write_text("def half(answer, right):\n    return 0.5 if right else 1\n")
    words = ("compare", "set.jsonl", "quoting", "-s", ".", "--score", "mine.py:half", "--json")
    done = motet(*words, at=asking)
    assert done.code == 0, done.err
    assert done.json["candidates"][0]["quality"]["mean"] > 0


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def other(a, r): return 1", "it has no function 'half'"),
        ("def half(a, r): return 2", "a score lies from 0 to 1"),
        ("def half(a, r): return 1 / 0", "mine.py:1: ZeroDivisionError"),
        ("1 / 0", "mine.py:1: ZeroDivisionError"),
    ],
)
def test_a_scorer_that_fails_is_named(asking, code, said):
    (asking / "mine.py").write_text(code)
    words = ("compare", "set.jsonl", "quoting", "-s", ".", "--score", "mine.py:half")
    done = motet(*words, at=asking)
    assert done.code == 2
    assert said in done.err


def test_a_candidate_that_only_fails_is_outside_trouble(talking: Callable[..., Path]):
    folder = with_set(talking("failing", "quoting"))
    done = motet("compare", "set.jsonl", "failing", "quoting", "-s", ".", at=folder)
    assert done.code == 3
    assert "failing: 3 of 3 failed: the provider answered 500" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.jsonl", "quoting", "-s", "."], "no such file"),
        (["set.jsonl"], "nobody to compare"),
        (["set.jsonl", "nobody", "-s", "."], "no model 'nobody' in talk"),
        (["set.jsonl", "quoting", "quoting", "-s", "."], "named twice"),
        (["set.jsonl", "quoting", "-s", ".", "--score", "best"], "no scorer 'best'"),
        (["set.jsonl", "quoting", "-s", ".", "--html", "no/such/it.html"], "no such folder"),
    ],
)
def test_wrong_usage_is_named(asking, words, said):
    done = motet("compare", *words, at=asking)
    assert done.code == 2
    assert said in done.err


@pytest.mark.encoder
def test_the_reader_alone_reads_the_context(tmp_path):
    rows = [{**row, "context": "A membership costs 38 euros a month."} for row in SET[:1]]
    with_set(tmp_path, rows)
    done = motet("compare", "set.jsonl", "expert/reader", "--json", at=tmp_path)
    assert done.code == 0, done.err
    assert done.json["candidates"][0]["quality"]["mean"] == 1
    without = motet("compare", "set.jsonl", "expert/reader", at=with_set(tmp_path))
    assert without.code == 3
    assert "needs something to read" in without.err
