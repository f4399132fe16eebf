"""True deletion from the store: no byte of a source is left, in a file or in a server's."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from knowledge_samples import query

from motet.knowledge.entities.extraction import Extractor
from motet.knowledge.entities.graph import Graph
from motet.knowledge.prepare import prepare
from motet.knowledge.provenance.erasure import Erasure
from motet.knowledge.store import Store

WORDS = [f"{secrets.token_hex(4)}wood" for _ in range(60)]
SECRET = f"Mrs {WORDS[0].title()} of {WORDS[1].title()} GmbH. {' '.join(WORDS)}.\n"
SHARED = "The oak table costs 500 euros at Stoll GmbH."


def put(store: Store, graph: Graph, name: str, text: str) -> bytes:
    """Put a document with a random vector; return the vector's bytes."""
    prepared = prepare(text.encode(), name)
    data = np.random.default_rng(len(text)).normal(size=(1, 384)).astype(np.float16)
    store.put(
        name,
        version=f"{name}-1",
        size=1,
        fingerprint="",
        prepared=prepared,
        vectors=("encoder", data, [0]),
        also=[graph.writer(prepared, name)],
    )
    return data.tobytes()


def files_of(store: Store, folder: Path) -> Iterator[Path]:
    """Yield the files that hold a store's data: of a server, those of its database."""
    if store.engine == "sqlite":
        yield from (each for each in folder.rglob("*") if each.is_file())
        return
    ((data, oid),) = query(
        store,
        """SELECT current_setting('data_directory'), oid FROM pg_database
           WHERE datname = current_database()""",
    )
    yield from (each for each in Path(data, "base", str(oid)).iterdir() if each.is_file())


def left(store: Store, folder: Path, *signs: bytes) -> list[bytes]:
    if store.engine == "postgres":
        with store.read() as session:
            session.rows("SELECT 1")
        from psycopg import connect

        with connect(str(store.place), autocommit=True) as connection:
            connection.execute("CHECKPOINT")
    found = [each.read_bytes() for each in files_of(store, folder)]
    return [sign for sign in signs if any(sign in data for data in found)]


def test_no_byte_of_a_deleted_source_is_left(any_store: Store, tmp_path: Path) -> None:
    extractor = Extractor()
    graph = Graph(any_store, lambda: extractor)
    vector = put(any_store, graph, "secret.txt", f"{SECRET}{SHARED}")
    put(any_store, graph, "open.txt", SHARED)
    signs = [each.encode() for each in WORDS]
    assert left(any_store, tmp_path, *signs)
    erasure = Erasure(any_store)
    held = erasure.held("secret.txt")
    assert held is not None
    traces = erasure.traces(held)
    assert traces.stand_in(f'{{"answer": "It says: {" ".join(WORDS[3:8]).upper()}\\n"}}')
    assert not traces.stand_in(f"{SHARED} {SHARED}")
    assert vector[:32] in held.signs
    erasure.hide("secret.txt")
    assert publicly(any_store) == ["open.txt"]
    erasure.remove(held, traces)
    erasure.compact()
    assert left(any_store, tmp_path, *signs, vector[:64], b"secret.txt") == []
    names = [row[0] for row in query(any_store, "SELECT name FROM entities ORDER BY name")]
    assert "Stoll GmbH" in names
    assert not any(word in name.lower() for word in WORDS for name in names)


def publicly(store: Store) -> list[str]:
    from motet.knowledge.provenance.policy import publishable

    return [each.source for each in publishable(store)]
