"""Fixtures that give PostgreSQL to tests of several rooms."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
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
