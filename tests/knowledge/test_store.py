"""The store: whole sources, replaced and removed without a trace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from knowledge_samples import DERIVED, check, content, put, query, row_tables

from motet.core.documents import Table
from motet.core.errors import UsageError
from motet.knowledge.prepare import prepare
from motet.knowledge.store import Store

PARTS = "part,supplier\nhinge,Nordlicht\nscrew,Kim & Sons\n"


@pytest.fixture
def store(any_store: Store) -> Store:
    return any_store


def found_by(store: Store, *terms: str) -> list[int]:
    """Return the chunks where any of the terms stands, best first."""
    with store.read() as session:
        counts = {}
        for term in terms:
            sql, values = store.dialect.containing(term)
            counts[term] = len(session.rows(sql, values))
        sql, values = store.dialect.matching(terms, counts)
        rows = session.rows(f"SELECT chunk_id FROM ({sql}) f ORDER BY score DESC", values)
    return [each[0] for each in rows]


def left_over(store: Store) -> dict[str, int]:
    tables = ("sources", *DERIVED, "fulltext")
    counts = {name: query(store, f"SELECT count(*) FROM {name}")[0][0] for name in tables}
    found = {name: count for name, count in counts.items() if count}
    return found | dict.fromkeys(row_tables(store), 1)


def test_a_source_comes_back_as_it_was_put(store: Store) -> None:
    put(store, "docs/oak.md", "# Oak\n\nOak is hard.\r\n")
    (source,) = store.sources()
    assert (source.source, source.status, source.chunks) == ("docs/oak.md", "ready", 1)
    assert source.title == "Oak"
    assert store.text("docs/oak.md").text == "# Oak\n\nOak is hard.\r\n"
    assert source.to_json()["reason"] is None
    check(store)


def test_rows_stay_rows(store: Store) -> None:
    put(store, "parts.csv", PARTS)
    (name,) = row_tables(store)
    assert query(store, f"SELECT part, supplier FROM {name}") == [
        ("hinge", "Nordlicht"),
        ("screw", "Kim & Sons"),
    ]
    for start, end, part in query(store, f'SELECT "#start", "#end", part FROM {name}'):
        assert part in PARTS[start:end]


def test_replacing_leaves_nothing_of_the_old(store: Store) -> None:
    put(store, "parts.csv", PARTS)
    put(store, "parts.csv", "part,price\nhinge,5\n")
    assert found_by(store, "Nordlicht") == []
    assert len(row_tables(store)) == 1
    assert len(store.sources()) == 1
    check(store)


def test_removing_leaves_nothing(store: Store) -> None:
    put(store, "parts.csv", PARTS)
    put(store, "oak.md", "# Oak\n\nOak is hard.")
    store.remove("parts.csv")
    store.remove("oak.md")
    assert left_over(store) == {}
    assert found_by(store, "oak", "hinge") == []
    store.remove("never-there.md")
    check(store)


def test_failing_replaces_what_was_there(store: Store) -> None:
    put(store, "parts.csv", PARTS)
    store.fail("parts.csv", version="v", size=3, fingerprint="2", reason="it is damaged")
    (source,) = store.sources()
    assert (source.status, source.reason, source.chunks) == ("failed", "it is damaged", 0)
    assert left_over(store) == {"sources": 1}
    with pytest.raises(UsageError, match="could not be read: it is damaged"):
        store.text("parts.csv")


def test_vectors_go_with_their_source(store: Store) -> None:
    data = b"Oak is hard."
    for text in (data, b"Oak is soft."):
        store.put(
            "oak.txt",
            version=str(text),
            size=len(text),
            fingerprint="1",
            prepared=prepare(text, "oak.txt"),
            vectors=("encoder", np.ones((1, 4), np.float16), [0]),
        )
        assert store.known()["oak.txt"].embedder == "encoder"
    assert query(store, "SELECT count(*) FROM vectors") == [(1,)]
    store.remove("oak.txt")
    assert query(store, "SELECT count(*) FROM vectors") == [(0,)]


def test_a_put_that_fails_changes_nothing(store: Store) -> None:
    put(store, "parts.csv", PARTS)
    before = content(store)
    prepared = prepare(PARTS.encode(), "parts.csv")
    uneven = Table("t", ("a",), prepared.tables[0].rows, prepared.tables[0].row_ranges[:1])
    broken = replace(prepared, tables=(uneven,))
    with pytest.raises(ValueError):
        store.put("parts.csv", version="v", size=1, fingerprint="2", prepared=broken, vectors=None)
    assert content(store) == before
    check(store)


HEADERS = (
    ["name", "name", "NAME", "name 2"],
    ["x", "", "y", "column 2"],
    ['q"uote', "semi;colon?", "select", "rowid"],
    ["#start", "#end", "#", "_rowid_"],
    ["名前", "이름", "İ", "i̇"],
    ["a\tb", "a b", "oid", "-- drop table"],
)


def test_columns_of_any_names(store: Store) -> None:
    for header in HEADERS:
        quoted = ",".join('"' + name.replace('"', '""') + '"' for name in header)
        put(store, "odd.csv", f"{quoted}\n1,2,3,4\n5,6,7,8\n")
        (name,) = row_tables(store)
        assert [each[3:] for each in query(store, f"SELECT * FROM {name}")] == [
            ("1", "2", "3", "4"),
            ("5", "6", "7", "8"),
        ]
    store.remove("odd.csv")
    assert left_over(store) == {}


def test_sources_of_any_names(store: Store) -> None:
    names = ["it's.md", 'a "b".md', "ünï/日本.md", "%_?*.md", "; DROP TABLE sources;.md", " .md"]
    for name in names:
        put(store, name, "Oak is hard.")
        assert store.text(name).source == name
    assert [source.source for source in store.sources()] == sorted(names)
    for name in names:
        store.remove(name)
    assert left_over(store) == {}


def test_a_wrong_source_or_version_says_what_there_is(store: Store) -> None:
    put(store, "docs/oak.md", "Oak is hard.")
    with pytest.raises(UsageError, match=r"no such source \(nearest: docs/oak.md\)"):
        store.text("docs/oka.md")
    with pytest.raises(UsageError, match="version deadbeef is not held"):
        store.text("docs/oak.md", "deadbeef")


def test_two_scopes_share_a_place_and_nothing_else(place: str | Path) -> None:
    first, second = (Store(place, scope) for scope in ("first", "second"))
    put(first, "a.md", "Oak is hard.")
    put(second, "a.md", "Pine is soft.")
    second.add_root("extra")
    assert first.text("a.md").text == "Oak is hard."
    assert first.roots() == []
    before = first.sequence()
    second.remove("a.md")
    assert first.sequence() == before
    assert [source.source for source in first.sources()] == ["a.md"]
    assert second.sources() == []
    first.close()
    second.close()


def test_roots_are_kept_once(store: Store) -> None:
    for path in ("b", "a", "b"):
        store.add_root(path)
    assert store.roots() == ["a", "b"]
    store.drop_root("a")
    assert store.roots() == ["b"]
