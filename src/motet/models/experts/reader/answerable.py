"""Answerable or not: a logistic model over the best span and its passage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from motet.models.experts.reader.evidence import EVIDENCE, Evidence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.core.protocols import Embedder, Span

FEATURES = ("score", *EVIDENCE[1:], "similar")
"""The span's log-odds, the rest of its evidence, and the cosine of question and passage."""

_SCORE_LIMIT = 30.0


def features(
    weigh: Evidence,
    embedder: Embedder,
    question: str,
    passages: Sequence[str],
    spans: Sequence[Span],
) -> list[float]:
    """Return the values of `FEATURES` for the best of the spans, which must not be empty."""
    best = max(spans, key=lambda span: span.score)
    passage = passages[best.passage]
    _, *rest = weigh.values(passage, best.start, best.end, 0.0)
    asked, held = embedder.embed([question, passage])
    score = max(-_SCORE_LIMIT, min(_SCORE_LIMIT, best.score))
    return [score, *rest, float(asked @ held)]


def probability(values: Sequence[float], coefficients: NDArray[np.float32]) -> float:
    """Return the logistic function of the weighted features plus the last coefficient."""
    *weights, constant = (float(value) for value in coefficients)
    total = sum(w * v for w, v in zip(weights, values, strict=True)) + constant
    return 1.0 / (1.0 + math.exp(-total))
