"""What tests of runs share: PostgreSQL, and journals in either store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from deep_samples import Shop, shops
from postgres_fixtures import mortal_postgres, postgres

if TYPE_CHECKING:
    from chat_server import ChatServer
    from postgres_server import PostgresServer

__all__ = ["mortal_postgres", "postgres"]


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
