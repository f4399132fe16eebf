"""What distinguishes a pair of records: numbers between 0 and 1, named by field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from motet.knowledge.resolve.rarity import Rarity
from motet.knowledge.resolve.records import Content, Record, content
from motet.knowledge.resolve.similarity import Alignment, align, is_acronym
from motet.knowledge.resolve.values import closeness

MISSING = math.nan

COMPARED = (
    "equal",
    "cosine",
    "soft",
    "least",
    "most",
    "letters",
    "sorted",
    "contained",
    "start",
    "acronym",
    "numbers",
    "odd_numbers",
    "codes",
    "odd_codes",
    "value",
    "rarest_left",
    "rarest_right",
    "lengths",
)
"""What is measured of two texts of a field, in order."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The measures of one field of two records, with what a person is told of it."""

    field: str
    left: str
    right: str
    measures: Mapping[str, float]
    alignment: Alignment | None

    @property
    def is_missing(self) -> bool:
        """Whether one of the two has nothing there."""
        return self.alignment is None


def compare(field: str, left: str, right: str, rarity: Rarity) -> Compared:
    """Measure how two texts of a field compare; every measure is NaN where one is empty."""
    a, b = content(left), content(right)
    if not a.tokens or not b.tokens:
        return Compared(field, left, right, dict.fromkeys(COMPARED, MISSING), None)
    weights = {each: rarity.weight(field, each) for each in (*a.tokens, *b.tokens)}
    exact = align(a.tokens, b.tokens, weights, soft=False)
    soft = align(a.tokens, b.tokens, weights, soft=True)
    measures = {
        **_words(a, b, exact, soft, weights),
        **_letters(a.text, b.text),
        "acronym": float(is_acronym(a.tokens, b.tokens)),
        **_figures(a, b),
        "value": closeness(a.value, b.value) if a.value and b.value else MISSING,
    }
    return Compared(field, left, right, {name: measures[name] for name in COMPARED}, soft)


def _words(
    a: Content, b: Content, exact: Alignment, soft: Alignment, weights: Mapping[str, float]
) -> dict[str, float]:
    return {
        "equal": float(a.tokens == b.tokens),
        "cosine": exact.cosine,
        "soft": soft.cosine,
        "least": soft.least,
        "most": soft.most,
        "rarest_left": max((weights[each] for each in soft.alone_left), default=0.0),
        "rarest_right": max((weights[each] for each in soft.alone_right), default=0.0),
        "lengths": min(len(a.tokens), len(b.tokens)) / max(len(a.tokens), len(b.tokens)),
        "start": float(a.tokens[0] == b.tokens[0]),
    }


@lru_cache(maxsize=65536)
def _ratios(left: str, right: str) -> tuple[float, float, float]:
    from rapidfuzz import fuzz

    return (
        fuzz.ratio(left, right) / 100,
        fuzz.token_sort_ratio(left, right) / 100,
        fuzz.partial_ratio(left, right) / 100,
    )


def _letters(left: str, right: str) -> dict[str, float]:
    ratio, ordered, partial = _ratios(left, right)
    return {"letters": ratio, "sorted": ordered, "contained": partial}


def _figures(a: Content, b: Content) -> dict[str, float]:
    """Numbers and model numbers: what share agrees, and whether both sides have odd ones."""
    return {
        "numbers": _shared(a.numbers, b.numbers),
        "odd_numbers": float(bool(a.numbers - b.numbers) and bool(b.numbers - a.numbers)),
        "codes": _shared(a.codes, b.codes),
        "odd_codes": float(bool(a.codes - b.codes) and bool(b.codes - a.codes)),
    }


def _shared(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a or b else MISSING


def compared_fields(left: Record, right: Record, rarity: Rarity) -> list[Compared]:
    """Compare every field that either record has, in the order of the left one."""
    names = [n for n in dict.fromkeys((*left.fields, *right.fields)) if not n.startswith("#")]
    return [
        compare(name, left.fields.get(name, ""), right.fields.get(name, ""), rarity)
        for name in names
    ]
