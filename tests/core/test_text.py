"""Sentences, words and what counts as the same text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.core.text import (
    content_terms,
    has_cjk,
    language,
    mostly_cjk,
    normalised,
    sentences,
    trim,
    words,
)

PROSE = st.text(st.sampled_from("abcA 1.!?…\"')。！\n\r\t-•\ufeff日本が가 é") | st.characters())


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Oak is hard. Pine is soft.", ["Oak is hard.", "Pine is soft."]),
        ("Dr. Kim asked: why? “Because.” So it was.",
         ["Dr. Kim asked: why?", "“Because.”", "So it was."]),
        ("It costs 3.50 euro. No. 5 is e.g. red.", ["It costs 3.50 euro.", "No. 5 is e.g. red."]),
        ("J. R. Smith came...  Then left!?", ["J. R. Smith came...", "Then left!?"]),
        ("木材很硬。松木软！真的？", ["木材很硬。", "松木软！", "真的？"]),
        ("Title\n\nFirst line\nsecond line", ["Title", "First line\nsecond line"]),
        ("Parts:\n- hinge\n- screw\n1. oak", ["Parts:", "- hinge", "- screw", "1. oak"]),
        ("One\r\n\r\nTwo", ["One", "Two"]),
        ("no end", ["no end"]),
        (" \n\ufeff \t", []),
        ("", []),
    ],
)  # fmt: skip
def test_sentences(text: str, parts: list[str]) -> None:
    assert split(text) == parts


@given(PROSE)
def test_sentences_lie_in_order_and_lose_nothing(text: str) -> None:
    ranges = sentences(text)
    end = 0
    for low, high in ranges:
        assert end <= low < high <= len(text)
        assert trim(text, low, high) == (low, high)
        end = high
    inside = {place for low, high in ranges for place in range(low, high)}
    lost = [char for place, char in enumerate(text) if place not in inside]
    assert all(char.isspace() or char == "\ufeff" for char in lost)


@pytest.mark.parametrize("run", [".", "!?", "\n", "\n ", " ", "a.", '."', "- ", "1.", "。"])
def test_long_runs_cost_little(run: str) -> None:
    began = time.process_time()
    sentences(run * 50_000 + "x")
    words(run * 50_000)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Café  CRÈME", "cafe creme"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("Straße", "STRASSE"),
        ("ＡＢＣ１２", "abc12"),
        ("ﬁn\n\tal ", "fin al"),
        ("ёлка", "Елка"),
        ("한국", "한국"),
    ],
)
def test_what_people_see_as_the_same(text: str, same: str) -> None:
    assert normalised(text) == normalised(same)


def test_voiced_kana_are_letters_of_their_own() -> None:
    assert normalised("ガラス") != normalised("カラス")
    assert normalised("ぱ") != normalised("は")


@given(st.text())
def test_normalising_is_done_once(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once
    assert once == once.strip()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Don't tear-off 3.5 kg!", ["don't", "tear-off", "3.5", "kg"]),
        ("柜门abc铰链", ["柜门", "abc", "铰链"]),
        ("a_b, AND (or) *not*", ["a", "b", "and", "or", "not"]),
        ("\0 \ud800 😀 --", []),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_terms_carry_meaning() -> None:
    assert content_terms("Who supplies the hinge, and the hinge's pin?") == (
        "supplies",
        "hinge",
        "hinge's",
        "pin",
    )
    assert content_terms("柜门铰链") == ("柜门", "门铰", "铰链")
    assert content_terms("who is it?") == ()


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("What is oak?", "en"),
        ("保修期多长？", "zh"),
        ("保証はどのくらいですか", "ja"),
        ("보증 기간은 얼마입니까?", "ko"),
        ("Model 柜 of the KX-200 series", "en"),
        ("", "en"),
    ],
)
def test_languages_by_script(text: str, guess: str) -> None:
    assert language(text) == guess
    assert mostly_cjk(text) == (guess != "en")
    assert has_cjk(text) or guess == "en"
