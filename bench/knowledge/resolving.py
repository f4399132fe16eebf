"""What it costs to resolve the entities of a document, the first and the thousand-and-first.

    python bench/knowledge/resolving.py --data DIR [--names 3] [--documents 1101] [--place PLACE]

`--data` holds `entities/er_magellan/Structured/DBLP-ACM`, whose authors are the entities: each
document names some that no document before it named. CPU seconds of this process, medians.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from magellan import load

from motet.core.graph import Entity, Mention, Producer
from motet.core.store.sessions import Session
from motet.knowledge.entities.writing import Rows
from motet.knowledge.prepare import prepare
from motet.knowledge.resolve.resolution import Resolution
from motet.knowledge.store import Store, Written

MADE = Producer("bench", "1")


def put(store: Store, source: str, names: Sequence[str]) -> None:
    """Put a document that names people."""
    entities = [Entity.named("person", name) for name in names]

    def write(session: Session, written: Written) -> None:
        rows = Rows(session, store.dialect, store.scope, written.version_id, written.table_ids)
        rows.entities(set(entities))
        rows.producers([MADE])
        rows.mentions(written.chunk_ids[0], [Mention(e, 0, 3, 1.0, MADE) for e in entities])

    text = "; ".join(names)
    store.put(
        source,
        version=source,
        size=len(text),
        fingerprint="",
        prepared=prepare(text.encode(), source),
        vectors=None,
        also=[write],
    )


def main() -> None:
    """Print the cost of each hundred documents."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--names", type=int, default=3)
    parser.add_argument("--documents", type=int, default=1101)
    parser.add_argument("--place", help="default: a SQLite file that goes away")
    asked = parser.parse_args()
    pairs = load(asked.data / "entities/er_magellan/Structured", "DBLP-ACM")
    people = sorted(
        {
            name.strip()
            for record in [*pairs.left, *pairs.right]
            for name in record.fields["authors"].split(" , ")
            if name.strip()
        }
    )
    np.random.default_rng(0).shuffle(people)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(asked.place or Path(folder) / "store.db", "bench")
        resolution = Resolution(store)
        spent = []
        for number in range(min(asked.documents, len(people) // asked.names)):
            names = people[number * asked.names : (number + 1) * asked.names]
            put(store, f"{number}.txt", names)
            began = time.process_time()
            resolution.settle()
            spent.append(time.process_time() - began)
        sql = """SELECT count(*), count(DISTINCT canonical), (SELECT count(*) FROM pairs)
                 FROM entities"""
        with store.read() as session:
            ((entities, things, scored),) = session.rows(sql)
        store.close()
    print(f"{len(spent)} documents, {entities} entities, {things} things, {scored} pairs kept")
    print("| documents | median ms |\n|---|---|")
    for first in range(0, len(spent), 100):
        some = spent[first : first + 100]
        print(f"| {first + 1} to {first + len(some)} | {1000 * statistics.median(some):.1f} |")


if __name__ == "__main__":
    main()
