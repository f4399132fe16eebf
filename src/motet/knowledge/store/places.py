"""Where a store of knowledge is: a SQLite file, or a PostgreSQL database."""

from __future__ import annotations

from pathlib import Path

from motet.core.store import sessions
from motet.core.store.sessions import Place, is_url
from motet.knowledge.schema import APPLICATION_ID, MIGRATIONS, POSTGRES_MIGRATIONS
from motet.knowledge.store.dialect import Dialect


def opened(place: Place, busy_milliseconds: int) -> tuple[sessions.Store, Dialect]:
    """Open a place and bring its tables up to date. Raises `StoreError`, `SetupNeeded`."""
    if is_url(place):
        from motet.core.store.postgres import PostgresStore
        from motet.knowledge.store.postgres import PGVECTOR, SCHEMA, TURN, PostgresDialect

        base = PostgresStore(
            str(place),
            POSTGRES_MIGRATIONS,
            version="knowledge_version",
            turn=TURN,
            extension=PGVECTOR,
            schema=SCHEMA,
        )
        return base, PostgresDialect()
    from motet.core.store.sqlite import SqliteStore
    from motet.knowledge.store.sqlite import SqliteDialect

    file = SqliteStore(
        Path(place),
        MIGRATIONS,
        application_id=APPLICATION_ID,
        fair=True,
        busy_milliseconds=busy_milliseconds,
    )
    return file, SqliteDialect()
