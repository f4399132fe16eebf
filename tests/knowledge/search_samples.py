"""What tests of search share: vectors without an encoder, and searching with and without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from motet.core.text import words
from motet.knowledge.indexes import Indexes
from motet.knowledge.prepare import prepare
from motet.knowledge.search import HybridRetriever, Query
from motet.knowledge.store import Given, Store

LEAST = 8
"""Chunks from which on the tests' stores are indexed."""


class WordVectors:
    """Texts with the same words have near vectors: a stand-in that needs no download."""

    name = "words"
    dimensions = 16

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return unit vectors of shape (len(texts), 16)."""
        rows = [sum((_direction(word) for word in words(text)), np.zeros(16)) for text in texts]
        found = np.array(rows, np.float32) + 1e-3
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    def can_read(self, text: str) -> bool:
        """Every word has a direction."""
        return True


def _direction(word: str) -> np.ndarray:
    seed = int.from_bytes(sha256(word.encode()).digest()[:4], "big")
    return np.random.default_rng(seed).standard_normal(16)


def put(store: Store, source: str, text: str, given: Given = Given()) -> None:  # noqa: B008
    """Put a document with the vectors of its chunks into the store."""
    prepared = prepare(text.encode(), source)
    readings = [prepared.reading(at) for at in range(len(prepared.chunks))]
    vectors = WordVectors().embed(readings).astype(np.float16)
    store.put(
        source,
        version=sha256(text.encode()).hexdigest(),
        size=len(text),
        fingerprint="1",
        prepared=prepared,
        vectors=("words", vectors, range(len(readings))),
        given=given,
    )


def indexes(store: Store, home: Path) -> Indexes:
    """Return indexes that are built of a few chunks already."""
    return Indexes(store, home, least=LEAST)


def searching(store: Store, home: Path | None = None) -> HybridRetriever:
    """Return search through the indexes in a state folder, or exact search without one."""
    return HybridRetriever(store, WordVectors, indexes=indexes(store, home) if home else None)


def found(
    retriever: HybridRetriever, queries: Iterable[str], modes: Sequence[str] = ("lexical", "dense")
) -> list[list[tuple[str, int]]]:
    """Return where the passages stand that each query finds in each mode.

    By words all that match, whatever their order; by vectors the five nearest, in order.
    """
    answers = []
    for text in queries:
        for mode in modes:
            k = 5 if mode == "dense" else 1000
            hits = retriever.find(Query(text, k=k, mode=mode))  # type: ignore[arg-type]
            places = [(each.source, each.start) for each in hits]
            answers.append(places if mode == "dense" else sorted(places))
    return answers
