"""SIGKILL while documents are put: nothing torn, nothing acknowledged lost, ready at once.

A process puts documents with vectors, tables, mentions, relations and evidence, and says after
each that it is done; it is killed at a random moment, again and again, over one growing store.
After each kill: every version has all its rows, every acknowledged document is there and found, and
how long opening the store and a first search take.
`python bench/knowledge/killed.py [--kills 25] [--chunks 100000] [--place postgresql://...]`.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from motet.core.documents import Cell, Table
from motet.core.store.sessions import Session
from motet.knowledge.chunks import Chunk
from motet.knowledge.indexes import Indexes
from motet.knowledge.prepare import Prepared
from motet.knowledge.search import HybridRetriever
from motet.knowledge.store import Store, Written

CHUNKS = 40
"""Chunks of a document, each with a mention and the evidence of a relation."""
ROWS = 7
NEWEST = 500
"""Versions that are looked at after each kill; at the end all are."""
LEAST = 200
"""Chunks from which on the indexes are built."""
DIMENSIONS = 32


def document(number: int) -> Prepared:
    """Return a document that is ready to be put; equal numbers give equal documents."""
    parts = [f"Part {n} of document {number} is made of oak by Nordlicht." for n in range(CHUNKS)]
    text = "\n\n".join(parts)
    chunks, start = [], 0
    for part in parts:
        chunks.append(Chunk("paragraph", None, start, start + len(part), f"Document {number}"))
        start += len(part) + 2
    rows = tuple((Cell(f"{number}-{n}", 0, 4),) for n in range(ROWS))
    table = Table("parts", ("part",), rows, ((0, 4),) * ROWS)
    return Prepared("text/plain", None, text, (), (), tuple(chunks), (table,), ())


def graph(session: Session, written: Written) -> None:
    """Write a mention and a piece of evidence for each chunk."""
    session.execute(
        "INSERT INTO producers (operator, version) VALUES ('killed', '1') ON CONFLICT DO NOTHING"
    )
    ((producer,),) = session.rows("SELECT id FROM producers WHERE operator = 'killed'")
    ids = []
    for uid in ("oak", "nordlicht"):
        session.execute(
            """INSERT INTO entities (scope, uid, label, key, name, canonical)
               VALUES ('killed', ?1, 'thing', ?1, ?1, 0) ON CONFLICT DO NOTHING""",
            (uid,),
        )
        sql = "SELECT id FROM entities WHERE scope = 'killed' AND uid = ?"
        ids.append(session.rows(sql, (uid,))[0][0])
    ((relation,),) = session.rows(
        """INSERT INTO relations (scope, subject, type, object, source, target, derived)
           VALUES ('killed', ?1, 'MADE_BY', ?2, ?1, ?2, 1)
           ON CONFLICT (subject, type, object) DO UPDATE SET derived = 1 RETURNING id""",
        (ids[0], ids[1]),
    )
    session.executemany(
        """INSERT INTO mentions (entity_id, version_id, chunk_id, start, "end", score, producer_id)
           VALUES (?, ?, ?, 0, 3, 1.0, ?)""",
        ((ids[0], written.version_id, chunk, producer) for chunk in written.chunk_ids),
    )
    session.executemany(
        """INSERT INTO evidence (relation_id, version_id, chunk_id, start, "end", given, score,
                                 producer_id) VALUES (?, ?, ?, 0, 3, 0, 1.0, ?)""",
        ((relation, written.version_id, chunk, producer) for chunk in written.chunk_ids),
    )


def put(store: Store, number: int) -> None:
    """Put a document with its graph."""
    data = np.full((CHUNKS, DIMENSIONS), number % 100, np.float16)
    store.put(
        f"{number}.txt",
        version=str(number),
        size=1,
        fingerprint="1",
        prepared=document(number),
        vectors=("killed", data, range(CHUNKS)),
        also=[graph],
    )


class Constant:
    """Stands for an encoder; vectors are not searched here, but indexed."""

    name = "killed"
    dimensions = DIMENSIONS

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return the same vector for each text."""
        return np.full((len(texts), DIMENSIONS), DIMENSIONS**-0.5, np.float32)

    def can_read(self, text: str) -> bool:
        """It reads anything."""
        return True


def indexes_of(store: Store, home: str) -> Indexes:
    """Return the search indexes, also for a store that is small."""
    return Indexes(store, Path(home), least=LEAST)


def absorb(store: Store, home: str) -> None:
    """Keep the indexes up to date for ever."""
    indexes = indexes_of(store, home)
    while True:
        indexes.absorb(Constant.name)


