"""Encoder: sentences to unit vectors, with the base encoder's weights in eight bits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from motet.models.encoder.scripts import readable_share
from motet.models.encoder.session import Session
from motet.models.encoder.shape import HIDDEN, MAX_TOKENS
from motet.models.encoder.wordpiece import Tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "all-MiniLM-L6-v2/int8-1"
"""Identity of weights and arithmetic; the last number grows when vectors change."""

_BATCH_TOKENS = 1024
_READABLE = 0.6


class Encoder:
    """The base encoder as an `Embedder`; safe to share between threads.

    A text's vector does not depend on the texts it is embedded with. Texts of more than 256
    tokens are read up to there.
    """

    name = NAME
    dimensions = HIDDEN

    def __init__(
        self,
        initializers: Mapping[str, NDArray[Any]],
        tokenizer: Tokenizer,
        *,
        threads: int | None = None,
    ) -> None:
        self.tokenizer = tokenizer
        self.session = Session(initializers, threads=threads)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors of shape (len(texts), 384): the mean of the hidden states."""
        import numpy as np

        vectors = np.empty((len(texts), HIDDEN), np.float32)
        tokens = [self.tokenizer.ids(text, max_length=MAX_TOKENS) for text in texts]
        for rows in _batches(tokens):
            ids = np.array([tokens[row] for row in rows], np.int64)
            means = self.session(ids).mean(axis=1)
            vectors[rows] = means / np.linalg.norm(means, axis=1, keepdims=True)
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> int:
        """Return how many tokens `embed` reads of the texts, the special ones included."""
        return sum(len(self.tokenizer.ids(text, max_length=MAX_TOKENS)) for text in texts)

    def can_read(self, text: str) -> bool:
        """Whether at least three in five letters are in scripts that the encoder learnt."""
        return readable_share(self.tokenizer, text) >= _READABLE


def _batches(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the indices of texts of equal length, shortest first, in batches of limited size."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for index, ids in enumerate(tokens):
        by_length[len(ids)].append(index)
    for length in sorted(by_length):
        rows = by_length[length]
        step = max(1, _BATCH_TOKENS // length)
        for first in range(0, len(rows), step):
            yield rows[first : first + step]
