"""A small BM25 index, to mine negatives and as the plain baseline."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"\w+")
SATURATION = 1.2
LENGTH_WEIGHT = 0.75


def words(text: str) -> list[str]:
    """Return the lower-case words of the text."""
    return WORD.findall(text.lower())


class Lexical:
    """BM25 (Robertson & Zaragoza 2009) over texts in memory."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._count = len(texts)
        counts = [Counter(words(text)) for text in texts]
        lengths = np.array([sum(count.values()) for count in counts], np.float64)
        norm = 1 - LENGTH_WEIGHT + LENGTH_WEIGHT * lengths / lengths.mean()
        postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for place, count in enumerate(counts):
            for word, times in count.items():
                postings[word].append((place, times))
        self._weights: dict[str, tuple[NDArray[np.intp], NDArray[np.float64]]] = {}
        for word, entries in postings.items():
            places = np.array([place for place, _ in entries])
            counted = np.array([times for _, times in entries], np.float64)
            rarity = math.log(1 + (self._count - len(entries) + 0.5) / (len(entries) + 0.5))
            gain = counted * (SATURATION + 1) / (counted + SATURATION * norm[places])
            self._weights[word] = (places, rarity * gain)

    def scores(self, query: str) -> NDArray[np.float64]:
        """Return the score of every text."""
        total = np.zeros(self._count)
        for word in words(query):
            if word in self._weights:
                places, gain = self._weights[word]
                total[places] += gain
        return total

    def search(self, query: str, limit: int) -> list[int]:
        """Return the places of the best texts, best first."""
        return [int(place) for place in np.argsort(-self.scores(query), kind="stable")[:limit]]
