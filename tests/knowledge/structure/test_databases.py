"""Tables of other people's databases as sources: read live, kept apart, never written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import apsw
import pytest

from motet.core.errors import UsageError
from motet.knowledge.ingest import Ingest, IngestReport
from motet.knowledge.provenance.policy import Policy
from motet.knowledge.store import Store
from motet.knowledge.structure.databases import Database, Databases
from motet.knowledge.structure.proposals import Proposals

if TYPE_CHECKING:
    from postgres_server import PostgresServer

TABLES = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, since DATE);
INSERT INTO customer VALUES (1, 'Ana', '2020-01-02'), (2, 'Bo', NULL), (3, 'Chen', '2021-05-06');
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, total NUMERIC(10,2));
INSERT INTO orders VALUES (10, 1, 12.50), (11, 1, 3.00), (12, 3, 8.25);
CREATE TABLE "drop ""table"" x" (a TEXT);
INSERT INTO "drop ""table"" x" VALUES ('b'), ('a');
"""


class Shop:
    """A store that reads one database."""

    def __init__(self, folder: Path, place: str, only: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.store = Store(folder / "home" / "store.db", "shop")
        self._declared = [Database(place, only)]

    def ingest(self) -> IngestReport:
        databases = Databases(self._declared, self.folder)
        ingest = Ingest(self.store, self.folder, lambda: None, databases=databases)
        report = ingest.run([])
        assert not ingest.pending([]).any
        return report


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    apsw.Connection(str(tmp_path / "shop.db")).execute(TABLES)
    made = Shop(tmp_path, "./shop.db")
    yield made
    made.store.close()


def test_each_table_is_a_source_whose_rows_are_lines(shop: Shop) -> None:
    assert shop.ingest().added == [
        "shop.db#customer",
        'shop.db#drop "table" x',
        "shop.db#orders",
    ]
    text = shop.store.text("shop.db#customer").text
    assert text.splitlines()[:2] == ["id | name | since", "1 | Ana | 2020-01-02"]
    assert shop.store.text('shop.db#drop "table" x').text.splitlines() == ["a", "a", "b"]
    plan = Proposals(shop.store).propose()[0].plan
    assert ("order", "customer", "customer") in plan.relations
    with shop.store.read() as session:
        assert session.rows("SELECT DISTINCT kind FROM sources") == [("database",)]


def test_only_what_changed_is_read_anew(shop: Shop) -> None:
    shop.ingest()
    assert shop.ingest().touched == 0
    db = apsw.Connection(str(shop.folder / "shop.db"))
    db.execute("UPDATE customer SET name = 'Anna' WHERE id = 1; DROP TABLE orders")
    report = shop.ingest()
    assert (report.changed, report.removed) == (["shop.db#customer"], ["shop.db#orders"])
    assert report.unchanged == 1


def test_a_database_that_is_gone_takes_nothing_with_it(shop: Shop) -> None:
    shop.ingest()
    (shop.folder / "shop.db").rename(shop.folder / "away.db")
    report = shop.ingest()
    assert report.failed == [("shop.db", "no such database file")]
    assert report.removed == []
    assert shop.store.text("shop.db#orders").text


@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\0 cut"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.db").write_bytes(content)
    shop = Shop(tmp_path, "bad.db")
    [(name, reason)] = shop.ingest().failed
    assert (name, reason) == ("bad.db", "this is no SQLite database")
    shop.store.close()


def test_tables_are_chosen_by_pattern(shop: Shop) -> None:
    chosen = Shop(shop.folder, "shop.db", ("cust*",))
    assert chosen.ingest().added == ["shop.db#customer"]
    chosen.store.close()


def test_what_is_read_live_does_not_expire() -> None:
    with pytest.raises(UsageError, match="does not expire"):
        Databases([Database("shop.db", policy=Policy(expires=60.0))], Path())


def test_postgres_is_read_live(tmp_path: Path, postgres: PostgresServer) -> None:
    import psycopg

    url = postgres.database()
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in TABLES.split(";\n"):
            connection.execute(statement.encode())
        connection.execute("CREATE SCHEMA other CREATE TABLE things (k text)")
    shop = Shop(tmp_path, url)
    found = shop.ingest()
    assert found.failed == []
    names = [source.partition("#")[2] for source in found.added]
    assert names == ["customer", 'drop "table" x', "orders", "other.things"][: len(names)]
    orders = next(each for each in found.added if each.endswith("#orders"))
    assert "motet@" not in orders
    assert shop.store.text(orders).text.splitlines()[1] == "10 | 1 | 12.50"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO orders VALUES (13, 2, 1)")
        connection.execute("SELECT pg_stat_force_next_flush()")
    assert shop.ingest().changed == [orders]
    shop.store.close()
