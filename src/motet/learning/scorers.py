"""How right an answer is, from 0 to 1: exact match, token F1, containment, or a function."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

Scorer = Callable[[str, Sequence[str]], float]
"""Takes an answer and the texts that would be right."""

_ARTICLES = frozenset({"a", "an", "the"})
_IN_NUMBER = re.compile(r"(?<=\d)[.,](?=\d)")


def words(text: str) -> list[str]:
    """Return a text's words for comparing, as SQuAD's evaluation does.

    Lower case, without punctuation and English articles; unlike there, a point or comma
    within a number stays, so that 2.5 is not 25.
    """
    marked = _IN_NUMBER.sub("\0", unicodedata.normalize("NFKC", text).lower())
    kept = "".join(" " if unicodedata.category(char).startswith("P") else char for char in marked)
    return [word.replace("\0", ".") for word in kept.split() if word not in _ARTICLES]


def exact(answer: str, right: Sequence[str]) -> float:
    """Return 1 where the answer has the same words as a right one, in order."""
    said = words(answer)
    return float(any(said == words(each) for each in right))


def f1(answer: str, right: Sequence[str]) -> float:
    """Return the best harmonic mean of precision and recall of the words."""
    said = words(answer)
    return max((_f1(said, words(each)) for each in right), default=0.0)


def _f1(said: list[str], right: list[str]) -> float:
    if not said or not right:
        return float(said == right)
    common = sum((Counter(said) & Counter(right)).values())
    return 2 * common / (len(said) + len(right))


def contains(answer: str, right: Sequence[str]) -> float:
    """Return 1 where a right answer's words stand in the answer, one after the other."""
    said = f" {' '.join(words(answer))} "
    return float(any(f" {' '.join(words(each))} " in said for each in right))


SCORERS: Mapping[str, Scorer] = {"exact": exact, "f1": f1, "contains": contains}


def score(scorer: Scorer, answer: str, right: Sequence[str], *, abstained: bool) -> float:
    """Score an answer; to say nothing is right only where there is no answer."""
    if abstained or not right:
        return float(abstained and not right)
    return float(scorer(answer, right))
