"""Units, windows and tags: what the name finder does around the encoder."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from motet.models.encoder.wordpiece import Tokenizer
from motet.models.experts.ner.tags import (
    COUNT,
    IMPOSSIBLE,
    LABELS,
    OUTSIDE,
    begin,
    best_tags,
    follows,
    names,
    sureness,
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
WORDS = st.lists(st.text("abXYé.,'@4 \n", max_size=70), max_size=30).map(" ".join)


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
    found = Units(list(range(400)), [0] + [1] * 398 + [2], [0, 1, 399], [0, 3, 9], [1, 8, 10], [])
    assert [(w.begin, w.end) for w in windows(found)][-1][1] == 3


@settings(max_examples=40, deadline=None)
@given(scores=arrays(np.float32, (3, COUNT), elements=st.integers(-9, 9).map(float)))
def test_best_tags_beat_every_other_sequence(scores: np.ndarray) -> None:
    def total(tags: tuple[int, ...]) -> float:
        links = sum(float(LINKS[a, b]) for a, b in pairwise(tags))
        return float(FIRST[tags[0]]) + links + sum(float(scores[i, t]) for i, t in enumerate(tags))

    found = tuple(best_tags(scores, LINKS, FIRST))
    assert total(found) == max(map(total, product(TAGS, repeat=3)))
    assert all(follows(tag, before) for before, tag in zip((None, *found), found, strict=False))


def test_names_are_runs_of_their_label() -> None:
    person, place = begin("person"), begin("place")
    tags = [OUTSIDE, person, person + 1, person, place, place + 1, OUTSIDE]
    assert list(names(tags)) == [(1, 3, "person"), (3, 4, "person"), (4, 6, "place")]
    assert list(names([])) == []
    assert [label for *_, label in names([begin(label) for label in LABELS])] == list(LABELS)


def test_sureness_is_that_of_the_least_sure_unit() -> None:
    plain = np.array([1.0, 0.0], np.float32)
    clear, doubtful = np.zeros((1, COUNT), np.float32), np.zeros((1, COUNT), np.float32)
    clear[0, 1], doubtful[0, 2] = 9.0, 3.0
    both = sureness(np.concatenate([clear, doubtful]), [1, 2], plain)
    assert both == sureness(doubtful, [2], plain) < sureness(clear, [1], plain) < 1.0
