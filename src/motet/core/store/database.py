"""One SQLite file in WAL mode: one write connection behind a lock, readers from a pool."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from motet.core.clock import tick
from motet.core.errors import StoreError
from motet.core.store.checkpoints import Checkpoints
from motet.core.store.errors import DAMAGED, translated
from motet.core.store.groups import Groups
from motet.core.store.turns import Turn

BUSY_MILLISECONDS = 10_000
CACHE_KILOBYTES = 32_000
Value = str | bytes | int | float | None
Bindings = Sequence[Value] | Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of a schema; steps are numbered by their position, from 1."""

    name: str
    apply: str | Callable[[apsw.Connection], None]


class Database:
    """A SQLite file whose schema is brought up to date when it is opened.

    Writes of all threads of this process go through `write`, first come, first served, and
    share commits; other processes wait on SQLite's own lock, or, with `fair`, in a line.
    Committed transactions survive the death
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
        fair: bool = False,
        busy_milliseconds: int = BUSY_MILLISECONDS,
        cache_kilobytes: int = CACHE_KILOBYTES,
    ) -> None:
        """`cache_kilobytes` is what each connection may keep of the file in memory."""
        self.path = path
        self._cache = cache_kilobytes
        self._durable = durable
        self._busy = busy_milliseconds
        self._turn: Turn | None = None
        self._idle: queue.LifoQueue[apsw.Connection] = queue.LifoQueue()
        self._make_folder()
        with translated(path):
            try:
                self._writer = self._connect()
                if fair:
                    self._turn = Turn(path, busy_milliseconds / 1000)
                self._groups = Groups(_Writing(self._writer, self._turn))
                self._bring_up(application_id, migrations)
            except apsw.SQLError as error:  # the statements are ours, so it is the file
                raise StoreError(DAMAGED, where=str(path), hint=str(error)) from error

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
        connection.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(f"PRAGMA cache_size = -{self._cache}")
        return connection

    def _bring_up(self, application_id: int, migrations: Sequence[Migration]) -> None:
        try:
            self._identify(application_id)
            self._migrate(migrations)
        except BaseException:
            self.close()
            raise

    def _identify(self, application_id: int) -> None:
        """Take a new file as ours; leave a file of something else as it is."""
        self._check_owner(application_id)
        self._use_wal()
        if self._owner()[0] != application_id:
            with self.write() as connection:
                self._check_owner(application_id)
                connection.execute(f"PRAGMA application_id = {application_id}")

    def _owner(self) -> tuple[int, int]:
        with self._writer:  # one snapshot: another process may be making the same file
            found = self._writer.execute("PRAGMA application_id").get
            tables = self._writer.execute("SELECT count(*) FROM sqlite_schema").get
        return int(found), int(tables)

    def _check_owner(self, application_id: int) -> None:
        found, tables = self._owner()
        if found != application_id and (found or tables):
            raise StoreError(
                "this SQLite file belongs to something else",
                where=str(self.path),
                hint="move it away or set MOTET_HOME to another folder",
            )

    def _use_wal(self) -> None:
        """Switch to WAL; SQLite itself does not wait for another process that does the same."""
        deadline = tick() + self._busy / 1000
        while True:
            try:
                self._writer.execute("PRAGMA journal_mode = WAL")
                return
            except apsw.BusyError:
                if tick() > deadline:
                    raise
                time.sleep(0.01)

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
        with translated(self.path), self._groups.write():
            yield self._writer

    @contextmanager
    def read(self) -> Iterator[apsw.Connection]:
        """Lend a read connection; it sees all that is committed."""
        with translated(self.path):
            connection = self._reader()
            try:
                yield connection
            finally:
                self._idle.put(connection)

    def _reader(self) -> apsw.Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
            return connection

    def check(self) -> list[str]:
        """Return SQLite's findings about damage; empty when the file is whole."""
        with self.read() as connection:
            rows = [str(row[0]) for row in connection.execute("PRAGMA quick_check(20)")]
        return [row for row in rows if row != "ok"]

    def close(self) -> None:
        """Close every connection; the database cannot be used afterwards."""
        with self._groups.alone():
            while not self._idle.empty():
                self._idle.get().close()
            self._writer.close()
        if self._turn is not None:
            self._turn.close()


class _Writing:
    """The writing connection, as `Groups` uses it."""

    def __init__(self, connection: apsw.Connection, turn: Turn | None) -> None:
        self._connection = connection
        self._turn = turn
        self._checkpoints = Checkpoints(connection)

    def begin(self) -> None:
        if self._turn is not None:
            self._turn.take()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._give()
            raise

    def run(self, sql: str) -> None:
        self._connection.execute(sql)

    def commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        except BaseException:
            self.roll_back()
            raise
        self._checkpoints.before_others()
        self._give()
        self._checkpoints.beside_others()

    def roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        finally:
            self._give()

    def is_open(self) -> bool:
        return self._connection.in_transaction

    def _give(self) -> None:
        if self._turn is not None:
            self._turn.give()


Row = tuple[Any, ...]
"""A row of a query; SQLite does not tell types, the schema beside each query does."""


def rows(db: apsw.Connection, sql: str, values: Bindings = ()) -> list[Row]:
    """Run a query and return all its rows."""
    return db.execute(sql, values).fetchall()


def row(db: apsw.Connection, sql: str, values: Bindings = ()) -> Row | None:
    """Run a query and return its first row, or None."""
    return db.execute(sql, values).fetchone()
