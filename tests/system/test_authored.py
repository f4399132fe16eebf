"""Operators that a system's author wrote: the planner plans around them."""

from __future__ import annotations

from pathlib import Path

import pytest

import motet
from motet.core.errors import DeclarationError, RunError

OPERATORS = """
import motet

@motet.operator(effect="read")
async def shorten(text: str) -> str:
    return text.split(".")[0].strip() + "."

@motet.workflow
async def answer(question: str, passages: list) -> str:
    found = [p for p in passages if "oak" in p.body]
    if not found:
        return "NOT_IN_SOURCES"
    number = passages.index(found[0]) + 1
    return f"{await shorten(found[0].body)} [{number}] It is made of gold [{number}]."

@motet.workflow
async def prices(passages: list) -> list:
    return [{"item": "table", "price": 300}]

@motet.operator(effect="pure")
def wrong(question: str) -> list:
    return [{"item": question}]

@motet.workflow
def needy(question: str, weather: str) -> str:
    return weather
"""
DECLARATION = """
system: shop
knowledge: [./a.md]
skills:
  prices: {about: What things cost, output: [{item: string, price: number}]}
  wrong: {about: Never right, output: [{item: string, price: number}]}
operators: [ops.py:answer, ops.py:prices, ops.py:wrong]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "ops.py").write_text(OPERATORS)
    (tmp_path / "motet.yaml").write_text(DECLARATION)
    (tmp_path / "a.md").write_text("The oak table costs 300 euros. It is heavy.\n")
    return tmp_path


def test_an_operator_named_answer_answers_and_the_engine_cites(shop: Path) -> None:
    with motet.load(shop) as system:
        plan = system.plan("How much is the oak table?")
        found = system.ask("How much is the oak table?")
        spans = {span.node: span for span in system.journal.get(found.run).nodes}
    assert plan.node("answer").choice == "answer"
    assert found.model == "answer"
    # What the source does not bear out loses its marker.
    assert found.marked == "The oak table costs 300 euros. [1] It is made of gold."
    assert [each.source for each in found.citations] == ["a.md"]
    shortened = [name for name, span in spans.items() if span.operator == "shorten"]
    assert len(shortened) == 1 and shortened[0].startswith("answer/answer-")


def test_a_model_can_be_pinned_instead(shop: Path) -> None:
    with motet.load(shop) as system:
        system.ingest()
        plan = system.plan("How much is the oak table?", pins={"answer": "expert/reader"})
    assert plan.node("answer").choice == "expert/reader"


def test_a_skill_is_produced_by_the_operator_of_its_name(shop: Path) -> None:
    with motet.load(shop) as system:
        assert system.ask("all", skill="prices").value() == [{"item": "table", "price": 300}]


def test_a_value_of_another_type_is_refused(shop: Path) -> None:
    with (
        motet.load(shop) as system,
        pytest.raises(RunError, match=r"wrong: its value does not fit the skill's type: .*price"),
    ):
        system.ask("all", skill="wrong")


def test_a_parameter_that_no_run_can_fill_in_is_a_mistake(shop: Path) -> None:
    place = shop / "motet.yaml"
    text = DECLARATION.replace("ops.py:wrong]", "ops.py:needy]").replace("  wrong:", "  needy:")
    place.write_text(text)
    with (
        motet.load(shop) as system,
        pytest.raises(DeclarationError, match=r"'needy' takes 'weather', which no run can fill in"),
    ):
        system.plan("oak")
