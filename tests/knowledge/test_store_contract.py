"""What SQLite and PostgreSQL must do alike: find, keep vectors, hold shared things."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from knowledge_samples import check, content, put, query, row_tables

from motet.core.errors import StoreError
from motet.core.store.sessions import Session
from motet.knowledge.analysis import query_terms
from motet.knowledge.prepare import prepare
from motet.knowledge.store import Given, Store, Written

if TYPE_CHECKING:
    from postgres_server import PostgresServer

TEXTS = {
    "oak.md": "# Oak\n\nOak boards are hard; running a saw through oak wobbles it.",
    "pine.md": "# Pine\n\nPine is softer than oak, it's cheap. Cafés love pine tables.",
    "巴黎.md": "巴黎的家具很贵。파리 가구는 비싸다.",
    "hindi.md": "लकड़ी की मेज मजबूत है। मेज महंगी है।",
    "odd.md": "snake_case don't 3.5mm C++ a'b\\c \"quoted\" & | ! <-> :*",
}
QUESTIONS = (
    "oak",
    "wobbling cafe",
    "巴黎 家具",
    "파리",
    "मेज मजबूत",
    "don't snake_case",
    "a'b\\c",
    "running saws through pine",
)


def scored(store: Store, question: str) -> list[tuple[str, float]]:
    terms = query_terms(question)
    with store.read() as session:
        counts = {}
        for term in terms:
            sql, values = store.dialect.containing(term)
            counts[term] = len(session.rows(sql, values))
        sql, values = store.dialect.matching(terms, counts)
        rows = session.rows(
            f"""SELECT s.source, f.score FROM ({sql}) f JOIN chunks c ON c.id = f.chunk_id
                JOIN versions v ON v.id = c.version_id JOIN sources s ON s.id = v.source_id
                ORDER BY f.score DESC, s.source""",
            values,
        )
    return [(source, round(score, 9)) for source, score in rows]


def test_both_find_the_same(any_store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path / "other.db", "test")
    for store in (any_store, other):
        for source, text in TEXTS.items():
            put(store, source, text)
        put(store, "gone.md", "Oak, oak, oak.")
        store.remove("gone.md")
    for question in QUESTIONS:
        found = scored(any_store, question)
        assert found, question
        assert found == scored(other, question), question
    assert content(any_store) == content(other)
    other.close()


def test_vectors_come_back_bit_by_bit(any_store: Store) -> None:
    data = np.random.default_rng(3).standard_normal((2, 384)).astype(np.float16)
    text = ("Oak is hard. " * 90).encode()
    for name, vectors in (("a.txt", data), ("b.txt", data[:0])):
        any_store.put(
            name,
            version="v",
            size=1,
            fingerprint="1",
            prepared=prepare(text, name),
            vectors=("encoder", vectors, range(len(vectors))),
        )
    assert {each.embedder for each in any_store.known().values()} == {"encoder"}
    versions = [each[0] for each in query(any_store, "SELECT id FROM versions ORDER BY id")]
    with any_store.read() as session:
        ((version, chunks, back),) = any_store.dialect.vectors(session, "encoder", versions)
    assert version == versions[0]
    assert (chunks.tolist(), back.tobytes()) == ([1, 2], data.tobytes())


def link(session: Session, written: Written) -> None:
    """Write a mention of Oak, and a relation that the version supports."""
    session.execute(
        "INSERT INTO producers (operator, version) VALUES ('test', '1') ON CONFLICT DO NOTHING"
    )
    for uid in ("oak", "tree"):
        session.execute(
            """INSERT INTO entities (scope, uid, label, key, name, canonical)
               VALUES ('test', ?1, 'thing', ?1, ?1, 0) ON CONFLICT DO NOTHING""",
            (uid,),
        )
    session.execute("UPDATE entities SET canonical = (SELECT min(id) FROM entities)")
    ids = dict(session.rows("SELECT uid, id FROM entities"))
    session.execute(
        """INSERT INTO mentions (entity_id, version_id, chunk_id, start, "end", score, producer_id)
           VALUES (?, ?, ?, 0, 3, 1.0, 1)""",
        (ids["oak"], written.version_id, written.chunk_ids[0]),
    )
    session.execute(
        """INSERT INTO relations (scope, subject, type, object, source, target, derived)
           VALUES ('test', ?1, 'IS', ?2, ?1, ?1, 0) ON CONFLICT DO NOTHING""",
        (ids["oak"], ids["tree"]),
    )
    session.execute(
        """INSERT INTO evidence (relation_id, version_id, start, "end", given, score, producer_id)
           SELECT id, ?, 0, 3, ?, 1.0, 1 FROM relations""",
        (written.version_id, int(written.source == "first.md")),
    )


def test_shared_things_go_with_their_last_support(any_store: Store) -> None:
    data = b"Oak is a tree."
    for source in ("first.md", "second.md"):
        any_store.put(
            source,
            version="v",
            size=len(data),
            fingerprint="1",
            prepared=prepare(data, source),
            vectors=None,
            given=Given(given_by="ana", publish=False),
            also=[link],
        )
    assert query(any_store, "SELECT given_by, publish FROM sources") == [("ana", 0)] * 2
    assert query(any_store, "SELECT count(*), min(derived) FROM relations") == [(1, 0)]
    any_store.remove("first.md")
    assert query(any_store, "SELECT count(*), min(derived) FROM relations") == [(1, 1)]
    put(any_store, "second.md", "Nothing of it.")
    for table in ("entities", "relations", "mentions", "evidence"):
        assert query(any_store, f"SELECT count(*) FROM {table}") == [(0,)]
    changes = query(any_store, "SELECT source, change, version_id FROM changes ORDER BY sequence")
    assert changes == [
        ("first.md", "put", 1),
        ("second.md", "put", 2),
        ("first.md", "remove", 1),
        ("second.md", "remove", 2),
        ("second.md", "put", 3),
    ]
    check(any_store)


def test_a_writer_beside_that_fails_takes_all_with_it(any_store: Store) -> None:
    def fail(session: Session, written: Written) -> None:
        session.execute("INSERT INTO roots (scope, path) VALUES ('test', 'x')")
        raise RuntimeError("no")

    put(any_store, "oak.md", "Oak is hard.")
    before = content(any_store)
    with pytest.raises(RuntimeError), any_store.write() as session:
        session.execute("INSERT INTO roots (scope, path) VALUES ('test', 'y')")
        any_store.put(
            "oak.md",
            version="w",
            size=1,
            fingerprint="2",
            prepared=prepare(b"Pine.", "oak.md"),
            vectors=None,
            also=[fail],
        )
    assert content(any_store) == before
    assert any_store.roots() == []
    check(any_store)


def test_a_reading_sees_one_moment(any_store: Store) -> None:
    put(any_store, "oak.md", "Oak is hard.")
    with any_store.read() as session:
        before = session.rows("SELECT count(*) FROM sources")
        put(any_store, "pine.md", "Pine is soft.")
        assert session.rows("SELECT count(*) FROM sources") == before
    assert len(any_store.sources()) == 2


def test_many_values_at_once(any_store: Store) -> None:
    for values in ([], [1], [*range(70_000)], ["a'b", 'c"d', "{,}", "巴黎"]):
        some, bound = any_store.among(values)
        with any_store.read() as session:
            sql = f"SELECT count(*) FROM (SELECT 7 AS n UNION SELECT 69999) t WHERE n IN {some}"
            if values and isinstance(values[0], str):
                sql = f"SELECT ?||'' IN {some}"
                assert session.rows(sql, ("巴黎", *bound))[0][0]
            else:
                assert session.rows(sql, bound) == [(2 if len(values) > 9 else 0,)]


def test_wide_tables_and_long_values(any_store: Store) -> None:
    names = [f"c{n}" for n in range(2000)]
    header, values = ",".join(names), ",".join(f"value {n} {'x' * 40}" for n in range(2000))
    put(any_store, "wide.csv", f"{header}\n{values}\n{values}\n")
    (name,) = row_tables(any_store)
    ((number, first, last),) = query(
        any_store, f'SELECT "#number", c0, c1499 FROM {name} WHERE "#number" = 2'
    )
    assert (number, first[:8], last[:10]) == (2, "value 0 ", "value 1499")
    (source,) = any_store.sources()
    assert source.notes == (
        "the table has 2,000 columns: the first 1,500 are columns of its table",
    )
    any_store.remove("wide.csv")
    assert row_tables(any_store) == []


def test_a_character_that_no_database_takes(any_store: Store) -> None:
    rows = "".join(f"hinge {n},Nordlicht\n" for n in range(200))
    put(any_store, "odd.csv", f"part,maker\n{rows}x\0y,2\n")
    assert any_store.text("odd.csv").text.endswith("\nx\ufffdy,2\n")
    (name,) = row_tables(any_store)
    assert query(any_store, f"SELECT part FROM {name} WHERE maker = '2'") == [("x\ufffdy",)]
    check(any_store)


def test_a_server_without_pgvector_says_what_to_install(
    postgres: PostgresServer,
) -> None:
    with pytest.raises(StoreError, match=r"no extension vector .*install pgvector"):
        Store(postgres.database(), "test")
