"""Retrieval at scale: CPU and wall time of a query at 40 files and at 100,000 chunks.

The text is made of random words with the frequencies of real text, the vectors are random
unit vectors (search time depends on neither), every query is new, journal and tracing are
not involved: this is the retriever alone. `python bench/query.py [--chunks N]`.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from synthetic import Corpus

from motet.core.protocols import Embedder
from motet.knowledge.prepare import prepare
from motet.knowledge.search import HybridRetriever
from motet.knowledge.store import Store

DIMENSIONS = 384


class RandomEmbedder:
    """Random unit vectors in place of meaning: a stand-in for timing only."""

    name = "random"
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self._random = np.random.default_rng(1)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return unit vectors of shape (len(texts), 384)."""
        vectors = self._random.standard_normal((len(texts), DIMENSIONS)).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def can_read(self, text: str) -> bool:
        """Everything can be given a random vector."""
        return True


def fill(store: Store, chunks: int, embedder: RandomEmbedder) -> int:
    """Put documents until there are that many chunks; return their number."""
    corpus = Corpus(seed=3)
    stored = 0
    for number, text in enumerate(corpus.documents(10**9, 100 if chunks > 1000 else 10)):
        data = text.encode()
        prepared = prepare(data, f"{number}.md")
        vectors = embedder.embed([""] * len(prepared.chunks)).astype(np.float16)
        store.put(
            f"{number}.md",
            version=f"{number:064x}",
            size=len(data),
            fingerprint=str(number),
            prepared=prepared,
            vectors=(embedder.name, vectors, range(len(prepared.chunks))),
        )
        stored += len(prepared.chunks)
        if stored >= chunks:
            return stored
    return stored


def measure(retriever: HybridRetriever, mode: str, rounds: int) -> str:
    """Return the row of one mode: p50 and p95 of wall and CPU milliseconds."""
    corpus = Corpus(seed=11)
    retriever.search(corpus.question(), k=24, mode=mode)  # type: ignore[arg-type]
    wall: list[float] = []
    cpu: list[float] = []
    for _ in range(rounds):
        question = corpus.question()
        used, began = _cpu(), time.perf_counter()
        retriever.search(question, k=24, mode=mode)  # type: ignore[arg-type]
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (_cpu() - used))
    shown = [_quantile(values, share) for values in (wall, cpu) for share in (0.5, 0.95)]
    return f"{mode:8} " + " ".join(f"{value:9.2f}" for value in shown)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _quantile(values: list[float], share: float) -> float:
    return statistics.quantiles(values, n=100)[round(100 * share) - 1]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, nargs="*", default=[500, 100_000])
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    for chunks in options.chunks:
        with tempfile.TemporaryDirectory() as folder:
            embedder = RandomEmbedder()
            store = Store(Path(folder) / "store.db", "bench")
            stored = fill(store, chunks, embedder)
            size = (Path(folder) / "store.db").stat().st_size / 1e6
            began = time.perf_counter()
            supply: Embedder = embedder
            retriever = HybridRetriever(store, lambda supply=supply: supply)
            retriever.search("warm", k=1, mode="dense")
            loaded = 1000 * (time.perf_counter() - began)
            print(f"{stored} chunks, store {size:.0f} MB, vectors loaded in {loaded:.0f} ms")
            print("mode      wall p50  wall p95   cpu p50   cpu p95  (ms)")
            for mode in ("lexical", "dense", "hybrid"):
                print(measure(retriever, mode, options.rounds))
            store.close()


if __name__ == "__main__":
    main()
