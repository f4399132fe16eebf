"""Tables of a room in a SQLite file, behind the sessions that every store gives."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import apsw

from motet.core.clock import tick
from motet.core.errors import StoreError
from motet.core.store.database import (
    BUSY_MILLISECONDS,
    CACHE_KILOBYTES,
    Database,
    Migration,
)
from motet.core.store.sessions import Row, Session, Value, cleaned, late

_LONGEST_VALUE = 10_000_000
"""Bytes of a value that somebody else's query may make."""
_FUNCTIONS = frozenset(
    """count sum total avg min max group_concat string_agg lower upper length substr substring trim
    ltrim rtrim coalesce ifnull nullif abs round ceil ceiling floor sign concat row_number rank
    dense_rank lag lead first_value last_value replace instr like iif if""".split()
)
"""Functions that somebody else's query may call."""
_STEPS = 20_000
"""Steps of SQLite between two looks at the clock."""


class SqliteStore:
    """A SQLite file; for `durable` and `fair` see `Database`. Raises `StoreError`."""

    def __init__(
        self,
        path: Path,
        migrations: Sequence[Migration],
        *,
        application_id: int,
        durable: bool = False,
        fair: bool = False,
        busy_milliseconds: int = BUSY_MILLISECONDS,
        cache_kilobytes: int = CACHE_KILOBYTES,
    ) -> None:
        self.database = Database(
            path,
            migrations,
            application_id=application_id,
            durable=durable,
            fair=fair,
            busy_milliseconds=busy_milliseconds,
            cache_kilobytes=cache_kilobytes,
        )
        self._path = path
        self._files = (path, Path(f"{path}-wal"))

    @property
    def name(self) -> str:
        """The file."""
        return str(self._path)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Hold the one write transaction: commits on leaving, rolls back on an error."""
        with self.database.write() as connection:
            yield _Session(connection)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Lend a read connection; it sees all that is committed."""
        with self.database.read() as connection:
            yield _Session(connection)

    @contextmanager
    def snapshot(self, seconds: float | None = None) -> Iterator[Session]:
        """Lend a connection that sees what was committed at its first query, and no more.

        Raises `TimedOut` when it is lent for longer than `seconds` and still asked.
        """
        with self.database.read() as connection, connection:
            if seconds is None:
                yield _Session(connection)
                return
            until = tick() + seconds
            connection.set_progress_handler(lambda: tick() > until, _STEPS)
            try:
                yield _Session(connection)
            except apsw.InterruptError as error:
                raise late(seconds) from error
            finally:
                connection.set_progress_handler(None)

    @contextmanager
    def restricted(self, tables: Collection[str], seconds: float) -> Iterator[Session]:
        """Lend a snapshot that reads these tables and nothing else, whatever it is asked.

        Raises `StoreError` where it is asked for more, and `TimedOut`.
        """
        with self.database.read() as connection:
            before = connection.limit(apsw.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
            connection.execute("BEGIN")
            connection.authorizer = partial(_authorized, frozenset(tables))
            until = tick() + seconds
            connection.set_progress_handler(lambda: tick() > until, _STEPS)
            try:
                yield _Session(connection)
            except apsw.InterruptError as error:
                raise late(seconds) from error
            except (apsw.SQLError, apsw.AuthError, apsw.TooBigError) as error:
                raise StoreError(f"SQLite says: {error}", where=self.name) from error
            finally:
                connection.authorizer = None
                connection.set_progress_handler(None)
                connection.limit(apsw.SQLITE_LIMIT_LENGTH, before)
                connection.execute("ROLLBACK")

    def version(self) -> Hashable:
        """Return a token that differs once any process has written."""
        return tuple(_stamp(each) for each in self._files)

    def check(self) -> list[str]:
        """Return SQLite's findings about damage; empty when the file is whole."""
        return self.database.check()

    def close(self) -> None:
        """Close every connection."""
        self.database.close()


def _authorized(
    tables: frozenset[str],
    operation: int,
    first: str | None,
    second: str | None,
    database: str | None,
    trigger: str | None,
) -> int:
    """Say whether a statement may do what it is about to do."""
    if operation in (apsw.SQLITE_SELECT, apsw.SQLITE_RECURSIVE):
        return apsw.SQLITE_OK
    if operation == apsw.SQLITE_READ and first in tables:
        return apsw.SQLITE_OK
    if operation == apsw.SQLITE_FUNCTION and second is not None and second.lower() in _FUNCTIONS:
        return apsw.SQLITE_OK
    return apsw.SQLITE_DENY


class _Session:
    __slots__ = ("_connection",)

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, values: Sequence[Value] = ()) -> None:
        try:
            self._connection.execute(sql, values)
        except UnicodeEncodeError:
            self._connection.execute(sql, cleaned(values))

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except UnicodeEncodeError:
            return self._connection.execute(sql, cleaned(values)).fetchall()

    def executemany(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        self._connection.executemany(sql, rows)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
