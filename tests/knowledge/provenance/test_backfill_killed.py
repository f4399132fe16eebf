"""`kill -9` during a backfill: what was derived stays, and the next one does the rest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from motet.knowledge.entities.canonical import graph_hash
from motet.knowledge.entities.extraction import Extractor
from motet.knowledge.entities.graph import Graph
from motet.knowledge.prepare import prepare
from motet.knowledge.provenance.backfill import Backfill
from motet.knowledge.store import Store

COUNT = 24
RUN = """
import sys
from pathlib import Path
from motet.knowledge.entities.extraction import Extractor
from motet.knowledge.entities.graph import Graph
from motet.knowledge.provenance.backfill import Backfill
from motet.knowledge.store import Store
extractor = Extractor()
store = Store(Path(sys.argv[1]), "test")
Backfill(store, Graph(store, lambda: extractor)).run(lambda *done: print(*done, flush=True))
"""


def test_a_backfill_goes_on_after_a_kill(tmp_path: Path) -> None:
    extractor = Extractor()
    store = Store(tmp_path / "store.db", "test")
    graph = Graph(store, lambda: extractor)
    for number in range(COUNT):
        text = f"Table {number} by Stoll GmbH costs {number + 1} euros.\n\n" * 3
        prepared = prepare(text.encode(), f"{number}.txt")
        store.put(
            f"{number}.txt",
            version=str(number),
            size=1,
            fingerprint="",
            prepared=prepared,
            vectors=None,
            also=[graph.writer(prepared, f"{number}.txt")],
        )
    graph.settle()
    before = graph_hash(store)
    with store.write() as session:
        session.execute("UPDATE producers SET version = 'old' WHERE operator = 'extraction'")
    command = [sys.executable, "-c", RUN, str(store.place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(5):
            process.stdout.readline()
        process.kill()
    backfill = Backfill(store, graph)
    left = len(backfill.due())
    assert 0 < left <= COUNT - 5
    assert len(backfill.run().sources) == left
    assert (backfill.due(), graph_hash(store)) == ([], before)
    store.close()
