"""What a graph costs: calls of a language model, seconds a chunk, document 1,001 beside 1.

    python bench/knowledge/extraction.py [--chunks 1000] [--peers PYTHON] [--seed 1] [--encoder]

Documents of one chunk name suppliers and parts of two tables; each is put alone, as it would
come. The graph's hash is compared over orders of documents, one put after another or all in
one ingest, one worker process or several, and with the tables last. `--peers` is a Python that
has lightrag-hku and nano-graphrag; they get the same documents, and a model that answers at
once and counts. `--encoder` adds the NER expert (after `motet setup`).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from stub_llm import Stub

from motet.knowledge.discover import Root
from motet.knowledge.entities.canonical import graph_hash
from motet.knowledge.entities.extraction import Extractor
from motet.knowledge.entities.graph import Graph
from motet.knowledge.ingest import Ingest
from motet.knowledge.prepare import prepare
from motet.knowledge.store import Store

WORDS = """the hinge failed after delivery because board was wet and our team wrote to them about
price of oak in spring while two more lots arrived late with new screws for every cabinet""".split()
CITIES = ("Lemgo", "Tartu", "Braga", "Lahti", "Suceava")
SAMPLE = 50
"""Documents at either end whose median is compared."""


class Corpus:
    """Two tables, and documents that name what stands in them."""

    def __init__(self, count: int, seed: int) -> None:
        draw = random.Random(seed)
        starts, ends = ("Nor", "Sol", "Bir", "Tar", "Lin", "Kra", "Wes", "Alp"), ("holz", "veig",
            "mark", "scharn", "wald")  # fmt: skip
        firms = [f"{a}{b} {form}" for a in starts for b in ends for form in ("GmbH", "AG", "Oy")]
        suppliers = [f"S-{i:03d},{firm},{CITIES[i % 5]}" for i, firm in enumerate(firms)]
        parts = [f"PT-{i:04d},Oak part {i},S-{i % len(firms):03d}" for i in range(300)]
        self.tables = {
            "suppliers.csv": "\n".join(["supplier_id,name,city", *suppliers]),
            "parts.csv": "\n".join(["part_id,part_name,supplier_id", *parts]),
        }
        self.documents = {f"{i:05d}.md": self._document(i, draw, firms) for i in range(count)}

    @staticmethod
    def _document(number: int, draw: random.Random, firms: Sequence[str]) -> str:
        lines = [f"# Report {number} of the works", ""]
        for _ in range(6):
            words = draw.choices(WORDS, k=14)
            words.insert(4, draw.choice(firms))
            words.insert(9, f"PT-{draw.randrange(300):04d}")
            lines.append(f"{' '.join(words).capitalize()}.")
        return "\n".join(lines)


def extractor(encoder: bool) -> Extractor:
    """Return the extractor as the system makes it, with the expert or without."""
    if not encoder:
        return Extractor()
    from motet.models.experts.ner import load_names

    return Extractor(load_names())


def put(store: Store, graph: Graph | None, name: str, text: str) -> float:
    """Put a document as an ingest does, and return the CPU seconds it took."""
    prepared = prepare(text.encode(), name)
    began = time.process_time()
    also = [] if graph is None else [graph.writer(prepared, name)]
    store.put(
        name,
        version=name,
        size=len(text),
        fingerprint="",
        prepared=prepared,
        vectors=None,
        also=also,
    )
    if graph is not None:
        graph.settle()
    return time.process_time() - began


def filled(sources: dict[str, str], made: Extractor | None) -> tuple[str, list[float]]:
    """Put sources one by one; return the graph's hash and the seconds of each."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store.db", "bench")
        graph = None if made is None else Graph(store, lambda: made)
        seconds = [put(store, graph, *each) for each in sources.items()]
        found = graph_hash(store)
        store.close()
    return found, seconds


