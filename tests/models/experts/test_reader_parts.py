"""The reader's parts that need no weights of the base encoder."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from motet.models.encoder.wordpiece import Tokenizer
from motet.models.experts.differences import pack, unpack
from motet.models.experts.reader.answerable import probability
from motet.models.experts.reader.evidence import (
    EVIDENCE,
    LONGEST,
    Evidence,
    best_spans,
    whole_words,
)
from motet.models.experts.reader.windows import OVERLAP, QUESTION_TOKENS, TOKENS, windows

WORDS = "who makes the oak hinge of brass acme works costs ? . 7".split()
# Pieces weigh more the later they come; the first two thousand of the real one are no words.
RESERVED = [f"[unused{i}]" for i in range(2000)]
TOKENIZER = Tokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *RESERVED, *WORDS])


@given(st.integers(0, 900), st.integers(0, 80))
def test_windows_cover_every_token_once_or_more(count: int, asked: int) -> None:
    passage = " ".join(WORDS[i % len(WORDS)] for i in range(count))
    question = " ".join(["who"] * asked)
    read = list(windows(TOKENIZER, question, passage))
    covered = [start for window in read for start in window.starts]
    assert set(covered) == set(TOKENIZER.encode(passage).starts)
    for window in read:
        assert len(window.ids) <= TOKENS
        assert window.first == min(asked, QUESTION_TOKENS) + 2
        assert len(window.starts) == len(window.ids) - window.first - 1
        assert window.ids[0] == TOKENIZER.begin
        assert window.ids[-1] == window.ids[window.first - 1] == TOKENIZER.end
    for before, after in pairwise(read):
        assert before.ends[-OVERLAP] == after.ends[0]


@given(
    st.integers(1, 50).flatmap(
        lambda count: arrays.arrays(np.float32, (count, 2), elements=st.floats(-9, 9, width=16))
    ),
    st.integers(1, 9),
)
def test_best_spans_are_the_best_of_all_allowed(logits: np.ndarray, limit: int) -> None:
    count = len(logits)
    every = sorted(
        (
            float(logits[a, 0] + logits[b, 1])
            for a in range(count)
            for b in range(a, min(count, a + LONGEST))
        ),
        reverse=True,
    )
    firsts, lasts, sums = best_spans(logits, limit)
    assert sums.tolist() == pytest.approx(every[:limit])
    for first, last, total in zip(firsts, lasts, sums, strict=True):
        assert 0 <= last - first < LONGEST
        assert logits[first, 0] + logits[last, 1] == total


@given(arrays.arrays(np.int16, (6, 4), elements=st.integers(-7, 7)))
def test_packed_differences_come_back(difference: np.ndarray) -> None:
    packed = pack(difference)
    assert packed.nbytes == difference.size // 2
    assert (unpack(packed, difference.shape) == difference).all()


def test_large_differences_are_cut_off() -> None:
    assert unpack(pack(np.array([[-60, 8]])), (1, 2)).tolist() == [[-7, 7]]


@pytest.mark.parametrize(
    ("text", "part", "whole"),
    [
        ("oak hinges, brass", "hing", "hinges"),
        ("since 1995-96 only", "1995", "1995"),
        ("the Meißner works", "eißne", "Meißner"),
        ("hinge", "hinge", "hinge"),
        ("a (brass)", "brass", "brass"),
    ],
)
def test_spans_end_at_words(text: str, part: str, whole: str) -> None:
    start = text.index(part)
    begin, end = whole_words(text, start, start + len(part))
    assert text[begin:end] == whole


def evidence_of(question: str, passage: str, answer: str) -> dict[str, float]:
    """Evidence of `answer` in `passage` for a span head that likes just that."""
    [window] = windows(TOKENIZER, question, passage)
    logits = np.zeros((len(window.ids), 2), np.float32)
    start = passage.index(answer)
    logits[window.open + window.starts.index(start), 0] = 5
    logits[window.open + window.ends.index(start + len(answer)), 1] = 5
    found = Evidence(TOKENIZER, question).candidates(window, logits, passage)
    assert found.ranges[0] == (start, start + len(answer))
    return dict(zip(EVIDENCE, found.values[0].tolist(), strict=True))


def test_evidence_grows_with_what_the_passage_says_of_the_question() -> None:
    question = "who makes the Oak hinge 7 ?"
    told = evidence_of(question, "acme makes the oak hinge 7", "acme")
    silent = evidence_of(question, "acme works . costs", "acme")
    for name in ("sentence", "near", "wide", "covered", "named"):
        assert told[name] > silent[name]
    assert told["margin"] == silent["margin"] == 10
    assert told["inside"] == told["article"] == told["joiner"] == 0


def test_evidence_depends_on_where_the_question_s_words_stand() -> None:
    question = "who makes the hinge ?"
    near = evidence_of(question, "acme makes the hinge . works costs", "acme")
    far = evidence_of(question, "acme . " + "works costs " * 9 + "makes the hinge", "acme")
    assert near["sentence"] > far["sentence"] == 0
    assert near["near"] > far["near"] == 0
    assert near["wide"] == far["wide"] > 0
    assert near["covered"] == far["covered"]


def test_evidence_knows_spans_that_repeat_the_question() -> None:
    question = "who makes the hinge ?"
    repeated = evidence_of(question, "acme makes the hinge", "the hinge")
    assert repeated["inside"] > 0
    assert repeated["article"] == 1
    assert evidence_of(question, "hinge of brass", "of brass")["joiner"] == 1


def test_evidence_of_a_question_without_words_is_finite() -> None:
    values = evidence_of("", "acme works", "works").values()
    assert all(math.isfinite(value) for value in values)


def test_probability_is_the_product_of_two_logistic_functions() -> None:
    sure = [0.0, 0.0, 50.0]
    first = np.array([[2.0, -1.0, 0.5], sure], np.float32)
    assert probability([1.0, 2.5], first) == pytest.approx(0.5)
    assert probability([3.0, 2.5], first) > 0.9
    both = np.array([[2.0, -1.0, 0.5], [2.0, -1.0, 0.5]], np.float32)
    assert probability([1.0, 2.5], both) == pytest.approx(0.25)
