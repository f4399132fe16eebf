"""SQL over tables: the same answers on both stores, and nothing but these tables."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from knowledge_samples import put

from motet.core.errors import StoreError, TimedOut, UsageError
from motet.knowledge.prepare import prepare
from motet.knowledge.provenance.viewer import Viewer
from motet.knowledge.store import Given, Store
from motet.knowledge.tables import Tables
from motet.knowledge.tables.typing import inferred

PARTS = "SKU,Part No,price,stock,supplier\nA1,007,12.5,3,1\nB2,008,,10,2\nC3,009,7,0,1\n"


@pytest.fixture
def tables(any_store: Store) -> Tables:
    """Three tables of a scope, beside prose and another scope's table."""
    put(any_store, "data/parts.csv", PARTS)
    put(any_store, "suppliers.csv", "id,name\n1,Holz AG\n2,Metall SE\n")
    put(any_store, "old/parts.csv", "a,b\n1,x\n")
    put(any_store, "note.md", "Nothing to see here.")
    any_store.scope = "other"
    put(any_store, "salaries.csv", "who,pay\nAna,10\n")
    any_store.scope = "test"
    return Tables(any_store)


ANSWERS = {
    'SELECT * FROM "data/parts.csv" ORDER BY price': [
        ("B2", "008", None, 10, 2),
        ("C3", "009", 7.0, 0, 1),
        ("A1", "007", 12.5, 3, 1),
    ],
    """SELECT name, count(*), sum(stock) FROM "data/parts.csv" JOIN suppliers ON id = supplier
       GROUP BY name ORDER BY 2 DESC""": [("Holz AG", 2, 3), ("Metall SE", 1, 10)],
    'WITH p AS (SELECT price FROM "data/parts.csv") SELECT avg(price), count(price) FROM p': [
        (9.75, 2)
    ],
    "SELECT name FROM suppliers.csv WHERE name LIKE '%ag' AND id = '1'": [("Holz AG",)],
    "SELECT stock / 4, stock % 4, round(price, 1) FROM \"data/parts.csv\" WHERE sku = 'B2'": [
        (2, 2, None)
    ],
    'SELECT sku FROM "data/parts.csv" WHERE "Part No" = 7': [],
    "SELECT group_concat(id), max(name) FROM suppliers": [("1,2", "Metall SE")],
    "SELECT id FROM suppliers WHERE id > 1 UNION SELECT 9 ORDER BY 1": [(2,), (9,)],
    """SELECT name, row_number() OVER (ORDER BY id DESC) AS n FROM suppliers ORDER BY n""": [
        ("Metall SE", 1),
        ("Holz AG", 2),
    ],
}


def test_both_stores_answer_alike(tables: Tables) -> None:
    for sql, rows in ANSWERS.items():
        assert list(tables.query(sql).rows) == rows, sql


def test_an_answer_tells_types_and_the_rows_it_is(tables: Tables) -> None:
    found = tables.query('SELECT "part no", stock * 2 FROM "data/parts.csv" WHERE stock < 5')
    assert [(c.name, c.type) for c in found.columns] == [
        ("Part No", "text"),
        ("stock * 2", "integer"),
    ]
    assert found.places is not None
    place = found.places[1]
    assert (place.source, place.number) == ("data/parts.csv", 3)
    assert PARTS[place.start : place.end].startswith("C3,009")
    assert tables.query("SELECT count(*) FROM suppliers").places is None
    assert tables.query("SELECT id FROM suppliers", limit=1).cut


