"""Opening the ledger's database."""

from __future__ import annotations

from pathlib import Path

from motet.core.ids import new_id
from motet.core.store.sessions import Place, Store, is_url
from motet.gateway.ledger.schema import APPLICATION_ID, MIGRATIONS, POSTGRES_MIGRATIONS

CACHE_KILOBYTES = 1_000
"""Rows are written at the end and hardly read: more would only keep a server's memory growing."""


def open_store(place: Place) -> Store:
    """Open the ledger at a place, with its tables. Raises `StoreError`, `SetupNeeded`.

    What is committed survives the loss of power: a group of rows costs one disk flush.
    """
    if is_url(place):
        from motet.core.store.postgres import PostgresStore

        return PostgresStore(str(place), POSTGRES_MIGRATIONS, version="ledger_version")
    from motet.core.store.sqlite import SqliteStore

    return SqliteStore(
        Path(place),
        MIGRATIONS,
        application_id=APPLICATION_ID,
        durable=True,
        cache_kilobytes=CACHE_KILOBYTES,
    )


def identity(store: Store) -> str:
    """Return the id by which spools know the store they belong to."""
    put = "INSERT INTO facts VALUES ('id', ?) ON CONFLICT (name) DO NOTHING"
    get = "SELECT value FROM facts WHERE name = 'id'"
    with store.read() as db:
        found = db.rows(get)
    if not found:
        with store.write() as db:
            db.execute(put, (new_id("ledger"),))
            found = db.rows(get)
    return str(found[0][0])
