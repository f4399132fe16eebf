"""Tables of databases that are not ours: read in one snapshot, never written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import apsw

from motet.core.errors import SetupNeeded, StoreError
from motet.core.store.errors import DAMAGED
from motet.core.store.sessions import is_url, quoted

if TYPE_CHECKING:
    from psycopg import Connection, Error

CONNECT_SECONDS = 5
BUSY_MILLISECONDS = 5000
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class ForeignTable:
    """A table; `stamp` differs once it may hold something else, or the database may."""

    name: str
    stamp: str


@dataclass(frozen=True, slots=True)
class Selection:
    """A table's columns and its rows, in the order of its key where it declares one."""

    columns: Sequence[str]
    ordered: bool
    rows: Iterator[Sequence[object]]


class Snapshot(Protocol):
    """A database as it was when the snapshot was taken."""

    def tables(self) -> list[ForeignTable]:
        """Return the tables that hold data, by name, and none of the database's own."""
        ...

    def select(self, table: str) -> Selection:
        """Read a table or a view. Raises `StoreError` where there is none."""
        ...


class ForeignDatabase(Protocol):
    """Somebody else's database."""

    @property
    def name(self) -> str:
        """What a person calls it; holds no secret."""
        ...

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Lend a snapshot. Raises `StoreError` where the database cannot be read."""
        ...


def foreign(place: str, base: Path, name: str) -> ForeignDatabase:
    """Return the database at a URL or at a path relative to `base`; files are called `name`."""
    if is_url(place):
        return ForeignPostgres(place)
    return ForeignSqlite(base / Path(place).expanduser(), name)


class ForeignSqlite:
    """A SQLite file, opened for reading only; its triggers and functions are not trusted."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._path = path

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Lend a snapshot of the file."""
        if not self._path.is_file():
            raise StoreError("no such database file", where=self.name)
        stamp = "|".join(map(_stamp, (self._path, Path(f"{self._path}-wal"))))
        try:
            connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READONLY)
            try:
                connection.set_busy_timeout(BUSY_MILLISECONDS)
                connection.execute("PRAGMA trusted_schema = OFF")
                connection.execute("BEGIN")
                yield _SqliteSnapshot(connection, stamp, self.name)
            finally:
                connection.close()
        except apsw.NotADBError as error:
            raise StoreError("this is no SQLite database", where=self.name) from error
        except apsw.CorruptError as error:
            damaged = DAMAGED.replace("store", "database")
            raise StoreError(damaged, where=self.name, hint=str(error)) from error
        except apsw.Error as error:
            raise StoreError(f"the database cannot be read: {error}", where=self.name) from error


class _SqliteSnapshot:
    def __init__(self, connection: apsw.Connection, stamp: str, name: str) -> None:
        self._connection = connection
        self._stamp = stamp
        self._name = name

    def tables(self) -> list[ForeignTable]:
        sql = """SELECT name FROM pragma_table_list
                 WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                 ORDER BY name"""
        return [ForeignTable(str(each[0]), self._stamp) for each in self._connection.execute(sql)]

    def select(self, table: str) -> Selection:
        columns = self._names("SELECT name FROM pragma_table_info(?) ORDER BY cid", table)
        if not columns:
            raise StoreError(f"no such table: {table}", where=self._name)
        keyed = "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk"
        key = self._names(keyed, table)
        order = f" ORDER BY {', '.join(map(quoted, key))}" if key else ""
        listed = ", ".join(map(quoted, columns))
        rows = self._connection.execute(f"SELECT {listed} FROM {quoted(table)}{order}")
        return Selection(columns, bool(key), rows)

    def _names(self, query: str, table: str) -> list[str]:
        return [str(each[0]) for each in self._connection.execute(query, (table,))]


class ForeignPostgres:
    """Tables of a PostgreSQL database, read in one transaction that cannot write."""

    def __init__(self, url: str) -> None:
        try:
            import psycopg  # noqa: F401
        except ImportError:
            raise SetupNeeded(
                "PostgreSQL needs its client", hint="pip install 'motet[postgres]'"
            ) from None
        self._url = url
        self.name = _public(url)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Lend a snapshot of the database."""
        import psycopg

        try:
            with psycopg.connect(
                self._url,
                connect_timeout=CONNECT_SECONDS,
                application_name="motet",
                client_encoding="UTF8",
            ) as connection:
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                connection.read_only = True
                yield _PostgresSnapshot(connection, self.name)
                connection.rollback()
        except psycopg.Error as error:
            raise StoreError(_reason(error), where=self.name) from error


class _PostgresSnapshot:
    def __init__(self, connection: Connection[tuple[object, ...]], name: str) -> None:
        self._connection = connection
        self._name = name

    def tables(self) -> list[ForeignTable]:
        # Counters tell whether a table changed; where they are off, any transaction may have.
        sql = """
            SELECT n.nspname, c.relname, CASE WHEN current_setting('track_counts') = 'on'
                THEN concat_ws(':', pg_relation_filenode(c.oid), pg_stat_get_tuples_inserted(c.oid),
                     pg_stat_get_tuples_updated(c.oid), pg_stat_get_tuples_deleted(c.oid))
                ELSE pg_snapshot_xmax(pg_current_snapshot())::text END
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'm', 'f') AND NOT c.relispartition
              AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'motet', 'motet_knowledge')
              AND n.nspname NOT LIKE 'pg\\_%' AND has_table_privilege(c.oid, 'SELECT')
            ORDER BY 1, 2"""
        return [
            ForeignTable(_joined(str(schema), str(name)), str(stamp))
            for schema, name, stamp in self._connection.execute(sql)
        ]

    def select(self, table: str) -> Selection:
        schema, _, name = table.rpartition(".")
        sql = """
            SELECT a.attname, coalesce(array_position(i.indkey::int2[], a.attnum), -1)
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
            WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum"""
        info = self._connection.execute(sql, (schema or "public", name)).fetchall()
        if not info:
            raise StoreError(f"no such table: {table}", where=self._name)
        columns = [str(each[0]) for each in info]
        places = sorted((int(str(place)), str(name)) for name, place in info if place != -1)
        order = f" ORDER BY {', '.join(quoted(name) for _, name in places)}" if places else ""
        listed = ", ".join(map(quoted, columns))
        target = f"{quoted(schema or 'public')}.{quoted(name)}"
        query = f"SELECT {listed} FROM {target}{order}"
        return Selection(columns, bool(places), self._stream(query))

    def _stream(self, query: str) -> Iterator[Sequence[object]]:
        with self._connection.cursor("motet_reading") as cursor:
            cursor.itersize = _BATCH
            cursor.execute(query.encode())
            yield from cursor


def _stamp(path: Path) -> str:
    try:
        found = path.stat()
    except FileNotFoundError:
        return ""
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ino}"


def _joined(schema: str, table: str) -> str:
    return table if schema == "public" else f"{schema}.{table}"


def _public(url: str) -> str:
    """Return a URL without user, password and options."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"postgresql://{parts.hostname or ''}{port}{parts.path}"


def _reason(error: Error) -> str:
    text = error.diag.message_primary or " ".join(str(error).split()) or type(error).__name__
    return f"the database cannot be read: {text}"
