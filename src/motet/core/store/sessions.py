"""What rooms need of the database their tables live in; SQLite and PostgreSQL both give it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from motet.core.errors import StoreError, TimedOut
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


def quoted(name: str) -> str:
    """Return a name as SQL takes it, whatever characters it holds."""
    return f'"{name.replace(chr(34), chr(34) * 2)}"'


class Conflict(StoreError):
    """Another transaction came first and nothing was written: the same again may succeed."""


class RowRefused(StoreError):
    """A row's key is there already, or a number needs more than 64 bits; nothing was written."""


class Session(Protocol):
    """A connection lent for a moment. Placeholders are `?`, or `?1`, `?2` where one recurs."""

    def execute(self, sql: str, values: Sequence[Value] = ()) -> None:
        """Run a statement."""
        ...

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """Run a statement and return its rows."""
        ...

    def executemany(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run a statement once for each row of values; texts must be storable."""
        ...


class Store(Protocol):
    """A database with a room's tables, brought up to date when it was opened."""

    @property
    def name(self) -> str:
        """What a person calls it; holds no secret."""
        ...

    def write(self) -> AbstractContextManager[Session]:
        """Hold the one write transaction: commits on leaving, rolls back on an error.

        Held again by the thread that holds it, it is the same transaction.
        """
        ...

    def read(self) -> AbstractContextManager[Session]:
        """Lend a connection that sees all that is committed."""
        ...

    def snapshot(self, seconds: float | None = None) -> AbstractContextManager[Session]:
        """Lend a connection that sees what was committed at its first query, and no more.

        A query that takes longer than `seconds` ends with `TimedOut`.
        """
        ...

    def restricted(
        self, tables: Collection[str], seconds: float
    ) -> AbstractContextManager[Session]:
        """Lend a snapshot for somebody else's SELECT over these tables.

        It only reads. What else it may do is for who writes the statement; SQLite itself sees
        to it that no other table is read. Raises `TimedOut`.
        """
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


def late(seconds: float) -> TimedOut:
    """Return the error that a query took longer than it may."""
    hint = "name more of what it looks for, or count instead of listing"
    return TimedOut(f"the query took longer than {seconds:g} seconds", hint=hint)


def is_url(place: object) -> bool:
    """Whether a place is a database server's, not a file."""
    return isinstance(place, str) and place.startswith(DATABASES)
