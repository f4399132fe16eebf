"""Reranking by the base encoder: the cosine of query and document, nothing learnt beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from motet.core.chat import Usage
from motet.core.errors import UsageError
from motet.core.protocols import Embedder
from motet.models.modalities.exchange import Spent
from motet.models.modalities.rerank import Ranked, RerankAnswer, RerankRequest, best

NAME = "all-MiniLM-L6-v2-cosine"
"""What it is served as: it is no cross-encoder, and does not read query and document together."""

_WORST = -1.0
_WORDS = 160
_OVERLAP = 32


class CountingEmbedder(Embedder, Protocol):
    """An encoder that also tells how much it reads, as `motet.models.encoder.Encoder`."""

    def count_tokens(self, texts: list[str]) -> int:
        """Return how many tokens `embed` reads of the texts."""
        ...


class CosineReranker:
    """Ranks by cosine, from -1 to 1; safe to share between threads.

    The encoder reads no more than a page at a time, so a longer document is as good as the
    best of its pieces of 160 words. One in a script that the encoder cannot read comes last.
    """

    name = NAME

    def __init__(self, encoder: CountingEmbedder) -> None:
        self._encoder = encoder

    def rank(self, request: RerankRequest) -> RerankAnswer:
        """Return the documents in order. Raises `UsageError` for a query it cannot read."""
        if not self._encoder.can_read(request.query):
            raise UsageError(
                "the encoder cannot read the script of the query",
                where="query",
                hint="use another model to rerank",
            )
        pieces: list[str] = []
        owners: list[int] = []
        for place, document in enumerate(request.documents):
            if self._encoder.can_read(document):
                found = list(_pieces(document))
                pieces += found
                owners += [place] * len(found)
        texts = [request.query, *pieces]
        vectors = self._encoder.embed(texts)
        scores = dict.fromkeys(range(len(request.documents)), _WORST)
        cosines = vectors[1:] @ vectors[0]
        for owner, cosine in zip(owners, cosines.tolist(), strict=True):
            scores[owner] = max(cosine, scores[owner])
        results = [Ranked(place, score) for place, score in scores.items()]
        usage = Usage(input_tokens=self._encoder.count_tokens(texts))
        return RerankAnswer(best(results, request.top), Spent(usage), NAME)


def _pieces(text: str) -> Iterator[str]:
    words = text.split()
    if len(words) <= _WORDS:
        yield text
        return
    step = _WORDS - _OVERLAP
    for place in range(0, len(words) - _OVERLAP, step):
        yield " ".join(words[place : place + _WORDS])
