"""Chunks too new for the text index, searched by themselves: a small index in memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K1 = 1.2
B = 0.75
"""BM25's parameters in SQLite and tantivy."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What BM25 needs of a whole collection: its chunks, their mean length in tokens."""

    chunks: int
    mean: float


class Tail:
    """The tokens of chunks of a few versions, by BM25."""

    def __init__(self) -> None:
        self._tokens: dict[int, list[str]] = {}
        self._owners: dict[int, int] = {}
        self._places: dict[str, dict[int, int]] = {}

    def __len__(self) -> int:
        return len(self._tokens)

    def add(self, version: int, texts: Iterable[tuple[int, list[str]]]) -> None:
        """Add the chunks of a version as (chunk id, tokens)."""
        for chunk, tokens in texts:
            self._tokens[chunk] = tokens
            self._owners[chunk] = version
            for token, count in Counter(tokens).items():
                self._places.setdefault(token, {})[chunk] = count

    def remove(self, versions: Iterable[int]) -> None:
        """Remove the chunks of versions."""
        gone = {*versions}
        for chunk in [chunk for chunk, owner in self._owners.items() if owner in gone]:
            for token in {*self._tokens.pop(chunk)}:
                del self._places[token][chunk]
            del self._owners[chunk]

    def count(self, tokens: Sequence[str]) -> int:
        """Return in how many chunks a term stands; several tokens are a phrase."""
        return len(self._found(tokens))

    def best(
        self, terms: Sequence[tuple[Sequence[str], int]], whole: Statistics
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """Return the ids, scores and versions, each (n,), of the chunks where any term stands.

        Terms are (tokens, in how many chunks of the whole collection they stand).
        """
        import numpy as np

        scores: dict[int, float] = {}
        for tokens, count in terms:
            weight = math.log(1 + max(whole.chunks - count + 0.5, 0.5) / (count + 0.5))
            for chunk, often in self._found(tokens).items():
                length = len(self._tokens[chunk]) / max(whole.mean, 1.0)
                score = weight * often * (K1 + 1) / (often + K1 * (1 - B + B * length))
                scores[chunk] = scores.get(chunk, 0.0) + score
        return (
            np.array([*scores], np.int64),
            np.array([*scores.values()], np.float64),
            np.array([self._owners[chunk] for chunk in scores], np.int64),
        )

    def _found(self, tokens: Sequence[str]) -> dict[int, int]:
        """Return how often a term stands in the chunks where it stands."""
        if not tokens:
            return {}
        if len(tokens) == 1:
            return self._places.get(tokens[0], {})
        rarest = min((self._places.get(each, {}) for each in tokens), key=len)
        wanted = [*tokens]
        counted = {chunk: _often(wanted, self._tokens[chunk]) for chunk in rarest}
        return {chunk: often for chunk, often in counted.items() if often}


def _often(wanted: list[str], tokens: list[str]) -> int:
    size = len(wanted)
    return sum(tokens[i : i + size] == wanted for i in range(len(tokens) - size + 1))
