"""Passages for multi-hop questions, without a language model: BM25, hybrid, and along the graph.

    python bench/knowledge/multihop.py 2wiki CORPUS.json QUESTIONS.json
    python bench/knowledge/multihop.py hotpotqa CORPUS.json QUESTIONS.json

Passages are ingested as documents with their titles as headings, as `motet ingest` does, with
the extraction that is always there; questions go to the product's one query. A question is
answered by documents in the order of their best passage. Intervals are of 95%: Wilson's for
perfect@k (all gold passages among the first k), the bootstrap's for recall@k.
"""

from __future__ import annotations

import argparse
import ast
import json
import math
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from motet.knowledge.entities.extraction import Extractor
from motet.knowledge.entities.graph import Graph
from motet.knowledge.graph.signal import MentionWalk
from motet.knowledge.prepare import prepare
from motet.knowledge.search import HybridRetriever, Query
from motet.knowledge.store import Store
from motet.models.encoder import load_encoder

BATCH = 256
DEPTH = 100
"""Passages that are asked for, so that enough documents are among them."""
CUTS = (2, 5, 8)
Question = tuple[str, list[str]]


def read_2wiki(corpus: Path, questions: Path) -> tuple[list[tuple[str, str]], list[Question]]:
    """Read titles with texts, and questions with the titles of their gold passages."""
    passages = [(each["title"], each["text"]) for each in json.loads(corpus.read_text())]
    asked = json.loads(questions.read_text())
    return passages, [(each["question"], _list(each["ground_truth"])) for each in asked]


def read_hotpotqa(corpus: Path, questions: Path) -> tuple[list[tuple[str, str]], list[Question]]:
    """Read titles with texts, and questions with the titles of their supporting facts."""
    held = json.loads(corpus.read_text())
    passages = [(title, "".join(sentences)) for title, sentences in held.items()]
    asked = json.loads(questions.read_text())
    facts = [(each["question"], _list(each["supporting_facts"])) for each in asked]
    return passages, [(q, list(dict.fromkeys(title for title, _ in gold))) for q, gold in facts]


def _list(value: str | list[Any]) -> list[Any]:
    return list(value if isinstance(value, list) else ast.literal_eval(value))


def ingested(folder: Path, passages: Sequence[tuple[str, str]]) -> Store:
    """Put passages into a store with vectors and graph."""
    store, encoder, extractor = Store(folder / "store.db", "bench"), load_encoder(), Extractor()
    graph = Graph(store, lambda: extractor)
    begin = time.perf_counter()
    for start in range(0, len(passages), BATCH):
        batch = []
        for number, (title, text) in enumerate(passages[start : start + BATCH], start):
            data = f"# {title}\n\n{text}\n".encode()
            batch.append((f"{number:06d}.md", data, prepare(data, f"{number:06d}.md")))
        texts = [p.reading(n) for _, _, p in batch for n in range(len(p.chunks))]
        vectors, at = encoder.embed(texts), 0
        with store.write():
            for name, data, prepared in batch:
                count = len(prepared.chunks)
                store.put(
                    name,
                    version=sha256(data).hexdigest(),
                    size=len(data),
                    fingerprint="",
                    prepared=prepared,
                    vectors=(
                        encoder.name,
                        vectors[at : at + count].astype("float16"),
                        range(count),
                    ),
                    also=[graph.writer(prepared, name)],
                )
                at += count
    reread = graph.settle()
    seconds = time.perf_counter() - begin
    print(f"{len(passages)} documents in {seconds:.0f} s, {reread} chunks read again\n")
    return store


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return Wilson's interval of a share."""
    z, share = 1.96, hits / count
    middle = share + z * z / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    whole = 1 + z * z / count
    return (middle - spread) / whole, (middle + spread) / whole


def bootstrap(values: Sequence[float]) -> tuple[float, float]:
    """Return the percentile interval of a mean over 10,000 draws."""
    draw = random.Random(5)
    means = sorted(sum(draw.choices(values, k=len(values))) / len(values) for _ in range(10_000))
    return means[250], means[9750]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["2wiki", "hotpotqa"])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--store", type=Path, help="a folder to keep the store in, or that has it")
    options = parser.parse_args()
    read = read_2wiki if options.kind == "2wiki" else read_hotpotqa
    passages, questions = read(options.corpus, options.questions)
    with tempfile.TemporaryDirectory() as folder:
        place = options.store or Path(folder)
        held = (place / "store.db").exists()
        store = Store(place / "store.db", "bench") if held else ingested(place, passages)
        compare(store, [title for title, _ in passages], questions)
        store.close()


def compare(store: Store, titles: Sequence[str], questions: Sequence[Question]) -> None:
    """Print how much of the gold passages each way of searching finds."""
    encoder = load_encoder()
    retriever = HybridRetriever(store, lambda: encoder, graph=MentionWalk(store))
    at = {title: number for number, title in reversed([*enumerate(titles)])}
    ways: dict[str, Callable[[str], Query]] = {
        "BM25": lambda text: Query(text, k=DEPTH, mode="lexical"),
        "hybrid": lambda text: Query(text, k=DEPTH, mode="hybrid"),
        "hybrid + graph": lambda text: Query(text, k=DEPTH, mode="hybrid", graph=True),
    }
    heads = [f"{what}@{cut}" for cut in CUTS for what in ("recall", "perfect")]
    print(f"| {len(questions)} questions | {' | '.join(heads)} | ms |")
    print(f"|---|{'---|' * (len(heads) + 1)}")
    for name, query in ways.items():
        ranked, spent = [], []
        for text, _ in questions:
            begin = time.perf_counter()
            found = retriever.find(query(text))
            spent.append(time.perf_counter() - begin)
            ranked.append(list(dict.fromkeys(int(each.source[:6]) for each in found)))
        cells = []
        for cut in CUTS:
            shares = [
                sum(at[title] in documents[:cut] for title in gold) / len(gold)
                for documents, (_, gold) in zip(ranked, questions, strict=True)
            ]
            perfect = sum(share == 1 for share in shares)
            cells.append(_cell(sum(shares) / len(shares), bootstrap(shares)))
            cells.append(_cell(perfect / len(shares), wilson(perfect, len(shares))))
        print(f"| {name} | {' | '.join(cells)} | {sorted(spent)[len(spent) // 2] * 1000:.0f} |")


def _cell(value: float, interval: tuple[float, float]) -> str:
    return f"{value:.3f} ({interval[0]:.3f}-{interval[1]:.3f})"


if __name__ == "__main__":
    main()
