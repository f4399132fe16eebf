"""Many processes on one store: documents a second, and how long anybody waits.

Writers put small documents (one chunk of some 300 characters, with full text) and readers
search, each in a process of its own, first through `Store`, then through raw SQLite with FTS5
and a busy timeout, alternating. `python bench/knowledge/crowd.py [--writers 4] [--readers 8]
[--seconds 10] [--rounds 3] [--asks 10] [--place postgresql://...]`. A reader asks ten times
a second; `--asks 0` lets it ask without a pause, which on few cores measures the scheduler.
With `--hold`, one more reader holds one snapshot from the beginning to the end.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import apsw

sys.path.insert(0, str(Path(__file__).parents[1]))
from synthetic import Corpus

from motet.knowledge.analysis import query_terms
from motet.knowledge.prepare import Prepared, prepare
from motet.knowledge.store import Store

DOCUMENTS = 200
"""Different documents of a writer; they are put again and again under new names."""
_RAW = """
CREATE TABLE IF NOT EXISTS sources (id INTEGER PRIMARY KEY, source TEXT UNIQUE, text TEXT);
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY, source INTEGER REFERENCES sources, text TEXT);
CREATE VIRTUAL TABLE IF NOT EXISTS fulltext USING fts5 (
    body, content = '', contentless_delete = 1,
    tokenize = "porter unicode61 remove_diacritics 2");
"""


class Ours:
    """Puts and searches through `Store`."""

    def __init__(self, place: str) -> None:
        self._store = Store(place, "bench")

    def put(self, name: str, prepared: Prepared) -> None:
        """Put a document, whole or not at all."""
        self._store.put(name, version="v", size=1, fingerprint="1", prepared=prepared, vectors=None)

    def hold(self, seconds: float) -> None:
        """Hold a snapshot."""
        with self._store.read() as session:
            session.rows("SELECT count(*) FROM sources")
            time.sleep(seconds)

    def search(self, question: str) -> int:
        """Return how many chunks were found of the ten best."""
        terms = query_terms(question)
        sql, values = self._store.dialect.matching(terms, dict.fromkeys(terms, 10))
        with self._store.read() as session:
            found = session.rows(
                f"""SELECT c.text, f.score FROM ({sql}) f JOIN chunks c ON c.id = f.chunk_id
                    ORDER BY f.score DESC LIMIT 10""",
                values,
            )
        return len(found)


class Raw:
    """Does the same with SQLite itself."""

    def __init__(self, place: str) -> None:
        self._db = apsw.Connection(place)
        self._db.set_busy_timeout(60_000)
        self._db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL").fetchall()
        self._db.execute(_RAW)

    def put(self, name: str, prepared: Prepared) -> None:
        """Put a document in one transaction."""
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO sources (source, text) VALUES (?, ?)", (name, prepared.text))
        source = db.last_insert_rowid()
        for chunk in prepared.chunks:
            text = prepared.text[chunk.start : chunk.end]
            db.execute("INSERT INTO chunks (source, text) VALUES (?, ?)", (source, text))
            key = db.last_insert_rowid()
            db.execute("INSERT INTO fulltext (rowid, body) VALUES (?, ?)", (key, text))
        db.execute("COMMIT")

    def hold(self, seconds: float) -> None:
        """Hold a snapshot."""
        with self._db:
            self._db.execute("SELECT count(*) FROM sources").fetchall()
            time.sleep(seconds)

    def search(self, question: str) -> int:
        """Return how many chunks were found of the ten best."""
        match = " OR ".join(f'"{term}"' for term in query_terms(question))
        sql = """SELECT c.text, f.rank FROM fulltext f JOIN chunks c ON c.id = f.rowid
                 WHERE fulltext MATCH ? ORDER BY f.rank LIMIT 10"""
        return len(self._db.execute(sql, (match,)).fetchall())


KINDS: dict[str, Callable[[str], Ours | Raw]] = {"ours": Ours, "raw": Raw}


def work(kind: str, place: str, role: str, number: int, seconds: float, asks: float) -> None:
    """Write or read until the time is over; print how often, and the waits in seconds."""
    corpus = Corpus(seed=number)
    texts = [each[:300] for each in corpus.documents(DOCUMENTS, 1)]
    prepared = [prepare(text.encode(), "note.txt") for text in texts]
    questions = [corpus.question() for _ in range(DOCUMENTS)]
    base = KINDS[kind](place)
    base.search(questions[0])
    print("ready", flush=True)
    sys.stdin.readline()
    if role == "holder":
        base.hold(seconds)
    waits = []
    until = time.monotonic() + seconds
    while role != "holder" and (began := time.monotonic()) < until:
        turn = len(waits)
        if role == "writer":
            base.put(f"{number}/{turn}.txt", prepared[turn % DOCUMENTS])
        else:
            base.search(questions[turn % DOCUMENTS])
        waits.append(time.monotonic() - began)
        if role == "reader" and asks:
            time.sleep(1 / asks)
    print(json.dumps(waits), flush=True)


def crowd(kind: str, place: str, options: argparse.Namespace) -> dict[str, float]:
    """Run one crowd; return its figures."""
    roles = ["writer"] * options.writers + ["reader"] * options.readers
    roles += ["holder"] * options.hold
    KINDS[kind](place)
    crew = [
        subprocess.Popen(
            [
                sys.executable,
                __file__,
                "--work",
                kind,
                place,
                role,
                str(n),
                str(options.seconds),
                str(options.asks),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n, role in enumerate(roles)
    ]
    for each in crew:
        assert each.stdout is not None
        each.stdout.readline()
    answers = []
    for each in crew:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    for each in crew:
        answers.append(json.loads(each.communicate()[0]))
    writes = [
        wait for role, each in zip(roles, answers, strict=True) if role == "writer" for wait in each
    ]
    reads = [
        wait for role, each in zip(roles, answers, strict=True) if role == "reader" for wait in each
    ]
    return {
        "documents/s": len(writes) / options.seconds,
        "write p50 ms": 1000 * statistics.median(writes),
        "write p99 ms": 1000 * sorted(writes)[int(len(writes) * 0.99)],
        "write max ms": 1000 * max(writes),
        "searches/s": len(reads) / options.seconds,
        "search max ms": 1000 * max(reads, default=0.0),
    }


def main() -> None:
    """Run the rounds and print their medians; of the longest waits, the longest."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--asks", type=float, default=10, help="searches of a reader a second")
    parser.add_argument("--hold", action="store_true")
    parser.add_argument("--place", help="a PostgreSQL database, in place of a file")
    parser.add_argument("--work", nargs=6)
    options = parser.parse_args()
    if options.work:
        kind, place, role, number, seconds, asks = options.work
        work(kind, place, role, int(number), float(seconds), float(asks))
        return
    kinds = ("ours",) if options.place else tuple(KINDS)
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    for _ in range(options.rounds):
        for kind in kinds:
            with tempfile.TemporaryDirectory() as folder:
                place = options.place or f"{folder}/crowd.db"
                found[kind].append(crowd(kind, place, options))
                print(kind, {k: round(v, 1) for k, v in found[kind][-1].items()}, file=sys.stderr)
    names = list(found["ours"][0])
    print(f"| | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for kind, rounds in found.items():
        cells = []
        for name in names:
            values = [each[name] for each in rounds]
            cells.append(f"{max(values) if 'max' in name else statistics.median(values):,.1f}")
        print(f"| {kind} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