ATTACKS = (
    "SELECT * FROM sources",
    "SELECT * FROM motet.sources",
    "SELECT * FROM main.sources",
    "SELECT * FROM rows_1",
    "SELECT * FROM sqlite_schema",
    "SELECT * FROM pg_catalog.pg_authid",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM salaries",
    "SELECT * FROM suppliers WHERE id IN (SELECT id FROM sources)",
    "SELECT (SELECT text FROM versions) FROM suppliers",
    "WITH s AS (SELECT * FROM chunks) SELECT * FROM s",
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
    "SELECT * FROM pragma_table_info('sources')",
    "SELECT * FROM json_each('[1]')",
    "SELECT load_extension('x')",
    "SELECT readfile('/etc/passwd')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT query_to_xml('select * from motet.sources', true, true, '')",
    "SELECT set_config('search_path', 'motet', false)",
    "SELECT pg_sleep(100)",
    "SELECT randomblob(1000000000)",
    "ATTACH DATABASE 'x.db' AS y",
    "PRAGMA writable_schema = 1",
    "DELETE FROM suppliers",
    "UPDATE suppliers SET id = 1",
    "INSERT INTO suppliers VALUES (1, 'x')",
    "SELECT 1; DROP TABLE sources",
    "CREATE TABLE x AS SELECT 1",
    "DROP TABLE sources",
    "SELECT * INTO x FROM suppliers",
    "COPY suppliers TO '/tmp/x'",
    "VACUUM INTO 'x'",
    "EXPLAIN SELECT 1",
    "SELECT nobody FROM suppliers",
    "SELECT * FROM parts",
    "",
)


def test_everything_but_reading_these_tables_is_refused(tables: Tables) -> None:
    for sql in ATTACKS:
        with pytest.raises(UsageError):
            tables.query(sql)
    assert len(tables.query("SELECT * FROM suppliers").rows) == 2


def test_sqlite_itself_reads_nothing_else(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.db", "test")
    put(store, "a.csv", "x\n1\n")
    for sql in (
        "SELECT * FROM sources",
        "SELECT count(*) FROM sqlite_schema",
        "SELECT load_extension('x')",
        "PRAGMA query_only = OFF",
        "ATTACH ':memory:' AS other",
        "DROP TABLE rows_1",
        "CREATE TEMP TABLE x (y)",
    ):
        with pytest.raises(StoreError), store.restricted(["rows_1"], 5) as session:
            session.rows(sql)
    with store.restricted(["rows_1"], 5) as session:
        assert session.rows("SELECT x FROM rows_1") == [("1",)]
    assert store.sources()
    store.close()


def test_another_persons_tables_are_not_there(any_store: Store) -> None:
    memory = Given(kind="memory", owner="ana")
    data = b"a\n1\n"
    any_store.put(
        "hers.csv",
        version=sha256(data).hexdigest(),
        size=len(data),
        fingerprint="1",
        prepared=prepare(data, "hers.csv"),
        vectors=None,
        given=memory,
    )
    assert Tables(any_store, Viewer("ana")).query("SELECT a FROM hers").rows == ((1,),)
    with pytest.raises(UsageError, match="no table is called hers"):
        Tables(any_store, Viewer("bo")).query("SELECT a FROM hers")


def test_a_product_of_everything_ends(tables: Tables, any_store: Store) -> None:
    put(any_store, "n.csv", "n\n" + "\n".join(str(n) for n in range(300)) + "\n")
    with pytest.raises(TimedOut):
        tables.query("SELECT count(*) FROM n a, n b, n c, n d WHERE a.n < d.n", seconds=0.2)


def test_a_predicate_finds_rows(tables: Tables, any_store: Store) -> None:
    with any_store.read() as session:
        found = tables.rows_matching(session, "data/parts.csv: price < 10 OR stock = 10")
        assert [number for _, number in found] == [2, 3]
        for predicate in ("price < 10", "nobody: 1 = 1", "suppliers: id IN (SELECT 1)) OR (1"):
            with pytest.raises(UsageError):
                tables.rows_matching(session, predicate)


@settings(max_examples=30)
@given(st.text(max_size=60))
def test_any_text_is_answered_or_refused(text: str) -> None:
    from motet.knowledge.tables.catalogue import Names
    from motet.knowledge.tables.statement import prepared

    for sql in (text, f"SELECT {text}"):
        try:
            prepared(sql, Names((), {}), "postgres", limit=10)
        except UsageError as error:
            assert "\n" not in str(error)


def test_types_are_told_from_all_values() -> None:
    rows = [("1", "007", "1.5", "", "x"), (" -2 ", "8", "3", None, "1")]
    assert inferred(rows, 5) == ["integer", "text", "real", "text", "text"]
