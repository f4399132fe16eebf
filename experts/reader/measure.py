"""Exact match and F1 of predicted spans, as SQuAD's evaluation defines them."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

ARTICLES = re.compile(r"\b(?:a|an|the)\b")
PUNCTUATION = str.maketrans("", "", string.punctuation)


def normal(text: str) -> str:
    """Lower the text and drop punctuation, articles and surplus space."""
    return " ".join(ARTICLES.sub(" ", text.lower().translate(PUNCTUATION)).split())


def exact(prediction: str, answers: Sequence[str]) -> float:
    """Return 1 when the prediction equals an answer after normalisation."""
    return float(any(normal(prediction) == normal(answer) for answer in answers))


def f1(prediction: str, answers: Sequence[str]) -> float:
    """Return the best word overlap (harmonic mean) of the prediction with an answer."""
    return max(_overlap(normal(prediction).split(), normal(answer).split()) for answer in answers)


def _overlap(mine: list[str], theirs: list[str]) -> float:
    common = sum((Counter(mine) & Counter(theirs)).values())
    return 2 * common / (len(mine) + len(theirs)) if common else 0.0


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return the probability that a positive scores above a negative (ties count half)."""
    merged = sorted([(s, 1) for s in positive] + [(s, 0) for s in negative])
    rank_sum, index = 0.0, 0
    while index < len(merged):
        stop = index
        while stop < len(merged) and merged[stop][0] == merged[index][0]:
            stop += 1
        rank = (index + 1 + stop) / 2
        rank_sum += rank * sum(label for _, label in merged[index:stop])
        index = stop
    count = len(positive)
    return (rank_sum - count * (count + 1) / 2) / (count * len(negative))
