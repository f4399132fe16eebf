"""Answerable or not: two logistic models over the best span and its passage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.core.protocols import Embedder, Span
    from motet.models.encoder.wordpiece import Tokenizer
    from motet.models.experts.reader.evidence import Evidence

FEATURES = ("score", "covered", "named", "similar", "nearest")
"""In the order of the coefficients:

the best span's log-odds; which part of the question's words, and of its names and numbers,
is in its passage; the cosine of question and that passage; and the largest cosine of the
question with that passage or with the first one.
"""

_SCORE_LIMIT = 30.0


def features(
    evidence: Evidence,
    tokenizer: Tokenizer,
    embedder: Embedder,
    question: str,
    passages: Sequence[str],
    spans: Sequence[Span],
) -> list[float]:
    """Return the values of `FEATURES` for the best of the spans, which must not be empty."""
    best = max(spans, key=lambda span: span.score)
    passage = passages[best.passage]
    asked, held, first = embedder.embed([question, passage, passages[0]])
    similar = float(asked @ held)
    return [
        max(-_SCORE_LIMIT, min(_SCORE_LIMIT, best.score)),
        evidence.covered(tokenizer, passage),
        evidence.named(passage),
        similar,
        max(similar, float(asked @ first)),
    ]


def probability(values: Sequence[float], coefficients: NDArray[np.float32]) -> float:
    """Return the product of two logistic functions of the features.

    Row 0 of `coefficients` tells whether the passages speak of what is asked at all, row 1
    whether they then settle it; the last column holds the constants.
    """
    chance = 1.0
    for row in coefficients:
        *weights, constant = (float(value) for value in row)
        total = sum(w * v for w, v in zip(weights, values, strict=True)) + constant
        chance /= 1.0 + math.exp(-total)
    return chance
