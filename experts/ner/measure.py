"""F1 of named spans: a span counts only with its exact ends and its label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Counts:
    """Spans that are right, found, and there."""

    right: int = 0
    found: int = 0
    there: int = 0

    @property
    def precision(self) -> float:
        """Share of what was found that is right."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found."""
        return self.right / self.there if self.there else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.found + self.there
        return 2 * self.right / total if total else 0.0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.right + other.right, self.found + other.found, self.there + other.there)


def counts(found: Sequence[Span], gold: Sequence[Span], labels: Iterable[str]) -> Counts:
    """Compare the spans of one text, of these labels only."""
    chosen = set(labels)
    mine = Counter(span for span in found if span[2] in chosen)
    theirs = Counter(span for span in gold if span[2] in chosen)
    return Counts((mine & theirs).total(), mine.total(), theirs.total())
