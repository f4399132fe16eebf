"""Moving a store between SQLite and PostgreSQL: everything arrives, or nothing does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from knowledge_samples import check, content, put, query
from test_store_contract import TEXTS, link, scored

from motet.core.errors import UsageError
from motet.core.store.sessions import Session
from motet.knowledge.prepare import prepare
from motet.knowledge.store import Given, Store
from motet.knowledge.store.moving import Moving

if TYPE_CHECKING:
    from postgres_server import PostgresServer


@pytest.fixture
def stores(tmp_path: Path, pgvector: PostgresServer) -> Iterator[list[Store]]:
    """A SQLite file with something of every kind, an empty database, and an empty file."""
    made = [
        Store(place, "test")
        for place in (tmp_path / "old.db", pgvector.database(), tmp_path / "new.db")
    ]
    fill(made[0])
    yield made
    for store in made:
        store.close()


def fill(store: Store) -> None:
    for source, text in TEXTS.items():
        put(store, source, text)
    put(store, "parts.csv", "part,#start\nhinge,\"a 'quoted' one\"\nscrew,\n")
    wide = ",".join(f"c{n}" for n in range(700))
    put(store, "wide.csv", f"{wide}\n{wide}\n")
    store.fail("bad.pdf", version="v", size=3, fingerprint="1", reason="it is damaged")
    data = np.random.default_rng(1).standard_normal((1, 16)).astype(np.float16)
    for name, vectors in (("a.txt", data), ("none.txt", data[:0])):
        store.put(
            name,
            version="v",
            size=1,
            fingerprint="1",
            prepared=prepare(b"Oak is hard.", name),
            vectors=("encoder", vectors, range(len(vectors))),
            given=Given(owner="ana", given_at=1.5, expires=2e9),
            also=[link],
        )
    store.add_root("extra")
    put(store, "gone.md", "Gone.")
    store.remove("gone.md")


def test_there_and_back_again(stores: list[Store]) -> None:
    old, database, new = stores
    there = Moving(old, database, lambda scope: f"{scope}@here").run()
    away = Store(database.place, "test@here")
    assert content(away) == content(old)
    check(away)
    assert scored(away, "oak wobbling") == scored(old, "oak wobbling")
    back = Moving(database, new, lambda scope: scope.removesuffix("@here")).run()
    assert (back.rows, back.rows["evidence"]) == (there.rows, 2)
    assert content(new) == content(old)
    check(new)
    for sql in ("changes", "mentions", "relations", "entities", "roots", "numbers", "producers"):
        every = f"SELECT * FROM {sql} ORDER BY 1, 2"
        assert query(new, every) == query(old, every), sql
    for store in (old, away, new):  # numbers go on where they were, none is given twice
        put(store, "next.md", "Next.")
    last = "SELECT max(v.id), max(c.id) FROM versions v JOIN chunks c ON c.version_id = v.id"
    assert query(old, last) == query(away, last) == query(new, last)
    away.close()


def test_only_an_empty_place_is_moved_to(stores: list[Store]) -> None:
    old, _, new = stores
    put(new, "there.md", "Already.")
    with pytest.raises(UsageError, match="the new place holds knowledge already"):
        Moving(old, new).run()
    with pytest.raises(UsageError, match="where the knowledge is already"):
        Moving(old, old).run()
    assert [source.source for source in new.sources()] == ["there.md"]


def test_a_move_that_fails_leaves_the_new_place_empty(
    stores: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, database, _ = stores

    def lose(session: Session, table: int, width: int, rows: object) -> None:
        """Lose the rows of a table."""

    monkeypatch.setattr(database.dialect, "add_rows", lose)
    with pytest.raises(Exception, match="what arrived is not what was sent"):
        Moving(old, database).run()
    assert database.sources() == []
    monkeypatch.undo()
    assert Moving(old, database).run().total > 0