def ingest(place: str, first: int, home: str) -> None:
    """Put documents for ever, replacing some, and acknowledge each."""
    store = Store(place, "killed")
    threading.Thread(target=absorb, args=(store, home), daemon=True).start()
    print("ready", flush=True)
    number = first
    while True:
        put(store, number)
        print(number, flush=True)
        if number % 5 == 0:
            put(store, number // 2)  # replaced by the same: its rows must be whole again
        number += 1


_COUNTS = f"""
    SELECT s.source,
        (SELECT count(*) FROM chunks c WHERE c.version_id = v.id) = {CHUNKS},
        (SELECT count(*) FROM mentions m WHERE m.version_id = v.id) = {CHUNKS},
        (SELECT count(*) FROM evidence e WHERE e.version_id = v.id) = {CHUNKS},
        (SELECT count(*) FROM vectors e WHERE e.version_id = v.id) = 1,
        (SELECT count(*) FROM tables t WHERE t.version_id = v.id) = 1
    FROM sources s LEFT JOIN versions v ON v.source_id = s.id WHERE s.scope = 'killed'
    ORDER BY v.id DESC LIMIT ?"""


def torn(store: Store, newest: int) -> Iterator[str]:
    """Yield what is not whole, of the newest versions and of all full text and changes."""
    with store.read() as session:
        for source, *whole in session.rows(_COUNTS, (newest,)):
            if not all(whole):
                yield f"{source}: {whole}"
        full = "rowid" if store.engine == "sqlite" else "chunk_id"
        queries = {
            "full text without chunk": f"""SELECT count(*) FROM fulltext f
                WHERE NOT EXISTS (SELECT 1 FROM chunks c WHERE c.id = f.{full})""",
            "chunks without full text": f"""SELECT (SELECT count(*) FROM chunks)
                                                - (SELECT count({full}) FROM fulltext)""",
            "changes without version": """SELECT count(*) FROM versions v WHERE NOT EXISTS (
                SELECT 1 FROM changes c WHERE c.version_id = v.id AND c.change = 'put')""",
        }
        for what, sql in queries.items():
            count = session.rows(sql)[0][0]
            if count:
                yield f"{what}: {count}"
        for (table,) in session.rows("SELECT id FROM tables ORDER BY id DESC LIMIT 20"):
            if session.rows(f"SELECT count(*) FROM rows_{table}")[0][0] != ROWS:
                yield f"rows of table {table}"


def kill(place: str, home: str, first: int, most: float) -> list[int]:
    """Run an ingest, kill it at a random moment; return what it acknowledged."""
    command = [sys.executable, __file__, "--ingest", place, str(first), home]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(random.uniform(0, most))
    process.send_signal(signal.SIGKILL)
    said, _ = process.communicate()
    return [int(line) for line in said.splitlines() if line.isdigit()]


def opened(place: str, home: str) -> tuple[Store, HybridRetriever, float]:
    """Open the store and search once; return the seconds that took."""
    began = time.perf_counter()
    store = Store(place, "killed")
    retriever = HybridRetriever(store, Constant, indexes=indexes_of(store, home))
    retriever.search("document 1", k=10, mode="lexical")
    return store, retriever, time.perf_counter() - began


def unfound(retriever: HybridRetriever, numbers: Iterable[int]) -> Iterator[str]:
    """Yield the documents that a search for their number does not find whole."""
    for number in numbers:
        found = retriever.search(f"{number}", k=3 * CHUNKS, mode="lexical")
        chunks = [each for each in found if each.source == f"{number}.txt"]
        if len(chunks) != CHUNKS:
            yield f"document {number}: {len(chunks)} chunks found"


def main() -> None:
    """Fill the store, kill, look, and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--most", type=float, default=1.5, help="seconds until a kill, at most")
    parser.add_argument("--place", help="an empty PostgreSQL database, in place of a file")
    parser.add_argument("--ingest", nargs=3)
    options = parser.parse_args()
    if options.ingest:
        ingest(options.ingest[0], int(options.ingest[1]), options.ingest[2])
    with tempfile.TemporaryDirectory() as folder:
        run(options, options.place or f"{folder}/store.db", folder)


def run(options: argparse.Namespace, place: str, home: str) -> None:
    """Kill as often as asked, and print a table."""
    store = Store(place, "killed")
    count = options.chunks // CHUNKS
    for number in range(count):
        put(store, number)
    store.close()
    kept, broken, lost, slowest = count, 0, 0, 0.0
    for kills in range(1, options.kills + 1):
        acknowledged = kill(place, home, kept, options.most)
        store, retriever, seconds = opened(place, home)
        slowest = max(slowest, seconds)
        known = store.known()
        lost += sum(f"{number}.txt" not in known for number in range(kept))
        lost += sum(f"{number}.txt" not in known for number in acknowledged)
        kept = max([kept - 1, *acknowledged]) + 1
        looked = [*acknowledged[-3:], *random.sample(range(kept), 3)]
        for finding in (*torn(store, NEWEST), *unfound(retriever, looked)):
            print("torn:", finding, file=sys.stderr)
            broken += 1
        if kills % 25 == 0:
            print(f"{kills} kills: {broken} torn, {lost} lost", file=sys.stderr)
        store.close()
    store = Store(place, "killed")
    for finding in (*torn(store, 1 << 30), *store.check()):
        print("torn:", finding, file=sys.stderr)
        broken += 1
    chunks = store.count()
    store.close()
    print("| kills | torn | lost | chunks at the end | slowest to be ready, ms |")
    print("|---|---|---|---|---|")
    print(f"| {options.kills} | {broken} | {lost} | {chunks:,} | {1000 * slowest:.0f} |")


if __name__ == "__main__":
    main()
