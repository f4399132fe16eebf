"""Units, windows and tags: what the name finder does around the encoder."""

from __future__ import annotations

import math
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from motet.models.encoder.wordpiece import Tokenizer
from motet.models.experts.ner.chain import Chain
from motet.models.experts.ner.tags import (
    COUNT,
    IMPOSSIBLE,
    LABELS,
    OUTSIDE,
    begin,
    follows,
    names,
)
from motet.models.experts.ner.units import FORMS, SHAPES, Units, form, units
from motet.models.experts.ner.windows import MARGIN, PIECES, windows

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,'@é"
TOKENIZER = Tokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS, *(f"##{c}" for c in LETTERS)])
TAGS = range(COUNT)
LINKS = np.array(
    [[0.0 if follows(tag, before) else IMPOSSIBLE for tag in TAGS] for before in TAGS], np.float32
)
FIRST = np.array([0.0 if follows(tag, None) else IMPOSSIBLE for tag in TAGS], np.float32)
CHAIN = Chain(LINKS, FIRST)
WORDS = st.lists(st.text("abXYé.,'@4 \n", max_size=70), max_size=30).map(" ".join)


def total(scores: np.ndarray, tags: tuple[int, ...]) -> float:
    links = sum(float(LINKS[a, b]) for a, b in pairwise(tags))
    return float(FIRST[tags[0]]) + links + sum(float(scores[i, t]) for i, t in enumerate(tags))


def split(text: str) -> Units:
    return units(TOKENIZER, text)


def test_units_are_words_and_single_signs() -> None:
    text = "O'Brien, ab4@x.\nZoe"
    found = split(text)
    spelled = [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)]
    assert spelled == ["O", "'", "Brien", ",", "ab4", "@", "x", ".", "Zoe"]
    forms = [FORMS[(shape - 1) // 4] for shape in found.shapes]
    assert forms == ["I", "quote", "Capital", ",", "d1g1ts", "sign", "lower", ".", "Capital"]
    glued = [(shape - 1) // 2 % 2 for shape in found.shapes]
    assert glued == [0, 1, 1, 1, 0, 1, 1, 1, 0]
    opens = [(shape - 1) % 2 for shape in found.shapes]
    assert opens == [1, 0, 0, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("ab ab\nab", [2]),
        ("ab ab\r\n\r\nab\rab", [2, 3]),
        ("ab " * 20 + "\nab", []),
        ("ab " * 20 + "\n\nab", [20]),
        ("\nab", [0]),
    ],
)
def test_short_lines_stand_by_themselves(text: str, lines: list[int]) -> None:
    assert split(text).lines == lines


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("table", "lower"),
        ("Table", "Capital"),
        ("TABLE", "UPPER"),
        ("A", "I"),
        ("iPhone", "miXed"),
        ("2024", "digits"),
        ("B2B", "d1g1ts"),
        ("東京", "other letters"),
        ("’", "quote"),
        ("–", "sign"),
    ],
)
def test_form_says_what_lower_case_hides(word: str, expected: str) -> None:
    assert form(word) == expected


@settings(max_examples=50, deadline=None)
@given(text=WORDS)
def test_every_piece_is_in_a_unit_and_every_unit_decided_once(text: str) -> None:
    found = split(text)
    assert [found.owner[piece] for piece in found.first] == list(range(len(found.first)))
    assert all(0 < shape < SHAPES for shape in found.shapes)
    decided = []
    for window in windows(found):
        assert 0 < window.high - window.low <= PIECES
        for unit in range(window.begin, window.end):
            assert window.low <= found.first[unit] < window.high
            decided.append(unit)
    assert decided == list(range(len(found.first)))


def test_windows_show_what_stands_around() -> None:
    found = split("a " * 500)
    read = list(windows(found))
    for window in read[1:]:
        assert found.first[window.begin] - window.low == MARGIN
    for window in read[:-1]:
        assert window.high - found.first[window.end - 1] > MARGIN - 1


def test_unit_longer_than_a_window_is_decided() -> None:
    found = Units(
        list(range(400)), [0] + [1] * 398 + [2], [0, 1, 399], [0, 3, 9], [1, 8, 10], [], []
    )
    assert [(w.begin, w.end) for w in windows(found)][-1][1] == 3


@settings(max_examples=40, deadline=None)
@given(scores=arrays(np.float32, (3, COUNT), elements=st.integers(-9, 9).map(float)))
def test_best_tags_beat_every_other_sequence(scores: np.ndarray) -> None:
    found = tuple(CHAIN.best(scores))
    assert total(scores, found) == max(total(scores, each) for each in product(TAGS, repeat=3))
    assert all(follows(tag, before) for before, tag in zip((None, *found), found, strict=False))


def test_names_are_runs_of_their_label() -> None:
    person, place = begin("person"), begin("place")
    tags = [OUTSIDE, person, person + 1, person, place, place + 1, OUTSIDE]
    assert list(names(tags)) == [(1, 3, "person"), (3, 4, "person"), (4, 6, "place")]
    assert list(names([])) == []
    assert [label for *_, label in names([begin(label) for label in LABELS])] == list(LABELS)


@settings(max_examples=30, deadline=None)
@given(
    scores=arrays(np.float32, (3, COUNT), elements=st.integers(-3, 3).map(float)),
    begins=st.integers(0, 2),
    length=st.integers(1, 3),
)
def test_odds_of_a_name_are_those_of_all_sequences_with_it(
    scores: np.ndarray, begins: int, length: int
) -> None:
    end = min(3, begins + length)
    tags = [OUTSIDE] * begins + [1] + [2] * (end - begins - 1) + [OUTSIDE] * (3 - end)
    every = {each: math.exp(total(scores, each)) for each in product(TAGS, repeat=3)}
    wanted = (begins, end, LABELS[0])
    chance = sum(chance for each, chance in every.items() if wanted in names(each))
    [odds] = CHAIN.odds(scores, tags, [(begins, end)])
    assert math.isclose(1 / (1 + math.exp(-odds)), chance / sum(every.values()), abs_tol=1e-6)
