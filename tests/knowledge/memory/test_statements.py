"""What is understood of what people say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.knowledge.memory.statements import facts_in, is_question

ME = None
SAID = [
    ("My name is Ana.", [(ME, "name", "Ana")]),
    ("Hi, I'm a carpenter, please call me Joe", [(ME, "is", "a carpenter"), (ME, "name", "Joe")]),
    ("I really prefer the oak table!", [(ME, "prefers", "the oak table")]),
    ("Ana prefers the oak table", [("Ana", "prefers", "the oak table")]),
    ("Remember that Ana's phone number is 555 1234.", [("Ana", "phone number", "555 1234")]),
    ("I live in Paris and my favourite wood is ash.", [(ME, "lives in", "Paris"),
                                                      (ME, "favourite wood", "ash")]),
    ("I don't like pine, because it scratches", [(ME, "dislikes", "pine")]),
    ("The price of the oak table is 500 euros", [("the oak table", "price", "500 euros")]),
    ("I have a question about the warranty", []),
    ("How long is the warranty? Tell me about oak.", []),
    ("It is raining.", []),
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "facts"), SAID)
def test_facts_are_found_where_they_stand(
    text: str, facts: list[tuple[str | None, str, str]]
) -> None:
    found = facts_in(text)
    assert [(each.subject, each.property, each.value) for each in found] == facts
    assert all(each.value in text[each.start : each.end] for each in found)


def test_what_no_longer_holds_is_said_to_end() -> None:
    for text in ("I no longer like pine", "I don't like pine any more."):
        (fact,) = facts_in(text)
        assert (fact.property, fact.value, fact.ends) == ("likes", "pine", True)


def test_a_fact_knows_from_when_until_when_it_holds() -> None:
    (fact,) = facts_in("Bob works at Stoll from May 2021 until 2023-02.")
    assert fact.value == "Stoll"
    assert fact.valid_from == datetime(2021, 5, 1, tzinfo=UTC).timestamp()
    assert fact.valid_to == datetime(2023, 3, 1, tzinfo=UTC).timestamp()


def test_only_what_asks_throughout_is_a_question() -> None:
    assert is_question("Which table is it? Tell me.")
    assert not is_question("I prefer oak. Which table is it?")


@settings(max_examples=50)
@given(st.text(alphabet="ImyAna'sprefoktbl ,.?!the is\n", max_size=80))
def test_any_text_is_understood_the_same_way_twice(text: str) -> None:
    found = facts_in(text)
    assert found == facts_in(text)
    assert all(0 <= each.start < each.end <= len(text) and each.value for each in found)
