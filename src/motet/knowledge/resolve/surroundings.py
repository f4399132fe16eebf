"""What else a record could be: how a pair compares with the nearest others of either side."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from motet.knowledge.resolve.records import Record, content

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Scores = NDArray[np.float32]

Terms = Callable[[Record], Sequence[str]]
MEASURED = ("near", "nearer_right", "nearer_left", "lead_left", "lead_right")
"""Cosine; how many are nearer (as log(1 + n)); by how much the pair leads the next."""


def whole(record: Record) -> str:
    """Return the text of all fields."""
    return " ".join(text for name, text in record.fields.items() if not name.startswith("#"))


def first(record: Record) -> str:
    """Return the text of the first field: the name."""
    return next(iter(record.fields.values()), "")


def _trigrams(text: str) -> list[str]:
    padded = (f" {token} " for token in content(text).tokens)
    return [token[i : i + 3] for token in padded for i in range(len(token) - 2)]


REMEMBERED = 4096
"""Records whose cosines with the other side are kept."""
SPACES: dict[str, Terms] = {
    "name words": lambda record: content(first(record)).tokens,
    "name letters": lambda record: _trigrams(first(record)),
    "all words": lambda record: content(whole(record)).tokens,
    "all letters": lambda record: _trigrams(whole(record)),
}
"""In what records are compared; cosines of terms weighted by frequency (TF-IDF)."""


class Surroundings:
    """The records of two sides, to say how near each lies to all of the other side.

    The sides may be the same records; nothing is its own neighbour. No label is used, only
    which records there are.
    """

    def __init__(self, left: Sequence[Record], right: Sequence[Record]) -> None:
        self._spaces = [_Space(left, right, terms) for terms in SPACES.values()]

    def measures(self, left: Record, right: Record) -> list[float]:
        """Return the `MEASURED` of each of the `SPACES`."""
        return [each for space in self._spaces for each in space.measures(left.uid, right.uid)]


class _Space:
    def __init__(self, left: Sequence[Record], right: Sequence[Record], terms: Terms) -> None:
        sides = [{record.uid: Counter(terms(record)) for record in side} for side in (left, right)]
        every = {**sides[0], **sides[1]}
        counts = Counter(term for bag in every.values() for term in bag)
        rare = {term: 1.0 + math.log((1 + len(every)) / (1 + n)) for term, n in counts.items()}
        self._left, self._right = (_Side(side, rare) for side in sides)

    def measures(self, left: str, right: str) -> tuple[float, ...]:
        near = float(self._left.near(self._right.vectors[right])[self._left.places[left]])
        more_right, lead_left = self._right.standing(self._left.vectors[left], right, left, near)
        more_left, lead_right = self._left.standing(self._right.vectors[right], left, right, near)
        return near, more_right, more_left, lead_left, lead_right


class _Side:
    """An inverted index of unit vectors."""

    def __init__(self, bags: dict[str, Counter[str]], rare: dict[str, float]) -> None:
        import numpy as np

        self.vectors = {uid: _unit(bag, rare) for uid, bag in bags.items()}
        self.places = {uid: place for place, uid in enumerate(bags)}
        postings: dict[str, tuple[list[int], list[float]]] = {}
        for place, vector in enumerate(self.vectors.values()):
            for term, weight in vector.items():
                places, weights = postings.setdefault(term, ([], []))
                places.append(place)
                weights.append(weight)
        self._postings = {
            term: (np.asarray(places), np.asarray(weights, np.float32))
            for term, (places, weights) in postings.items()
        }
        self._known: dict[int, Scores] = {}

    def near(self, vector: dict[str, float]) -> Scores:
        """Return the cosine with each record of this side, shape (n,)."""
        import numpy as np

        known = self._known.get(id(vector))
        if known is None:
            known = np.zeros(len(self.places), np.float32)
            for term, weight in vector.items():
                if term in self._postings:
                    places, weights = self._postings[term]
                    known[places] += weight * weights
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[id(vector)] = known
        return known

    def standing(
        self, vector: dict[str, float], one: str, itself: str, near: float
    ) -> tuple[float, float]:
        """Return how many are nearer to the vector than `one`, and the lead on the next."""
        import numpy as np

        scores = self.near(vector)
        others = np.delete(scores, [self.places[each] for each in {one, itself} & {*self.places}])
        best = float(others.max()) if len(others) else 0.0
        return math.log1p(float((others > near + 1e-6).sum())), near - best


def _unit(bag: Counter[str], rare: dict[str, float]) -> dict[str, float]:
    vector = {term: (1 + math.log(count)) * rare[term] for term, count in bag.items()}
    length = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
    return {term: weight / length for term, weight in vector.items()}
