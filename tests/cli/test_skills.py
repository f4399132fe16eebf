"""`motet ask --skill`: a declared skill from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

MOTET = Path(sys.executable).with_name("motet")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "ops.py").write_text(
        "def prices(question: str) -> list[dict[str, object]]:\n"
        "    return [{'item': question, 'price': 300}]\n"
    )
    (tmp_path / "motet.yaml").write_text(
        "system: shop\n"
        "skills: {prices: {about: Prices, output: [{item: string, price: number}]}}\n"
        "operators: [ops.py:prices]\n"
    )
    return tmp_path


def motet(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MOTET, *words], cwd=folder, capture_output=True, text=True)


def test_a_skill_prints_its_value_as_json(shop: Path) -> None:
    done = motet(shop, "ask", "table", "--skill", "prices")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [{"item": "table", "price": 300}]


def test_json_holds_the_value_as_text(shop: Path) -> None:
    done = motet(shop, "ask", "table", "--skill", "prices", "--json")
    assert json.loads(json.loads(done.stdout)["answer"]) == [{"item": "table", "price": 300}]


def test_an_unknown_skill_names_the_nearest(shop: Path) -> None:
    done = motet(shop, "explain", "table", "--skill", "price")
    assert done.returncode == 2
    assert done.stderr.strip() == "motet: shop: no such skill: 'price' (nearest: prices)"
