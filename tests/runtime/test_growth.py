"""Values that grow are kept against one another, and read back as they were."""

from __future__ import annotations

import json
import random

from hypothesis import given
from hypothesis import strategies as st

from motet.core.values import encode
from motet.runtime.growth import REMEMBERED, Growth
from motet.runtime.records import restored


def kept(values: list[list[str]], needs: list[list[int]]) -> dict[str, tuple[str | None, str]]:
    """Keep values, each against those it needs; return what is kept by node."""
    growth, found = Growth(), dict[str, tuple[str | None, str]]()
    for at, value in enumerate(values):
        before = [f"n{each}" for each in needs[at]]
        found[f"n{at}"] = growth.kept(f"n{at}", value, encode(value), before, [])
    return found


def test_a_conversation_is_kept_once() -> None:
    values = [["x" * 3000, *(f"turn {each}" for each in range(at))] for at in range(100)]
    found = kept(values, [[at - 1] if at else [] for at in range(100)])
    for at, value in enumerate(values):
        assert restored(f"n{at}", found) == encode(value)
    assert sum(len(text or "") + len(base) for text, base in found.values()) < 3 * 3000


def test_unrelated_values_are_kept_whole() -> None:
    values = [["a" * 2000], ["b" * 2000]]
    found = kept(values, [[], [0]])
    assert [base for _, base in found.values()] == ["", ""]
    equal = [["a" * 2000], ["a" * 2000]]
    assert kept(equal, [[], []])["n1"][1] == ""  # nothing leads from one on


def test_a_value_that_is_passed_on_is_kept_once() -> None:
    value = ["a" * 2000]
    found = kept([value, value], [[], []])
    assert found["n1"][0] == "" and restored("n1", found) == encode(value)


@given(st.integers(0, 10_000))
def test_any_chain_is_read_back(seed: int) -> None:
    dice = random.Random(seed)
    values: list[list[str]] = []
    needs: list[list[int]] = []
    for at in range(dice.randint(1, 25)):
        needs.append(dice.sample(range(at), min(at, dice.randint(0, 3))))
        base = list(values[dice.choice(needs[at])]) if needs[at] else ["start" * 100]
        for _ in range(dice.randint(0, 3)):
            place = dice.randint(0, len(base))
            base[place:place] = [dice.choice(["é", "b", "\ud800", '"', "c" * 500])]
        if dice.random() < 0.2:
            base = base[: len(base) // 2]
        values.append(base)
    found = kept(values, needs)
    for at, value in enumerate(values):
        text = restored(f"n{at}", found)
        assert text is not None
        assert json.loads(text) == value


def test_few_values_are_remembered() -> None:
    values = [[f"{at}" * 2000] for at in range(REMEMBERED + 1)]
    growth = Growth()
    for at, value in enumerate(values):
        growth.kept(f"n{at}", value, encode(value), [], [])
    again = [*values[0], "new"]
    assert growth.kept("last", again, encode(again), ["n0"], [])[1] == ""
