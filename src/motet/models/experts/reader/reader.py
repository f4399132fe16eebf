"""The reader as a `SpanReader` on onnxruntime."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from motet.core.protocols import Embedder, Span
from motet.models.encoder.encoder import Encoder
from motet.models.encoder.install import load_parts
from motet.models.encoder.session import Session
from motet.models.experts.differences import check_base
from motet.models.experts.reader.answerable import features, probability
from motet.models.experts.reader.evidence import Candidates, Evidence
from motet.models.experts.reader.weights import Weights, join
from motet.models.experts.reader.windows import Window, windows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.models.encoder.wordpiece import Tokenizer

NAME = "reader/1"
"""Identity of the weights; the number grows when answers change."""

NOTHING = -100.0
"""Score of the empty span of a passage without words."""

_BATCH_TOKENS = 2048


class Reader:
    """Finds spans and judges whether they answer; safe to share between threads.

    What it finds in a passage does not depend on the passages beside it.
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

    def read(
        self, question: str, passages: Sequence[str], skip: Sequence[int] | None = None
    ) -> list[Span]:
        """Return the best span of every passage, in order, at most 30 tokens long.

        Among the spans that the span head likes best, the words around decide; the score is the
        log-odds that the span answers. A passage without words has the
        empty span and the score -100. Passages of more than about 250 tokens are read in
        overlapping windows. The first `skip` code points of a passage (what stands above it)
        are read, but no span lies in them.
        """
        best = [Span(place, 0, 0, NOTHING) for place in range(len(passages))]
        odds, constant = self._weights.odds[:-1], self._weights.odds[-1]
        for place, found in self.candidates(question, passages, skip):
            chosen = int((found.values @ self._weights.choice).argmax())
            score = float(found.values[chosen] @ odds) + float(constant)
            if score > best[place].score:
                best[place] = Span(place, *found.ranges[chosen], score)
        return best

    def candidates(
        self, question: str, passages: Sequence[str], skip: Sequence[int] | None = None
    ) -> Iterator[tuple[int, Candidates]]:
        """Yield for every window its passage's place and its possible spans with evidence."""
        evidence = Evidence(self._tokenizer, question)
        read = [
            (place, window)
            for place, passage in enumerate(passages)
            for window in windows(self._tokenizer, question, passage, skip[place] if skip else 0)
        ]
        for batch in _batches([window for _, window in read]):
            logits = self._logits([read[row][1] for row in batch])
            for row, scores in zip(batch, logits, strict=True):
                place, window = read[row]
                yield place, evidence.candidates(window, scores, passages[place])

    def answerable(self, question: str, passages: Sequence[str], spans: Sequence[Span]) -> float:
        """Return the calibrated probability (0 to 1) that the passages answer the question."""
        if not spans or not any(span.end > span.start for span in spans):
            return 0.0
        evidence = Evidence(self._tokenizer, question)
        given = (self._tokenizer, self._embedder, question, passages, spans)
        return probability(features(evidence, *given), self._weights.answerable)

    def _logits(self, batch: Sequence[Window]) -> NDArray[np.float32]:
        """Return start and end logits of shape (batch, tokens, 2) for windows of one length."""
        import numpy as np

        ids = np.array([window.ids for window in batch], np.int64)
        places = np.arange(ids.shape[1])
        segments = np.array([places >= window.first for window in batch], np.int64)
        hidden = self._session(ids, segments)
        # Row by row: a larger matrix product may add up in another order.
        return np.stack([states @ self._weights.span.T for states in hidden])


def load_reader(embedder: Embedder | None = None, *, threads: int | None = None) -> Reader:
    """Return the reader on the installed base encoder.

    `embedder` compares questions with passages; default the base encoder itself.

    Raises `SetupNeeded` if the base is missing or is not the conversion that the weights were
    made for, `StoreError` if files are damaged.
    """
    check_base(NAME)
    initializers, tokenizer = load_parts()
    own = embedder or Encoder(initializers, tokenizer, threads=threads)
    return Reader(join(initializers), tokenizer, own, threads=threads)


def _batches(read: Sequence[Window]) -> Iterator[list[int]]:
    """Yield the places of windows of equal length, shortest first, in batches of limited size."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for place, window in enumerate(read):
        by_length[len(window.ids)].append(place)
    for length in sorted(by_length):
        rows = by_length[length]
        step = max(1, _BATCH_TOKENS // length)
        for first in range(0, len(rows), step):
            yield rows[first : first + step]
