"""What tests of the knowledge share: stores in a SQLite file, and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from postgres_fixtures import mortal_pgvector, pgvector, postgres

from motet.knowledge.store import Store

if TYPE_CHECKING:
    from postgres_server import PostgresServer

__all__ = ["mortal_pgvector", "pgvector", "postgres"]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where new knowledge can be kept: a SQLite file, or an empty database."""
    if request.param == "sqlite":
        return tmp_path / "store.db"
    server: PostgresServer = request.getfixturevalue("pgvector")
    return server.database()


@pytest.fixture
def any_store(place: str | Path) -> Iterator[Store]:
    """An empty store, once in a SQLite file and once in PostgreSQL."""
    found = Store(place, "test")
    yield found
    found.close()
