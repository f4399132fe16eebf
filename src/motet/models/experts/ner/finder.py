"""The name finder as a `NameFinder` on onnxruntime."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from motet.core.graph import Named
from motet.core.protocols import Embedder
from motet.models.encoder.encoder import Encoder
from motet.models.encoder.install import load_parts
from motet.models.encoder.session import Session
from motet.models.experts.differences import check_base
from motet.models.experts.ner.tags import IMPOSSIBLE, INSIDE, names
from motet.models.experts.ner.units import Units, units
from motet.models.experts.ner.weights import Weights, join
from motet.models.experts.ner.windows import Window, windows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.models.encoder.wordpiece import Tokenizer

NAME = "names/2"
"""Identity of the weights; the number grows when what is found changes."""

_BATCH_TOKENS = 1024


class Finder:
    """Finds names in texts; safe to share between threads.

    What it finds in a text does not depend on the texts beside it.
    """

    name = NAME

    def __init__(
        self,
        weights: Weights,
        tokenizer: Tokenizer,
        embedder: Embedder,
        *,
        threads: int | None = None,
    ) -> None:
        self._tokenizer = tokenizer
        self._embedder = embedder
        self._session = Session(weights.initializers, threads=threads)
        self._weights = weights

    def can_read(self, text: str) -> bool:
        """Whether the text is in a script that the base encoder learnt."""
        return self._embedder.can_read(text)

    def find(self, texts: Sequence[str]) -> list[list[Named]]:
        """Return the names of every text, in order, none overlapping.

        Labels are person, organisation, place and misc (works, products, events and the like).
        A text that cannot be read has no names. Texts of more than 200 pieces are read in
        overlapping windows, in which every word has words on both sides.
        """
        split = [units(self._tokenizer, text) if self.can_read(text) else None for text in texts]
        scores = self._scores([each for each in split if each is not None])
        return [[] if each is None else self._names(each, next(scores)) for each in split]

    def _scores(self, split: Sequence[Units]) -> Iterator[NDArray[np.float32]]:
        """Yield for each text the scores of its units' tags, (units, tags)."""
        import numpy as np

        read = [(place, window) for place, each in enumerate(split) for window in windows(each)]
        decided: list[list[NDArray[np.float32]]] = [[] for _ in read]
        for rows in _batches([window for _, window in read]):
            batch = [(split[read[row][0]], read[row][1]) for row in rows]
            for row, scores in zip(rows, self._read(batch), strict=True):
                decided[row].append(scores)
        parts: dict[int, list[NDArray[np.float32]]] = defaultdict(list)
        for (place, _), found in zip(read, decided, strict=True):
            parts[place] += found
        for place in range(len(split)):
            yield np.concatenate(parts[place]) if parts[place] else np.empty((0, 0), np.float32)

    def _read(self, batch: Sequence[tuple[Units, Window]]) -> Iterator[NDArray[np.float32]]:
        """Yield the scores of the units that each window decides; windows of one length."""
        import numpy as np

        control = (self._tokenizer.begin, self._tokenizer.end)
        ids = np.array(
            [[control[0], *each.ids[w.low : w.high], control[1]] for each, w in batch], np.int64
        )
        shapes = np.zeros_like(ids)
        for row, (each, window) in enumerate(batch):
            shapes[row, 1:-1] = [
                each.shapes[owner] for owner in each.owner[window.low : window.high]
            ]
        weights = self._weights
        hidden = self._session(ids, shapes)
        for states, (each, window) in zip(hidden, batch, strict=True):
            first = np.array(each.first[window.begin : window.end]) - window.low + 1
            own = weights.shaped[each.shapes[window.begin : window.end]]
            # Text by text: a larger matrix product may add up in another order.
            yield states[first] @ weights.head + weights.bias + own

    def _names(self, found: Units, scores: NDArray[np.float32]) -> list[Named]:
        if not len(scores):
            return []
        # A line by itself is a heading, a row, an address: no name goes on in the next.
        scores[found.lines, INSIDE.start :: INSIDE.step] = IMPOSSIBLE
        chain, (slope, constant) = self._weights.chain, self._weights.sure.tolist()
        tags = chain.best(scores)
        read = list(names(tags))
        if not read:
            return []
        odds = chain.odds(scores, tags, [(begin, end) for begin, end, _ in read])
        return [
            Named(found.starts[begin], found.ends[end - 1], label, _chance(slope * each + constant))
            for (begin, end, label), each in zip(read, odds, strict=True)
        ]


def _chance(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-odds))


def load_names(embedder: Embedder | None = None, *, threads: int | None = None) -> Finder:
    """Return the name finder on the installed base encoder.

    `embedder` tells which scripts can be read; default the base encoder itself.

    Raises `SetupNeeded` if the base is missing or is not the conversion that the weights were
    made for, `StoreError` if files are damaged.
    """
    check_base(NAME)
    initializers, tokenizer = load_parts()
    own = embedder or Encoder(initializers, tokenizer, threads=threads)
    return Finder(join(initializers), tokenizer, own, threads=threads)


def _batches(read: Sequence[Window]) -> Iterator[list[int]]:
    """Yield the places of windows of equal length, shortest first, in batches of limited size."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for place, window in enumerate(read):
        by_length[window.high - window.low].append(place)
    for length in sorted(by_length):
        rows = by_length[length]
        step = max(1, _BATCH_TOKENS // (length + 2))
        for first in range(0, len(rows), step):
            yield rows[first : first + step]
