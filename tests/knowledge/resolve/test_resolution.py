"""Resolution in a store: what is joined, what is asked, what people decide and take back."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resolve_samples import every_byte, groups, resolved, rows, say

from motet.core.errors import UsageError
from motet.knowledge.resolve.resolution import Resolution
from motet.knowledge.resolve.reviews import Reviews
from motet.knowledge.store import Store

ORGANISATIONS = [
    ("organisation", name)
    for name in (
        "Alpscharnier AG",
        "Alpscharnier",
        "Carpathia Oak SRL",
        "Carpatia Oak",
        "Nordlicht",
    )
]
SAID = {
    "a.txt": [ORGANISATIONS[0], ORGANISATIONS[4]],
    "b.txt": [ORGANISATIONS[1], ("person", "Jonas Pell")],
    "c.txt": [ORGANISATIONS[2], ("person", "Jonas Pell"), ("person", "Katrin Voss")],
    "d.txt": [ORGANISATIONS[3], ("person", "J. Pell"), ("place", "Nordlicht")],
    "e.txt": [("person", "Jonas Bell"), ("product", "KV-140"), ("product", "KV-141")],
}


def test_spellings_are_joined_and_unlike_things_are_not(any_store: Store) -> None:
    for source, names in SAID.items():
        say(any_store, source, names, related=True)
    assert Resolution(any_store).settle() == 12
    assert Resolution(any_store).settle() == 0
    found = groups(any_store)
    assert frozenset({"Alpscharnier AG", "Alpscharnier"}) in found
    assert not any({"KV-140", "KV-141"} <= each for each in found)
    assert not any({"Jonas Pell", "Katrin Voss"} <= each for each in found)


@settings(max_examples=8, deadline=None)
@given(st.permutations(sorted(SAID)), st.integers(0, 5), st.sampled_from([*SAID, None]))
def test_the_result_depends_on_no_order(order: list[str], when: int, again: str | None) -> None:
    """In one go or after each document, put again or taken out and back in: all the same."""
    found = []
    for steps, each in ((sorted(SAID), 9), (order, when)):
        with tempfile.TemporaryDirectory() as folder:
            store = Store(Path(folder) / "store.db", "test")
            for place, source in enumerate(steps):
                say(store, source, SAID[source], related=True)
                if place >= each:
                    Resolution(store).settle()
            if again is not None and each != 9:
                store.remove(again)
                Resolution(store).settle()
                say(store, again, SAID[again], related=True)
            Resolution(store).settle()
            found.append(resolved(store))
            store.close()
    assert found[0] == found[1]


def test_a_block_that_grows_too_large_is_not_compared_whenever_it_came(tmp_path: Path) -> None:
    names = [("organisation", f"Nordlicht {chr(97 + i)}{chr(97 + i * 7 % 26)}x") for i in range(40)]
    found = []
    for each in (False, True):
        store = Store(tmp_path / f"{each}.db", "test")
        for place, name in enumerate(reversed(names) if each else names):
            say(store, f"{name[1]}.txt", [name])
            if each and place % 8 == 0:
                Resolution(store).settle()
        Resolution(store).settle()
        found.append(resolved(store))
        store.remove(f"{names[0][1]}.txt")
        Resolution(store).settle()
        store.close()
    assert found[0] == found[1]


def test_what_people_undo_restores_every_byte(any_store: Store) -> None:
    for source, names in SAID.items():
        say(any_store, source, names, related=True)
    resolution = Resolution(any_store)
    resolution.settle()
    before = every_byte(any_store)
    resolution.merge("Katrin Voss", "Jonas Pell", "ana")
    assert every_byte(any_store) != before
    assert any({"Katrin Voss", "Jonas Pell"} <= each for each in groups(any_store))
    resolution.settle()
    resolution.unmerge("Katrin Voss", "Jonas Pell", "ana")
    assert every_byte(any_store) == before


def test_what_was_joined_by_score_is_taken_apart_for_good(any_store: Store) -> None:
    say(any_store, "a.txt", ORGANISATIONS[:2])
    resolution = Resolution(any_store)
    resolution.settle()
    assert groups(any_store)
    resolution.unmerge("Alpscharnier AG", "Alpscharnier", "ana")
    assert not groups(any_store)
    say(any_store, "b.txt", ORGANISATIONS[:2], claims={"city": "Dornbirn"})
    resolution.settle()
    assert not groups(any_store)
    assert Reviews(any_store).waiting() == []
    with pytest.raises(UsageError, match="not merged"):
        resolution.unmerge("Alpscharnier AG", "Alpscharnier", "ana")


def test_decisions_may_not_contradict(any_store: Store) -> None:
    people = [("person", name) for name in ("Ada", "Bert", "Cleo")]
    say(any_store, "a.txt", people)
    resolution = Resolution(any_store)
    resolution.settle()
    resolution.merge("Ada", "Bert", "ana")
    resolution.merge("Bert", "Cleo", "ana")
    with pytest.raises(UsageError, match="other decisions join them"):
        resolution.unmerge("Ada", "Cleo", "ana")
    resolution.unmerge("Bert", "Cleo", "ana")
    assert groups(any_store) == {frozenset({"Ada", "Bert"})}
    with pytest.raises(UsageError, match="nearest: Cleo"):
        resolution.merge("Cloe", "Ada", "ana")


def test_two_rows_of_one_name_stay_two_and_a_mention_is_neither(any_store: Store) -> None:
    rows(any_store, "staff.csv", "person", {"17": "Jonas Pell", "23": "Jonas Pell"})
    say(any_store, "a.txt", [("person", "Jonas Pell")])
    Resolution(any_store).settle()
    assert groups(any_store) == set()
    waiting = Reviews(any_store).waiting()
    assert len(waiting) == 3
    assert any("different rows" in str(each.reasons) for each in waiting)


def test_a_mention_is_the_one_row_of_its_name(any_store: Store) -> None:
    rows(any_store, "staff.csv", "person", {"17": "Jonas Pell", "23": "Katrin Voss"})
    say(any_store, "a.txt", [("person", "Jonas Pell")], related=True)
    Resolution(any_store).settle()
    assert groups(any_store) == {frozenset({"Jonas Pell 17", "Jonas Pell"})}
    any_store.remove("staff.csv")
    Resolution(any_store).settle()
    assert groups(any_store) == set()
