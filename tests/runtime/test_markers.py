"""Markers in a model's text: citations that hold, the same however the text was cut."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runtime_samples import passage, row

from motet.runtime.methods.markers import UNIT, Marking, units

OAK = passage("The oak table costs 480 euro. It is delivered by Nordlicht.", 100)
PINE = passage('The pine shelf is soft. Its label says "handle with care" in red.', source="b.md")
HINGE = row("hinge,Nordlicht,5", "part: hinge; supplier: Nordlicht; price: 5", (6, 11, 0, 5))
UNITS = units([OAK, PINE, HINGE])


def marked(text: str, question: str = "What is it?", policy: str = "optional") -> Marking:
    marking = Marking(UNITS, question, policy=policy)
    shown = marking.feed(text) + marking.finish()
    assert policy == "required" or shown == marking.marked
    return marking


def test_passages_become_numbered_units() -> None:
    assert [unit.shown() for unit in UNITS] == [OAK.text, PINE.text, HINGE.body]
    long = units([passage("Oak is hard and heavy. " * 40, 7)])
    assert len(long) > 2
    for unit in long:
        assert unit.end - unit.start <= UNIT
        assert unit.passage.excerpt(unit.start, unit.end).startswith("Oak")
    assert units([]) == []


@pytest.mark.parametrize(
    ("said", "shown", "text", "sources"),
    [
        ("The table costs 480 euro [1].", "The table costs 480 euro [1].",
         "The table costs 480 euro.", ["a.md"]),
        ("Nordlicht delivers it.[3]", "Nordlicht delivers it.[1]",
         "Nordlicht delivers it.", ["parts.csv"]),
        ("Pine is soft [2] and the oak table 480 euro [1].",
         "Pine is soft [1] and the oak table 480 euro [2].",
         "Pine is soft and the oak table 480 euro.", ["b.md", "a.md"]),
        ("By Nordlicht [1][3]. Again Nordlicht [1, 3].", "By Nordlicht [1][2]. Again Nordlicht"
         " [1][2].", "By Nordlicht. Again Nordlicht.", ["a.md", "parts.csv"]),
        ("The label says “handle with care” [ 2 ].", "The label says “handle with care” [1].",
         "The label says “handle with care”.", ["b.md"]),
        ("1. The table costs 480 euro [1].\n2. The shelf is soft [2].",
         "1. The table costs 480 euro [1].\n2. The shelf is soft [2].",
         "1. The table costs 480 euro.\n2. The shelf is soft.", ["a.md", "b.md"]),
        ("The oak table costs ４８０ euro [1].", "The oak table costs ４８０ euro [1].",
         "The oak table costs ４８０ euro.", ["a.md"]),
    ],
)  # fmt: skip
def test_markers_that_hold(said: str, shown: str, text: str, sources: list[str]) -> None:
    marking = marked(said)
    assert (marking.marked, marking.text) == (shown, text)
    assert [each.source for each in marking.citations] == sources
    assert [each.id for each in marking.citations] == list(range(1, len(sources) + 1))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("The table costs 490 euro [1].", "The table costs 490 euro."),
        ("The table costs 4800 euro [1].", "The table costs 4800 euro."),
        ('It says "every hinge sings" [1].', 'It says "every hinge sings".'),
        ("Es sagt „ganz anders“ [2] hier.", "Es sagt „ganz anders“ hier."),
        ("The table costs 480 euro [9].", "The table costs 480 euro."),
        ("The table costs 480 euro [0][99999][1234567].", "The table costs 480 euro."),
        ("The table costs 480 euro [2].", "The table costs 480 euro."),
        ("Elephants love yellow submarines [1].", "Elephants love yellow submarines."),
        ("[1] [2]", ""),
        ("[1]\n\nHello.", "Hello."),
        ("Sold in 1971 [1], [1].", "Sold in 1971,."),
    ],
)
def test_markers_that_do_not_hold_go(said: str, shown: str) -> None:
    marking = marked(said)
    assert marking.marked == marking.text == shown
    assert marking.citations == []


def test_a_statement_is_judged_alone() -> None:
    marking = marked("The oak table costs 480 euro [1] and the pine shelf is soft [2].")
    assert [each.source for each in marking.citations] == ["a.md", "b.md"]
    both = marked("The shelf is made of diamonds. The oak table costs 480 euro [1].")
    assert [each.source for each in both.citations] == ["a.md"]
    after = marked("The shelf costs 900 euro [1]; [1] [1].")
    assert after.citations == []


def test_numbers_of_the_question_may_be_repeated() -> None:
    said = "With 2 hinges the oak table still costs 480 euro [1]."
    assert marked(said).citations == []
    assert len(marked(said, "What does it cost with 2 hinges?").citations) == 1


def test_a_citation_is_the_units_range() -> None:
    (cited,) = marked("It costs 480 euro [1].").citations
    assert (cited.start, cited.end, cited.text) == (100, 100 + len(OAK.text), OAK.text)
    (cited,) = marked("The hinge has price 5 [3].").citations
    assert (cited.start, cited.end, cited.text) == (0, 17, "hinge,Nordlicht,5")


@pytest.mark.parametrize("text", ["See [a], [ ], [x] and [1-2].", "a [link](http://x) [", "[12"])
def test_other_brackets_stay(text: str) -> None:
    assert marked(text).marked == text


def test_without_units_brackets_are_no_markers() -> None:
    marking = Marking([], "Write code", policy="optional")
    said = "Use `x[0]` or [1, 2, 3]."
    assert marking.feed(said) + marking.finish() == said == marking.marked


def test_policy_none_takes_every_marker_out() -> None:
    marking = marked("The table costs 480 euro [1].", policy="none")
    assert marking.marked == "The table costs 480 euro."
    assert marking.citations == []


def test_required_shows_nothing_before_the_first_citation() -> None:
    marking = Marking(UNITS, "What is it?", policy="required")
    assert marking.feed("Well. The oak table ") == ""
    assert marking.feed("costs 490 euro [1]. It costs 480 euro [") == ""
    shown = marking.feed("1] in all")
    assert shown == "Well. The oak table costs 490 euro. It costs 480 euro [1] in all"
    assert marking.feed(". More") + marking.finish() == ". More"
    never = Marking(UNITS, "What is it?", policy="required")
    assert never.feed("No source for this [1].") + never.finish() == ""


PIECES = st.sampled_from(
    ["The oak table costs 480 euro", "The pine shelf is soft", "Nordlicht", " ", "  ", "\n", "\n\n",
     ".", ",", "[1]", "[2]", "[3]", "[1, 2]", "[1,2,3,1,2,3,1,2,3,1,2,3]", "[ 3 ]", "[9]", "[",
     "]", "[1", "[[2]]", '"', "490", "a[0]", "柜门", "。", "[" + "1," * 30 + "1]", "\t", "[;]"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14), st.lists(st.integers(0, 400)), st.sampled_from(
    ["optional", "required", "none"]
))  # fmt: skip
def test_streamed_or_whole_it_is_the_same(
    pieces: list[str], places: list[int], policy: str
) -> None:
    said = "".join(pieces)
    whole = Marking(UNITS, "What?", policy=policy)
    at_once = whole.feed(said) + whole.finish()
    streamed = Marking(UNITS, "What?", policy=policy)
    cuts = sorted({0, *(place for place in places if place < len(said)), len(said)})
    shown = "".join(streamed.feed(said[a:b]) for a, b in pairwise(cuts)) + streamed.finish()
    assert (shown, streamed.text, streamed.marked) == (at_once, whole.text, whole.marked)
    assert streamed.citations == whole.citations
    assert shown == (streamed.marked if policy != "required" or streamed.citations else "")
    assert streamed.marked == streamed.marked.strip()
    used = [int(number) for number in re.findall(r"\[(\d+)\]", streamed.marked)]
    assert {each.id for each in streamed.citations} <= set(used)
    for each in streamed.citations:
        unit = next(u for u in UNITS if u.passage.source == each.source)
        assert each.text == unit.passage.excerpt(each.start, each.end)
