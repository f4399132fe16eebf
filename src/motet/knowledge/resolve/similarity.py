"""How alike two texts are, by their words, their letters and what is left over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

SIMILAR = 0.88
"""Jaro-Winkler similarity from which two words may be one, misspelt."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """The words of two texts that stand for each other, and those that stand alone.

    Weights are summed; `left` and `right` are of all words of a side.
    """

    shared: float
    left: float
    right: float
    alone_left: tuple[str, ...]
    alone_right: tuple[str, ...]

    @property
    def cosine(self) -> float:
        """Share of the weight that is common, as the cosine of the two bags."""
        return self.shared / (self.left * self.right) ** 0.5 if self.left and self.right else 0.0

    @property
    def least(self) -> float:
        """Share of the heavier side that is common."""
        return self.shared / max(self.left, self.right) if self.left and self.right else 0.0

    @property
    def most(self) -> float:
        """Share of the lighter side that is common: 1 where one contains the other."""
        return self.shared / min(self.left, self.right) if self.left and self.right else 0.0


def align(
    left: Sequence[str], right: Sequence[str], weights: Mapping[str, float], *, soft: bool
) -> Alignment:
    """Pair equal words, then where `soft` similar ones, abbreviations and initials.

    After soft TF-IDF (Cohen, Ravikumar and Fienberg 2003), but each word pairs once.
    """
    a, b = dict.fromkeys(left), dict.fromkeys(right)
    alone = [each for each in a if each not in b]
    other = [each for each in b if each not in a]
    shared = sum(_square(weights, each) for each in a if each in b)
    if soft and alone and other:
        for alike, one, two in _closest(alone, other):
            if one in alone and two in other:
                alone.remove(one)
                other.remove(two)
                shared += alike * (_square(weights, one) * _square(weights, two)) ** 0.5
    return Alignment(
        shared,
        sum(_square(weights, each) for each in a),
        sum(_square(weights, each) for each in b),
        tuple(alone),
        tuple(other),
    )


def _square(weights: Mapping[str, float], token: str) -> float:
    return weights[token] ** 2


def _closest(left: Sequence[str], right: Sequence[str]) -> list[tuple[float, str, str]]:
    pairs = ((alike(one, two), one, two) for one in left for two in right)
    return sorted((each for each in pairs if each[0] > 0), key=lambda p: (-p[0], p[1], p[2]))


@lru_cache(maxsize=262144)
def alike(one: str, two: str) -> float:
    """Return how surely two words are one: 0, or .6 to 1.

    Numbers are equal or not; a prefix of three letters abbreviates; one letter is an initial.
    """
    from rapidfuzz.distance import JaroWinkler

    short, long = sorted((one.rstrip("."), two.rstrip(".")), key=len)
    if any(char.isdigit() for char in one) or any(char.isdigit() for char in two):
        same = short.replace("-", "").replace(".", "") == long.replace("-", "").replace(".", "")
        return 1.0 if same else 0.0
    if not short or short[0] != long[0]:
        return 0.0
    if len(short) == 1:
        return 0.6
    if len(short) >= 3 and long.startswith(short):
        return 0.85
    found = JaroWinkler.similarity(short, long)
    return found if found >= SIMILAR and len(short) >= 4 else 0.0


def is_acronym(one: Sequence[str], two: Sequence[str]) -> bool:
    """Whether one text is a single word made of the initials of the other's words."""
    short, long = sorted((one, two), key=len)
    if len(short) != 1 or len(long) < 2 or len(short[0].replace(".", "")) < 2:
        return False
    letters = short[0].replace(".", "")
    every = "".join(each[0] for each in long)
    telling = "".join(each[0] for each in long if each not in ("of", "and", "the", "for", "de"))
    return letters in (every, telling)
