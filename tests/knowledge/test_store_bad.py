"""Stores of an older version, cut off, held by readers, or gone while written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from knowledge_samples import check, content, put, query

from motet.core.errors import StoreError
from motet.core.store import Database
from motet.core.store.sessions import Session
from motet.knowledge.prepare import prepare
from motet.knowledge.schema import APPLICATION_ID, MIGRATIONS
from motet.knowledge.store import Store, Written

if TYPE_CHECKING:
    from postgres_server import PostgresServer

FIRST = """
INSERT INTO sources VALUES (1, 'test', 'parts.csv', 'ready', NULL, 'v', 9, '1', 5.0);
INSERT INTO versions VALUES (4, 1, 'v', 'text/csv', NULL, 'part\nhinge\n', '[]', '[]', 'x/1');
INSERT INTO chunks VALUES (7, 4, 'row', NULL, 5, 10, 'parts', 'hinge', 'part: hinge', NULL);
INSERT INTO fulltext (rowid, body) VALUES (7, 'parts part: hinge');
INSERT INTO tables VALUES (3, 4, 'parts', NULL, '["part","odd name?"]');
CREATE TABLE rows_3 ("#start" INTEGER, "#end" INTEGER, "part", "odd name?");
INSERT INTO rows_3 VALUES (5, 10, 'hinge', NULL);
INSERT INTO changes (scope, source, change) VALUES ('test', 'parts.csv', 'put');
"""


def test_a_store_of_the_first_version_keeps_everything(tmp_path: Path) -> None:
    old = Database(tmp_path / "store.db", MIGRATIONS[:1], application_id=APPLICATION_ID)
    with old.write() as db:
        db.execute(FIRST).fetchall()
    old.close()
    store = Store(tmp_path / "store.db", "test")
    check(store)
    assert query(store, "SELECT * FROM rows_3") == [(1, 5, 10, "hinge", None)]
    assert store.known()["parts.csv"].extractor == "x/1"
    put(store, "oak.md", "Oak is hard.")
    assert query(store, "SELECT max(id) FROM chunks") == [(8,)]
    store.remove("parts.csv")
    check(store)
    store.close()


def test_a_store_of_a_newer_version_is_left_alone(place: str | Path) -> None:
    Store(place, "test").close()
    if isinstance(place, Path):
        newer = Database(place, MIGRATIONS, application_id=APPLICATION_ID)
        with newer.write() as db:
            db.execute("PRAGMA user_version = 99")
        newer.close()
    else:
        with psycopg.connect(place) as connection:
            connection.execute("UPDATE motet_knowledge.knowledge_version SET number = 99")
    with pytest.raises(StoreError, match="the store has schema 99, this Motet knows"):
        Store(place, "test")


@pytest.mark.parametrize("kept", [0.1, 0.6, 0.97])
def test_a_file_that_was_cut_off(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "store.db"
    store = Store(path, "test")
    for number in range(30):
        put(store, f"{number}.md", f"# Page {number}\n\n" + "Oak is hard. " * 300)
    store.close()
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(StoreError, match="the store is damaged"):
        look(path)


def look(path: Path) -> None:
    """Read all that a store holds. Raises `StoreError` where it is damaged."""
    store = Store(path, "test")
    try:
        for source in store.sources():
            store.text(source.source)
        if store.check():
            raise StoreError("the store is damaged")
    finally:
        store.close()


def test_readers_that_stay_keep_no_writer_waiting(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = Store(path, "test")
    text = "# Page\n\n" + "Oak is hard, and Nordlicht makes doors of it. " * 8000
    with store.read() as session:
        assert session.rows("SELECT count(*) FROM sources") == [(0,)]
        for number in range(6):
            put(store, f"{number}.md", text)
        assert session.rows("SELECT count(*) FROM sources") == [(0,)]
    log = Path(f"{path}-wal")
    long = log.stat().st_size
    for _ in range(2):
        put(store, "more.md", text)
    put(store, "last.md", text)
    assert log.stat().st_size <= 1.5 * long  # it began anew
    check(store)
    store.close()


def test_a_server_that_goes_while_a_document_is_written(pgvector: PostgresServer) -> None:
    store = Store(pgvector.database(), "test")
    put(store, "oak.md", "Oak is hard.")
    before = content(store)

    def end(session: Session, written: Written) -> None:
        ((process,),) = session.rows("SELECT pg_backend_pid()")
        pgvector.execute(f"SELECT pg_terminate_backend({process}, 5000)")
        session.rows("SELECT 1")

    with pytest.raises(StoreError, match="the database does not answer"):
        store.put(
            "oak.md",
            version="w",
            size=1,
            fingerprint="2",
            prepared=prepare(b"Pine.", "oak.md"),
            vectors=None,
            also=[end],
        )
    assert content(store) == before
    put(store, "pine.md", "Pine is soft.")
    check(store)
    store.close()


def test_a_server_that_is_killed_and_starts_again(mortal_pgvector: PostgresServer) -> None:
    store = Store(mortal_pgvector.database(), "test")
    put(store, "oak.md", "Oak is hard.")
    mortal_pgvector.stop()
    for act in (store.sources, lambda: put(store, "pine.md", "Pine is soft.")):
        with pytest.raises(StoreError, match="the database does not answer"):
            act()
    mortal_pgvector.start()
    assert [source.source for source in store.sources()] == ["oak.md"]
    put(store, "pine.md", "Pine is soft.")
    check(store)
    store.close()
