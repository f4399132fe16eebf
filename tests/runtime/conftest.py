"""What tests of runs share: PostgreSQL, and journals in either store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from deep_samples import Shop, shops

if TYPE_CHECKING:
    from chat_server import ChatServer
    from postgres_server import PostgresServer


def _server() -> Iterator[PostgresServer]:
    pytest.importorskip("psycopg", reason="needs the extra motet[postgres]")
    from postgres_server import PostgresServer, binaries

    found = binaries()
    if found is None:
        reason = "needs PostgreSQL's server (Debian: postgresql-15)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with PostgresServer(found) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server that tests leave running; one for each process of tests."""
    yield from _server()


@pytest.fixture(scope="module")
def mortal_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server that tests kill and start again."""
    yield from _server()


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where a new journal can be: a SQLite file, or an empty database."""
    if request.param == "sqlite":
        return tmp_path / "runs.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.database()


@pytest.fixture
def home(place: str | Path) -> str | Path:
    """The place as `home=` of `motet.run` names it."""
    return place.parent if isinstance(place, Path) else place


@pytest.fixture
def shop(
    chat_server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    """Systems over the same documents, without the base encoder."""
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path / "no-cache"))
    yield from shops(tmp_path, chat_server)
