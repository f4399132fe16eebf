"""Chunks a second into the store, without embedding: `Store.put` beside raw FTS5.

Documents of a hundred chunks of some 500 characters are prepared in memory; what is timed is
the writing: rows, analysis, full text and commits. The peer inserts the same texts into a table
and a contentless FTS5 index with the same tokenizer, one transaction a document, alternating.
`python bench/knowledge/ingest.py [--chunks 20000] [--rounds 3] [--place postgresql://...]`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import apsw

sys.path.insert(0, str(Path(__file__).parents[1]))
from synthetic import Corpus

from motet.knowledge.chunks import Chunk
from motet.knowledge.prepare import Prepared
from motet.knowledge.store import Store

CHUNKS = 100
"""Chunks of a document."""
LETTERS = 500
_RAW = """
PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
CREATE TABLE chunks (id INTEGER PRIMARY KEY, source TEXT, start INTEGER, text TEXT);
CREATE VIRTUAL TABLE fulltext USING fts5 (
    body, content = '', contentless_delete = 1,
    tokenize = "porter unicode61 remove_diacritics 2");
"""


def documents(chunks: int) -> list[Prepared]:
    """Return documents that are ready to be written."""
    corpus = Corpus(seed=5)
    found = []
    for _ in range(0, chunks, CHUNKS):
        parts = [corpus.paragraph()[:LETTERS] for _ in range(CHUNKS)]
        text = "\n\n".join(parts)
        cut, start = [], 0
        for part in parts:
            cut.append(Chunk("paragraph", None, start, start + len(part), "Document"))
            start += len(part) + 2
        found.append(Prepared("text/plain", None, text, (), (), tuple(cut), (), ()))
    return found


def ours(place: str, prepared: Sequence[Prepared]) -> tuple[float, float]:
    """Return the wall and CPU seconds of writing the documents through `Store`."""
    store = Store(place, "bench")
    began, used = time.perf_counter(), time.process_time()
    for number, each in enumerate(prepared):
        store.put(
            f"{number}.txt", version="v", size=1, fingerprint="1", prepared=each, vectors=None
        )
    took = time.perf_counter() - began, time.process_time() - used
    store.close()
    return took


def raw(place: str, prepared: Sequence[Prepared]) -> tuple[float, float]:
    """Return the wall and CPU seconds of inserting the same texts into SQLite."""
    db = apsw.Connection(place)
    db.execute(_RAW).fetchall()
    began, used = time.perf_counter(), time.process_time()
    first = 1
    for number, each in enumerate(prepared):
        texts = [each.text[c.start : c.end] for c in each.chunks]
        with db:
            rows = [(first + n, f"{number}.txt", n, text) for n, text in enumerate(texts)]
            db.executemany("INSERT INTO chunks VALUES (?, ?, ?, ?)", rows)
            bodies = [(first + n, text) for n, text in enumerate(texts)]
            db.executemany("INSERT INTO fulltext (rowid, body) VALUES (?, ?)", bodies)
        first += len(texts)
    took = time.perf_counter() - began, time.process_time() - used
    db.close()
    return took


def main() -> None:
    """Run the rounds and print the medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--chunks", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--place", help="a PostgreSQL database, in place of a file")
    options = parser.parse_args()
    prepared = documents(options.chunks)
    found: dict[str, list[tuple[float, float]]] = {"ours": []}
    if not options.place:
        found["raw FTS5"] = []
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            found["ours"].append(ours(options.place or f"{folder}/ours.db", prepared))
            if not options.place:
                found["raw FTS5"].append(raw(f"{folder}/raw.db", prepared))
    print("| | chunks/s | chunks/s of CPU |\n|---|---|---|")
    for name, rounds in found.items():
        wall, cpu = (statistics.median(each[n] for each in rounds) for n in (0, 1))
        print(f"| {name} | {options.chunks / wall:,.0f} | {options.chunks / cpu:,.0f} |")


if __name__ == "__main__":
    main()
