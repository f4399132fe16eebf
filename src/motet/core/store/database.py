"""One SQLite file in WAL mode: one write connection behind a lock, a reader per thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from motet.core.errors import StoreError
from motet.core.store.errors import translated

BUSY_MILLISECONDS = 10_000
Bindings = Sequence[str | bytes | int | float | None]


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of a schema; steps are numbered by their position, from 1."""

    name: str
    apply: str | Callable[[apsw.Connection], None]


class Database:
    """A SQLite file whose schema is brought up to date when it is opened.

    Writes of all threads of this process go through `write`, one transaction at a time;
    other processes wait on SQLite's own lock. Committed transactions survive the death
    of the process; `durable` makes them survive the loss of power too, at the price of
    one disk flush each.

    Raises `StoreError` when the file is locked, damaged, of another application or newer
    than this version of Motet.
    """

    def __init__(
        self,
        path: Path,
        migrations: Sequence[Migration],
        *,
        application_id: int,
        durable: bool = False,
        busy_milliseconds: int = BUSY_MILLISECONDS,
    ) -> None:
        self.path = path
        self._durable = durable
        self._busy = busy_milliseconds
        self._lock = threading.RLock()
        self._local = threading.local()
        self._readers: list[apsw.Connection] = []
        self._make_folder()
        with translated(path):
            self._writer = self._connect()
            try:
                self._identify(application_id)
                self._migrate(migrations)
            except BaseException:
                self._writer.close()
                raise

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the folder of the store cannot be made: {error.strerror}",
                where=str(self.path.parent),
                hint="set MOTET_HOME to a folder that can be written",
            ) from error

    def _connect(self) -> apsw.Connection:
        connection = apsw.Connection(str(self.path))
        connection.set_busy_timeout(self._busy)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -32000")
        return connection

    def _identify(self, application_id: int) -> None:
        found = self._writer.execute("PRAGMA application_id").get
        tables = self._writer.execute("SELECT count(*) FROM sqlite_schema").get
        if found == application_id:
            return
        if found or tables:
            raise StoreError(
                "this SQLite file belongs to something else",
                where=str(self.path),
                hint="move it away or set MOTET_HOME to another folder",
            )
        self._writer.execute(f"PRAGMA application_id = {application_id}")

    def _migrate(self, migrations: Sequence[Migration]) -> None:
        if self._version() == len(migrations):
            return
        with self.write() as connection:
            version = self._version()
            if version > len(migrations):
                raise StoreError(
                    f"the store has schema {version}, this Motet knows {len(migrations)}",
                    where=str(self.path),
                    hint="use the newer Motet that wrote it",
                )
            for migration in migrations[version:]:
                if isinstance(migration.apply, str):
                    connection.execute(migration.apply)
                else:
                    migration.apply(connection)
            connection.execute(f"PRAGMA user_version = {len(migrations)}")

    def _version(self) -> int:
        return int(self._writer.execute("PRAGMA user_version").get)

    @contextmanager
    def write(self) -> Iterator[apsw.Connection]:
        """Hold the one write transaction: commits on leaving, rolls back on an error."""
        with self._lock, translated(self.path):
            if self._writer.in_transaction:
                yield self._writer
                return
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Iterator[apsw.Connection]:
        """Give this thread's read connection; it sees all that is committed."""
        with translated(self.path):
            connection = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._connect()
                connection.execute("PRAGMA query_only = ON")
                self._local.connection = connection
                with self._lock:
                    self._readers.append(connection)
            yield connection

    def check(self) -> list[str]:
        """Return SQLite's findings about damage; empty when the file is whole."""
        with self.read() as connection:
            rows = [str(row[0]) for row in connection.execute("PRAGMA quick_check(20)")]
        return [row for row in rows if row != "ok"]

    def close(self) -> None:
        """Close every connection; the database cannot be used afterwards."""
        with self._lock:
            for connection in self._readers:
                connection.close()
            self._readers.clear()
            self._writer.close()


Row = tuple[Any, ...]
"""A row of a query; SQLite does not tell types, the schema beside each query does."""


def rows(db: apsw.Connection, sql: str, values: Bindings = ()) -> list[Row]:
    """Run a query and return all its rows."""
    return db.execute(sql, values).fetchall()


def row(db: apsw.Connection, sql: str, values: Bindings = ()) -> Row | None:
    """Run a query and return its first row, or None."""
    return db.execute(sql, values).fetchone()
