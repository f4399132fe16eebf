"""`docs/models.md` shows what the commands print: the same members of the same types."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer
from motet_process import motet

PAGE = Path(__file__).resolve().parents[2] / "docs" / "models.md"
LIST, TEST, COMPARE, QUALITY = (
    json.loads(block)
    for block in re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
)
DECLARED = """system: talk
knowledge: [./documents]
models:
  - {{use: openai/quoting, base_url: '{url}', as: quoting, price: {{input: 1, output: 2}}}}
  - {{use: openai/echo, base_url: '{url}', as: echo}}
"""


def check(got: Any, example: Any, where: str = "") -> None:
    """Check that two values have the same members and types; null and … stand for any."""
    if example == "…" or example is None or got is None:
        return
    numbers = (int, float)
    assert type(got) is type(example) or (type(got) in numbers and type(example) in numbers), where
    if isinstance(example, Mapping) and "sources" not in where:
        assert set(got) == set(example), where
        for name, value in example.items():
            check(got[name], value, f"{where}.{name}")
    if isinstance(example, list) and example:
        for place, each in enumerate(got):
            check(each, example[0], f"{where}[{place}]")


@pytest.fixture
def asking(shop: Path, chat_server: ChatServer) -> Path:
    (shop / "motet.yaml").write_text(DECLARED.format(url=chat_server.base_url))
    (shop / "set.jsonl").write_text('{"question": "How much is a membership?", "answer": "38"}\n')
    return shop


def test_models_are_as_documented(asking):
    check(motet("models", "list", "--json", at=asking).json, LIST)
    check(motet("models", "list", "--json", "--provider", "google", at=asking).json, LIST)
    shown = motet("models", "show", "google/gemini-2.5-pro", "--json", at=asking).json
    assert any(price["tiers"] for price in shown["prices"])
    check(shown, {"schema_version": 1, **LIST["models"][0]})
    check(motet("models", "test", "quoting", "--json", at=asking).json, TEST)


def test_comparisons_are_as_documented(asking):
    done = motet("compare", "set.jsonl", "quoting", "echo", "-s", ".", "--json", at=asking)
    assert done.code == 0, done.err
    check(done.json, COMPARE)
    check(json.loads(Path(done.json["saved"]).read_text()), QUALITY)