def ingested(sources: dict[str, str], made: Extractor, cores: int) -> str:
    """Ingest all sources at once, with as many workers as cores, and return the hash."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(allowed)[:cores]))
    try:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "docs").mkdir()
            for name, text in sources.items():
                (Path(folder) / "docs" / name).write_text(text)
            store = Store(Path(folder) / "store.db", "bench")
            graph = Graph(store, lambda: made)
            Ingest(store, Path(folder) / "docs", lambda: None, graph=lambda: graph).run([Root(".")])
            with store.write() as session:
                session.execute("UPDATE versions SET version = (SELECT source FROM sources s "
                                "WHERE s.id = versions.source_id)")  # fmt: skip
            found = graph_hash(store)
            store.close()
        return found
    finally:
        os.sched_setaffinity(0, allowed)


def peer(python: str, name: str, corpus: Corpus, count: int) -> dict[str, list[float]]:
    """Let a peer make its graph; return calls and seconds of all, and of one document more."""
    stub = Stub()
    with tempfile.TemporaryDirectory() as folder:
        for each in ("docs", "work"):
            (Path(folder) / each).mkdir()
        for source, text in list(corpus.documents.items())[: count + 1]:
            (Path(folder) / "docs" / source).write_text(text)
        script = str(Path(__file__).with_name("extraction_peer.py"))
        command = [python, script, name, f"{folder}/docs", f"{folder}/work", stub.url]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=f"{folder}/work"
        )
    stub.close()
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr[-2000:]}")
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure, and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=1000)
    parser.add_argument("--peers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--encoder", action="store_true")
    options = parser.parse_args()
    corpus = Corpus(options.chunks + SAMPLE, options.seed)
    made = extractor(options.encoder)
    whole = {**corpus.tables, **corpus.documents}
    expected, seconds = filled(whole, made)
    plain = filled(whole, None)[1]
    own = seconds[len(corpus.tables) :]
    first, last = statistics.median(own[:SAMPLE]), statistics.median(own[-SAMPLE:])
    without = statistics.median(plain[len(corpus.tables) :])
    print("| | LLM calls | CPU ms a document | calls for one more | CPU ms for one more |")
    print("|---|---|---|---|---|")
    mean = 1000 * statistics.mean(own[: options.chunks])
    print(f"| Motet | 0 | {mean:.1f} | 0 | {1000 * last:.1f} |", flush=True)
    for name in ("lightrag", "nano") if options.peers else ():
        found = peer(options.peers, name, corpus, options.chunks)
        each = 1000 * found["seconds"][0] / options.chunks
        calls, more = found["calls"]
        print(f"| {name} | {calls:,} | {each:.1f} | {more:,} | {1000 * found['seconds'][1]:.1f} |",
              flush=True)  # fmt: skip
    print(f"Motet: document {options.chunks + 1:,} / 1: {last / first:.2f}; "
          f"without a graph a document takes {1000 * without:.1f} ms")  # fmt: skip
    orders: list[tuple[str, Callable[[], str]]] = [
        ("documents shuffled", lambda: filled(_shuffled(corpus.documents, 2, corpus), made)[0]),
        ("tables last", lambda: filled({**corpus.documents, **corpus.tables}, made)[0]),
        ("one ingest, 1 worker", lambda: ingested(whole, made, 1)),
        ("one ingest, all workers", lambda: ingested(whole, made, os.cpu_count() or 1)),
    ]
    for name, build in orders:
        began = time.perf_counter()
        same = build() == expected
        print(f"{name}: {'same' if same else 'DIFFERENT'} graph, "
              f"{time.perf_counter() - began:.1f} s", flush=True)  # fmt: skip
        if not same:
            sys.exit(1)


def _shuffled(documents: dict[str, str], seed: int, corpus: Corpus) -> dict[str, str]:
    names = list({**documents, **corpus.tables})
    random.Random(seed).shuffle(names)
    return {name: {**documents, **corpus.tables}[name] for name in names}


if __name__ == "__main__":
    main()
