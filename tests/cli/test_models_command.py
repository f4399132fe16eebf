"""`motet models`: the catalogue, local servers, what runs measured, and real tiny requests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chat_scripts import Call, Reply
from chat_server import ChatServer
from motet_process import motet

KEYS = {"OPENAI_API_KEY": "a-key"}
DECLARED = """system: shop
models:
  - expert/reader
  - use: openai/quoting
    base_url: '{url}'
    as: quick
    price: {{input: 1, output: 2}}
    context: 4000
  - openai/gpt-5-mini
"""


@pytest.fixture
def shop(tmp_path: Path, chat_server: ChatServer) -> Path:
    (tmp_path / "motet.yaml").write_text(DECLARED.format(url=chat_server.base_url))
    return tmp_path


def listed(at: Path, *words: str, env: dict[str, str] | None = None) -> dict[str, Any]:
    done = motet("models", "list", "--json", *words, at=at, env=env)
    assert done.code == 0, done.err
    return {each["name"]: each for each in done.json["models"]}


def test_the_declared_models_are_listed_with_what_is_known(shop):
    models = listed(shop)
    assert list(models) == ["expert/reader", "quick", "openai/gpt-5-mini"]
    quick = models["quick"]
    assert (quick["use"], quick["declared"], quick["local"]) == ("openai/quoting", True, True)
    assert (quick["context"], quick["available"]) == (4000, True)
    assert quick["sources"] == {"context": "the declaration", "pricing": "the declaration"}
    assert [(each["unit"], each["usd"]) for each in quick["prices"]] == [
        ("input_tokens", 1.0),
        ("output_tokens", 2.0),
    ]
    mini = models["openai/gpt-5-mini"]
    assert (mini["available"], mini["why"]) == (False, "OPENAI_API_KEY is not set")
    assert mini["tools"] is True


def test_the_table_shows_unknown_as_unknown(shop):
    done = motet("models", "list", at=shop)
    header, *rows = done.out.splitlines()
    assert header.split()[:4] == ["MODEL", "TAKES", "CONTEXT", "TOOLS"]
    quick = next(row for row in rows if row.startswith("quick (openai/quoting)"))
    assert quick.split()[2:5] == ["?", "4,000", "?"]


def test_without_a_declaration_keys_decide(tmp_path):
    assert list(listed(tmp_path)) == ["expert/reader"]
    found = listed(tmp_path, env=KEYS)
    assert "openai/gpt-4o-mini" in found
    assert all(name.startswith(("expert/", "openai/")) for name in found)


def test_one_provider_needs_no_key(tmp_path):
    found = listed(tmp_path, "--provider", "anthropic")
    assert found
    assert {each["why"] for each in found.values()} == {"ANTHROPIC_API_KEY is not set"}


def test_all_holds_deprecated_ones_too(tmp_path):
    everything = listed(tmp_path, "--all")
    assert len(everything) > 1500
    assert any(each["deprecated"] for each in everything.values())
    found = listed(tmp_path, "--all", "--search", "Haiku")
    assert found
    assert all("haiku" in f"{name} {each['title']}".lower() for name, each in found.items())


def test_nothing_found_is_no_error(tmp_path):
    done = motet("models", "list", "--search", "no such thing", at=tmp_path)
    assert (done.code, "No such models" in done.out) == (0, True)


def test_show_says_where_each_fact_is_from(tmp_path):
    done = motet("models", "show", "google/gemini-2.5-pro", at=tmp_path)
    assert done.code == 0
    assert "2.5 beyond 200,000 input tokens" in done.out
    assert "genai-prices" in done.out
    shown = motet("models", "show", "google/gemini-2.5-pro", "--json", at=tmp_path).json
    assert shown["schema_version"] == 1
    assert shown["input"] == ["text", "image", "audio", "video", "document"]


def test_show_knows_times_and_aliases(shop):
    done = motet("models", "show", "deepseek/deepseek-v4-pro", at=shop)
    assert "daily from 01:00 to 04:00 UTC" in done.out
    quick = motet("models", "show", "quick", at=shop).out
    assert "openai/quoting" in quick
    assert "max output  unknown" in quick
    dated = motet("models", "show", "openai/gpt-5-mini-2025-08-07", at=shop)
    assert dated.code == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("openai/gpt5-mini", "did you mean openai/gpt-5-mini"),
        ("gpt-5-mini", "did you mean openai/gpt-5-mini"),
        ("ollama/nothing", "no ollama server offers it"),
        ("nobody/nothing", "models list --all"),
    ],
)
def test_an_unknown_model_is_wrong_usage(tmp_path, name, said):
    done = motet("models", "show", name, at=tmp_path)
    assert done.code == 2
    assert said in done.err


def test_a_model_is_asked_streamed_and_whole(shop, chat_server):
    chat_server.exchanges.clear()
    done = motet("models", "test", "quick", "--json", at=shop)
    assert done.code == 0, done.err
    assert done.json["ok"] is True
    streamed, whole = done.json["checks"]
    assert (streamed["check"], whole["check"]) == ("streamed", "whole")
    assert streamed["first_ms"] <= streamed["ms"]
    for each in done.json["checks"]:
        cost = (each["input_tokens"] * 1 + each["output_tokens"] * 2) / 1e6
        assert each["cost_usd"] == pytest.approx(cost)


def test_a_tool_call_is_tried(shop, chat_server):
    script = chat_server.add_script(
        lambda messages, tools: (
            Reply(calls=(Call("weather", '{"city": "Leeds"}'),)) if tools else "ready"
        )
    )
    words = DECLARED.format(url=chat_server.base_url).replace("quoting", script)
    (shop / "motet.yaml").write_text(words)
    done = motet("models", "test", "quick", "--tools", at=shop)
    assert done.code == 0, done.out
    assert 'called weather({"city": "Leeds"})' in done.out


def test_a_model_that_calls_no_tool_fails(shop):
    done = motet("models", "test", "quick", "--tools", "--json", at=shop)
    assert done.code == 3
    assert done.json["ok"] is False
    assert "it called no tool" in done.json["checks"][2]["error"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [("failing", "the provider answered 500"), ("garbage", "not"), ("hanging", "within 1 s")],
)
def test_a_failure_is_reported_and_exits_with_3(talking: Callable[..., Path], fault, said):
    done = motet("models", "test", fault, "--timeout", "1", at=talking(fault))
    assert done.code == 3
    assert said in done.out
    assert "FAILED" in done.out


def test_without_a_key_nothing_is_asked(tmp_path):
    done = motet("models", "test", "openai/gpt-5-mini", at=tmp_path)
    assert done.code == 3
    assert "OPENAI_API_KEY is not set" in done.out


@pytest.mark.encoder
def test_the_reader_reads(tmp_path):
    done = motet("models", "test", "expert/reader", at=tmp_path)
    assert done.code == 0
    assert "38 euros" in done.out


@pytest.mark.encoder
def test_what_runs_measured_is_shown(workshop: Path):
    assert motet("ask", "How much is a membership?", at=workshop).code == 0
    measured = listed(workshop)["expert/reader"]["measured"]
    assert measured["calls"] >= 1
    assert 0 < measured["p50_ms"] <= measured["p90_ms"]
    assert (measured["quality"], measured["scored"]) == (None, 0)
