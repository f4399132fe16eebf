"""What tests of the gateway share: a ledger in either store, and accounts in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from postgres_fixtures import mortal_postgres, postgres

from motet.core.store.sessions import Store
from motet.gateway.accounts import Accounts
from motet.gateway.ledger.stores import open_store

if TYPE_CHECKING:
    from postgres_server import PostgresServer

__all__ = ["mortal_postgres", "postgres"]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where a new ledger can be: a SQLite file, or an empty database."""
    if request.param == "sqlite":
        return tmp_path / "ledger.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.database()


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """The folder of the processes' spools."""
    return tmp_path / "spool"


@pytest.fixture
def opened(place: str | Path, spool: Path) -> Iterator[Callable[[], Accounts]]:
    """Open the accounts, as another process would with each call; closed afterwards."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Accounts.open(place, spool))


@pytest.fixture
def accounts(opened: Callable[[], Accounts]) -> Accounts:
    """Accounts as one process has them."""
    return opened()


@pytest.fixture
def store(place: str | Path) -> Iterator[Store]:
    """The ledger, to be looked at."""
    found = open_store(place)
    yield found
    found.close()
