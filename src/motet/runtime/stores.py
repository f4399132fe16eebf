"""What a journal needs of the database it lives in; SQLite and PostgreSQL both give it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from motet.core.errors import StoreError
from motet.core.folders import DATABASES

Value = str | bytes | int | float | None
Row = tuple[Any, ...]
"""A row of a query; the schema beside each query tells its types."""
Place = str | Path
"""A SQLite file, or the URL of a PostgreSQL database."""


def storable(text: str) -> str:
    """Return a text as every store takes it.

    Half characters, as odd file names have, and NUL are shown as JSON would escape them, so
    JSON stays what it is.
    """
    if "\0" in text:
        text = text.replace("\0", "\\u0000")
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def cleaned(values: Sequence[Value]) -> list[Value]:
    """Return values with their texts made storable."""
    return [storable(each) if isinstance(each, str) else each for each in values]


class Conflict(StoreError):
    """Another transaction came first and nothing was written: the same again may succeed."""


class Session(Protocol):
    """A connection lent for a moment. Placeholders are `?`, or `?1`, `?2` where one recurs."""

    def execute(self, sql: str, values: Sequence[Value] = ()) -> None:
        """Run a statement."""
        ...

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Run a statement and return its rows."""
        ...


class Owners(Protocol):
    """Who runs which run: told by locks that die with their holder, never by clocks."""

    def take(self, run: str) -> None:
        """Own a run. Raises `RunOwned` when another process, or this one, owns it."""
        ...

    def give_back(self, run: str) -> None:
        """Let others own it."""
        ...

    def is_owned(self, run: str) -> bool:
        """Whether some process owns a run now; looking is in nobody's way."""
        ...

    def abandon(self) -> None:
        """Give up everything as if the process had died: others may own it."""
        ...

    def check(self, runs: Collection[str]) -> None:
        """Raise `StoreError` where this process owned one of the runs and lost it."""
        ...


class Store(Protocol):
    """A database with the journal's tables, brought up to date when it was opened."""

    @property
    def name(self) -> str:
        """What a person calls it; holds no secret."""
        ...

    @property
    def owners(self) -> Owners:
        """Who runs which run."""
        ...

    def write(self) -> AbstractContextManager[Session]:
        """Hold the one write transaction: commits on leaving, rolls back on an error."""
        ...

    def read(self) -> AbstractContextManager[Session]:
        """Lend a connection that sees all that is committed."""
        ...

    def packed(self, text: str) -> str | bytes:
        """Return a value's text as the store keeps it."""
        ...

    def unpacked(self, value: str | bytes) -> str:
        """Return the text that `packed` was given."""
        ...

    def version(self) -> Hashable:
        """Return a token that differs once anybody has written."""
        ...

    def check(self) -> list[str]:
        """Return findings about damage; empty when it is whole."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


def is_url(place: object) -> bool:
    """Whether a place is a database server's, not a file."""
    return isinstance(place, str) and place.startswith(DATABASES)


def open_store(place: Place, *, durable: bool) -> Store:
    """Open the store at a place. Raises `StoreError`, `SetupNeeded`."""
    if is_url(place):
        from motet.runtime.postgres import PostgresStore

        return PostgresStore(str(place))
    from motet.runtime.sqlite import SqliteStore

    return SqliteStore(Path(place), durable=durable)
