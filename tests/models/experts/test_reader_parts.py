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
from motet.models.experts.reader.answerable import probability
from motet.models.experts.reader.evidence import EVIDENCE, Evidence
from motet.models.experts.reader.reader import LONGEST, best_span, whole_words
from motet.models.experts.reader.weights import pack, unpack
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
    st.integers(3, 60).flatmap(
        lambda count: st.tuples(
            arrays.arrays(np.float32, (count, 2), elements=st.floats(-9, 9, width=16)),
            st.integers(1, count - 2),
        )
    )
)
def test_best_span_is_the_best_of_all_allowed(case: tuple[np.ndarray, int]) -> None:
    logits, first = case
    count = len(logits) - 1 - first
    every = [
        logits[first + a, 0] + logits[first + b, 1]
        for a in range(count)
        for b in range(a, min(count, a + LONGEST))
    ]
    start, end, margin = best_span(logits, first)
    assert 0 <= start <= end < count
    assert end - start < LONGEST
    assert margin == pytest.approx(float(max(every) - logits[0].sum()), abs=1e-4)


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


def test_evidence_grows_with_what_the_passage_says_of_the_question() -> None:
    weigh = Evidence(TOKENIZER, "who makes the Oak hinge 7 ?", np.ones(len(EVIDENCE) + 1))
    _, covered, near, named = weigh.values("acme works makes the oak hinge 7", 0, 4, 1.0)
    assert named == 1.0
    _, less, _, unnamed = weigh.values("acme works costs", 0, 4, 1.0)
    assert less < covered
    assert near == covered
    assert unnamed == 0.0
    far = "acme" + " costs" * 60 + " makes the oak hinge 7"
    assert weigh.values(far, 0, 4, 1.0)[2] < covered


def test_evidence_of_a_question_without_words_is_finite() -> None:
    weigh = Evidence(TOKENIZER, "", np.ones(len(EVIDENCE) + 1))
    assert math.isfinite(weigh.log_odds("acme", 0, 4, -1e9))


def test_probability_is_the_logistic_function() -> None:
    coefficients = np.array([2.0, -1.0, 0.5], np.float32)
    assert probability([1.0, 2.5], coefficients) == pytest.approx(0.5)
    assert probability([3.0, 2.5], coefficients) > 0.9
