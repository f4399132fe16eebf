"""Matching plain records: values, blocking, scores with reasons, clusters, learning."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.core.errors import UsageError
from motet.knowledge.resolve.blocking import Blocks, keys
from motet.knowledge.resolve.clusters import Links, clusters, components, ordered
from motet.knowledge.resolve.conflicts import KEYED, conflict
from motet.knowledge.resolve.learned import Learned
from motet.knowledge.resolve.matcher import Generic
from motet.knowledge.resolve.measuring import Measuring
from motet.knowledge.resolve.records import Record
from motet.knowledge.resolve.values import closeness, value_of


def record(uid: str, name: str, label: str = "organisation", **fields: str) -> Record:
    return Record(uid, label, {"name": name, **fields})


@pytest.mark.parametrize(
    ("one", "two", "near"),
    [
        ("$ 1.29", "1.29", 1.0),
        ("1,299.00", "1299", 1.0),
        ("18-may-15", "may 18 , 2015", 1.0),
        ("2015-05-18", "may 18, 2015", 1.0),
        ("3:34", "214", 0.0),
        ("3:34", "3:35", 1.0),
        ("8.10 %", "8.1", 1.0),
        ("10 mm", "10 kg", 0.0),
        ("90", "100", 0.9),
    ],
)
def test_values_are_compared_as_what_they_are(one: str, two: str, near: float) -> None:
    left, right = value_of(one), value_of(two)
    assert left is not None
    assert right is not None
    assert closeness(left, right) == pytest.approx(near)


@pytest.mark.parametrize("text", ["", "oak", "12 oak tables", "40-02-99 x", "9" * 60])
def test_other_texts_are_no_values(text: str) -> None:
    assert value_of(text) is None


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("International Business Machines", "IBM"),
        ("Jonas Pell", "J. Pell"),
        ("Alpscharnier AG", "Alpscharnir GmbH"),
        ("Nordlicht Beschläge", "nordlicht beschlaege"),
        ("Hinge HG-110", "HG110 soft close"),
    ],
)
def test_spellings_meet_in_a_block(one: str, two: str) -> None:
    assert keys(record("a", one)) & keys(record("b", two))


@pytest.mark.parametrize(
    ("left", "right", "why"),
    [
        (record("a", "Jonas Pell", "person"), record("b", "Katrin Pell", "person"), "people"),
        (record("a", "iPhone 12", "part"), record("b", "iPhone 13", "part"), "numbers"),
        (record("a", "Paris", "person"), record("b", "Paris", "place"), "a person"),
        (record("a", "Ada", email="a@x.org"), record("b", "Ada", email="b@x.org"), "email"),
        (
            Record("a", "part", {"name": "Leg", KEYED: "parts.csv parts id=1"}),
            Record("b", "part", {"name": "Leg", KEYED: "parts.csv parts id=2"}),
            "different rows",
        ),
    ],
)
def test_what_keeps_two_apart_is_said(left: Record, right: Record, why: str) -> None:
    assert why in (conflict(left, right) or "")
    assert conflict(left, left) is None


def test_a_score_has_reasons_and_no_direction() -> None:
    left = record("a", "Alpscharnier AG", city="Dornbirn", phone="+43 5572 1")
    right = record("b", "Alpscharnier", city="Dornbirn", phone="+43 55721")
    other = record("c", "Nordlicht GmbH", city="Bremen")
    matcher = Generic()
    scored = matcher.score(left, right)
    assert scored == matcher.score(right, left)
    assert scored.probability > 0.9 > 0.3 > matcher.score(left, other).probability
    assert "equal (Dornbirn)" in " ".join(each.text for each in scored.reasons)
    assert [abs(each.effect) for each in scored.reasons] == sorted(
        (abs(each.effect) for each in scored.reasons), reverse=True
    )


def test_adding_a_record_finds_what_all_at_once_finds() -> None:
    records = [record(f"{i:02}", f"{name} {i % 3}") for i, name in enumerate("abcdefgh" * 3)]
    whole, step = Blocks(), Blocks()
    for each in records:
        whole.add(each)
    for each in reversed(records):
        step.add(each)
    step.remove("00")
    step.add(records[0])
    assert list(whole.pairs()) == list(step.pairs())


def test_a_chain_is_not_one_thing() -> None:
    """Each is like the next, and the first is nothing like the last."""
    uids = [f"{i}" for i in range(6)]
    scores = {ordered(a, b): 0.95 if int(b) - int(a) == 1 else 0.05 for a, b in _pairs(uids)}
    found = clusters(uids, Links(scores), lambda a, b: 0.05)
    assert max(map(len, found)) == 2


def test_who_could_be_either_of_two_is_neither() -> None:
    scores = {("a", "x"): 0.97, ("b", "x"): 0.98, ("a", "b"): 0.0}
    assert len(clusters("abx", Links(scores), lambda a, b: 0.0)) == 3
    sure = {**scores, ("a", "x"): 0.9999}
    assert frozenset("ax") in clusters("abx", Links(sure), lambda a, b: 0.0)


def _pairs(uids: list[str]) -> list[tuple[str, str]]:
    return list(combinations(uids, 2))


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 14), st.randoms(use_true_random=False))
def test_groups_depend_on_no_order_and_respect_decisions(count: int, chance: random.Random) -> None:
    uids = [f"{i:02}" for i in range(count)]
    pairs = [pair for pair in _pairs(uids) if chance.random() < 0.5]
    scores = {pair: chance.choice([0.0, 0.2, 0.91, 0.99]) for pair in pairs}
    different = [pair for pair in pairs if chance.random() < 0.05]
    same = [pair for pair in pairs if pair not in different and chance.random() < 0.02]
    joined = {pair for group in components(Links({}, same), uids) for pair in _pairs([*group])}
    different = [pair for pair in different if pair not in joined and pair[::-1] not in joined]

    def grouped(order: list[str], links: Links) -> list[frozenset[str]]:
        parts = components(links, order)
        return [g for part in parts for g in clusters([*part], links, lambda a, b: 0.3)]

    found = grouped(uids, Links(scores, same, different))
    shuffled = [*uids]
    chance.shuffle(shuffled)
    entries = [*scores.items()]
    chance.shuffle(entries)
    assert found == grouped(shuffled, Links(dict(entries), same[::-1], different[::-1]))
    assert sorted(uid for group in found for uid in group) == uids
    assert not any({*pair} <= group for pair in different for group in found)
    assert all(any({*pair} <= group for group in found) for pair in same)


def test_labels_teach() -> None:
    """In this shop, the colour makes another thing, and the word `new` does not."""
    colours = ("red", "blue", "green", "black")
    left = [record(f"a{i}", f"{c} chair {m}") for i, (c, m) in enumerate(_models(colours))]
    right = [record(f"b{i}", f"new chair {m} {c}") for i, (c, m) in enumerate(_models(colours))]
    pairs = [(a, b) for a in left for b in right if a.fields["name"][-2:] in b.fields["name"]]
    same = [a.uid[1:] == b.uid[1:] for a, b in pairs]
    matcher = Learned(Measuring(left, right), pairs, same, trees=12)
    assert ((matcher.probabilities(pairs) >= matcher.threshold) == same).all()
    assert matcher.score(left[0], right[0]).reasons
    with pytest.raises(UsageError, match="too few"):
        Learned(Measuring(left, right), pairs[:4], same[:4])


def _models(colours: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(colour, f"x{number}") for number in range(1, 5) for colour in colours]
