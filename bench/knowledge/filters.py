"""What a filter costs: 1% and 10% of the documents, by name, beside no filter at all.

    python bench/knowledge/filters.py FILE... [--chunks 100000] [--peers lancedb pgvector]

Ours is hybrid search through the public API; recall is against exact hybrid search under the
same filter. A peer's is its vector search, for not every hybrid search takes a filter. `first`
is the first search under a filter, which finds out what it leaves; later ones remember it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from hybrid import K, ours, quantiles, recall
from passages import Passages, make
from search_peers import PEERS, Peer

from motet.knowledge.search import Filters, HybridRetriever, Query

FILTERS = {"none": None, "10%": "part/ten/", "1%": "part/one/"}


def search(
    retriever: HybridRetriever, text: str, vector: np.ndarray, under: str | None
) -> list[int]:
    """Return the chunks that are found in documents whose name begins so."""
    filters = Filters() if under is None else Filters(sources=(f"{under}*",))
    found = retriever.find(Query(text, vector=vector, k=K, filters=filters))
    return [each.chunk for each in found]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--exact", type=int, default=60, help="questions that recall is of")
    parser.add_argument("--peers", nargs="*", default=[])
    parser.add_argument("--work", type=Path, default=Path("bench-work"))
    options = parser.parse_args()
    passages = make(options.files, options.chunks, options.work)
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        fast, exact, store = ours(Path(folder), passages)
        measure_ours(fast, exact, passages, options.questions, options.exact)
        for name in options.peers:
            measure_peer(name, PEERS[name](Path(folder), passages), passages, options.questions)
        store.close()


def measure_ours(
    fast: HybridRetriever, exact: HybridRetriever, passages: Passages, count: int, of_recall: int
) -> None:
    """Ask each question with each filter in turn."""
    asked = [*zip(passages.questions, passages.asked, strict=True)][:count]
    first = {
        name: timed(partial(search, fast, *asked[0], under))[0] for name, under in FILTERS.items()
    }
    took: dict[str, list[float]] = {name: [] for name in FILTERS}
    found: dict[str, list[list[int]]] = {name: [] for name in FILTERS}
    for text, vector in asked:
        for name, under in FILTERS.items():
            seconds, hits = timed(partial(search, fast, text, vector, under))
            took[name].append(seconds)
            found[name].append(hits)
    print("motet     p50 ms   p95 ms   to none   recall@10   fewest hits   first ms")
    for name, under in FILTERS.items():
        truth = [search(exact, text, vector, under) for text, vector in asked[:of_recall]]
        p50, p95 = quantiles(took[name])
        ratio = p50 / quantiles(took["none"])[0]
        share = recall(found[name][:of_recall], truth)
        fewest = min(map(len, found[name]))
        print(
            f"{name:8} {p50:7.2f}  {p95:7.2f}  {ratio:7.2f}x   {share:9.3f}   {fewest:11}"
            f"   {1000 * first[name]:8.1f}"
        )


def measure_peer(name: str, peer: Peer, passages: Passages, count: int) -> None:
    """Ask each question with each filter in turn."""
    took: dict[str, list[float]] = {each: [] for each in FILTERS}
    fewest = dict.fromkeys(FILTERS, K)
    for vector in passages.asked[:count]:
        for each, under in FILTERS.items():
            seconds, hits = timed(partial(peer.nearest, vector, K, under))
            took[each].append(seconds)
            fewest[each] = min(fewest[each], len(hits))
    print(f"{name}, vectors only: p50 ms, p95 ms, to none, fewest hits")
    for each, times in took.items():
        p50, p95 = quantiles(times)
        ratio = p50 / quantiles(took["none"])[0]
        print(f"{each:8} {p50:7.2f}  {p95:7.2f}  {ratio:7.2f}x   {fewest[each]:11}")
    peer.close()


def timed(search: Callable[[], list[int]]) -> tuple[float, list[int]]:
    """Return the seconds that a search takes, and what it finds."""
    began = time.perf_counter()
    found = search()
    return time.perf_counter() - began, found


if __name__ == "__main__":
    main()
