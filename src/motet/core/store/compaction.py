"""Giving back what deleted rows took, so that no byte of them stays in a database's files."""

from __future__ import annotations

from motet.core.errors import StoreError
from motet.core.store.database import Database
from motet.core.store.errors import translated
from motet.core.store.postgres import PostgresStore
from motet.core.store.sessions import Store
from motet.core.store.sqlite import SqliteStore


def compact(store: Store) -> None:
    """Rewrite all tables of a store without what was deleted from them.

    A PostgreSQL server keeps its own log of changes for a while: that is its operator's.
    Raises `StoreError`, also where somebody holds on to an older state of a file.
    """
    if isinstance(store, SqliteStore):
        compact_file(store.database)
    elif isinstance(store, PostgresStore):
        store.compact()


def compact_file(database: Database) -> None:
    """Rewrite a SQLite file, and empty its log. Raises `StoreError`."""
    import apsw

    with translated(database.path):
        connection = apsw.Connection(str(database.path))
        try:
            connection.set_busy_timeout(10_000)
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("VACUUM")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").get
        finally:
            connection.close()
    if busy:
        raise StoreError(
            "what was deleted still stands in the log: somebody reads an older state",
            where=str(database.path),
            hint="do the same again when it is done",
        )
