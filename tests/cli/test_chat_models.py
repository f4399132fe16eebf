"""A question through the whole door to a chat model, which is a server of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from motet_process import motet

QUESTION = "How much is a membership?"


def test_a_chat_model_answers_from_the_sources(talking: Callable[..., Path]) -> None:
    shop = talking("quoting", "expert/reader")
    answer = motet("ask", QUESTION, "--json", "--model", "quoting", at=shop).json
    assert answer["model"] == "quoting"
    assert "38 euros" in answer["answer"]
    assert "[" not in answer["answer"]
    [citation] = answer["citations"]
    text = motet("knowledge", "text", citation["source"], at=shop).out
    assert text[citation["start"] : citation["end"]] == citation["text"]
    assert answer["usage"]["input_tokens"] > 0 < answer["usage"]["output_tokens"]


def test_a_chat_model_may_find_nothing(talking: Callable[..., Path]) -> None:
    answer = motet("ask", "Who painted the Mona Lisa?", "--json", at=talking("quoting")).json
    assert (answer["abstained"], answer["citations"]) == (True, [])


def test_inventions_are_never_cited(talking: Callable[..., Path]) -> None:
    free = motet("ask", QUESTION, "--json", at=talking("inventing")).json
    assert free["citations"] == []
    strict = talking("inventing", rest="guard: {cite: required}")
    refused = motet("ask", QUESTION, "--json", at=strict).json
    assert (refused["abstained"], refused["citations"]) == (True, [])
    assert "moon" not in motet("ask", QUESTION, at=strict).out


@pytest.mark.parametrize(
    ("model", "named"),
    [
        ("failing", "the provider answered 500"),
        ("hanging", "no answer within 2 s"),
        ("tool-calling", "asked for a tool though none was offered"),
    ],
)
def test_providers_that_fail(talking: Callable[..., Path], model: str, named: str) -> None:
    shop = talking(model)
    done = motet("ask", QUESTION, "--json", at=shop)
    assert done.code == 3, done.err
    [line] = done.err.splitlines()
    assert line.startswith(f"motet: {model}: ")
    assert named in line
    assert done.json["error"]["code"] == "provider"
    [run] = motet("trace", "list", "--json", at=shop).json["runs"]
    assert (run["status"], run["error"] in line) == ("failed", True)


def test_the_objective_decides_and_explain_says_why(talking: Callable[..., Path]) -> None:
    best = motet("explain", QUESTION, "--json", at=talking("quoting", "expert/reader"))
    assert answering(best.json)["choice"] == "quoting"
    [loser, both] = answering(best.json)["rejected"]
    assert (loser["choice"], both["choice"]) == ("expert/reader", "expert/reader > quoting")
    assert "quality" in loser["reason"]
    swift = talking("quoting", "expert/reader", rest="objective: {latency: 2s}")
    quick = motet("explain", QUESTION, "--json", at=swift)
    assert answering(quick.json)["choice"] == "expert/reader"
    [loser, both] = answering(quick.json)["rejected"]
    assert (loser["choice"], both["choice"]) == ("quoting", "expert/reader > quoting")
    assert "2 s" in loser["reason"] or "2.00 s" in loser["reason"]
    told = motet("explain", QUESTION, at=swift).out
    assert f"rejected  quoting: {loser['reason']}" in told


def test_explain_analyze_shows_what_happened(talking: Callable[..., Path]) -> None:
    shop = talking("quoting")
    done = motet("explain", QUESTION, "--analyze", "--json", at=shop).json
    assert done["answer"]["run"] == done["run"]
    assert all(node["actual"]["status"] == "done" for node in done["plan"]["nodes"])
    assert "actual" in motet("explain", QUESTION, "--analyze", at=shop).out


def answering(explained: dict[str, dict[str, list[dict[str, object]]]]) -> dict[str, object]:
    """Return the plan's node that answers."""
    [node] = [each for each in explained["plan"]["nodes"] if each["operator"] == "answer"]
    return node
