"""Tables of a room in a PostgreSQL database, shared by as many machines as there are."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from motet.core.errors import SetupNeeded, StoreError
from motet.core.store.groups import Groups
from motet.core.store.sessions import Conflict, Row, RowRefused, Session, Value, cleaned, late

if TYPE_CHECKING:
    from psycopg import Connection, Cursor, Error

SCHEMA = "motet"
"""Where our tables are, so that they are in nobody's way."""
CONNECT_SECONDS = 10
_PLACEHOLDER = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\?(\d*)""")
_COPIED = re.compile(r"INSERT INTO (\w+(?:\s*\([^()]*\))?)\s*VALUES\s*\([?,\s]+\)")
"""A plain statement that inserts its values as they are."""
_MIGRATING = 0x4D4F5452
"""The advisory lock of whoever brings the tables up to date."""
# A commit waits for the disk: without that, the death of the server alone would take commits
# that were acknowledged. The server notices a machine that vanished by its silence.
_SETTINGS = """
SET client_encoding = 'UTF8';
SET synchronous_commit = on;
SET tcp_keepalives_idle = 30;
SET tcp_keepalives_interval = 10;
SET tcp_keepalives_count = 3;
"""
_RESUME = "start PostgreSQL, then resume: what was recorded stays recorded"


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension of the server that the tables need; `install` says how to get it."""

    name: str
    least: tuple[int, int]
    install: str


class PostgresStore:
    """A PostgreSQL database with a room's tables in a schema: two rooms may name them alike.

    `migrations` are numbered by their position, from 1; the table that `version` names says how
    many the database has. One connection writes; reading connections are made as needed and
    replaced when the server went away meanwhile. Stores with the same number as `turn` write one
    after the other, first come, first served: their numbered rows are seen in order.

    Raises `SetupNeeded` without the client, `StoreError` where the database cannot be
    reached or used.
    """

    def __init__(
        self,
        url: str,
        migrations: Sequence[str],
        *,
        version: str,
        turn: int | None = None,
        extension: Extension | None = None,
        schema: str = SCHEMA,
    ) -> None:
        _require()
        self._begin = b"BEGIN"
        if turn is not None:
            self._begin += f"; SELECT pg_advisory_xact_lock({turn})".encode()
        self._extension = extension
        self.schema = schema
        self._url = url
        self._migrations = migrations
        self._numbered = version
        self.name = _name(url)
        self._lock = threading.RLock()
        self._writer: Connection[Row] | None = None
        # Other processes hold rows meanwhile: writes that share a transaction would hold them in
        # another order than theirs, and wait for each other for ever.
        self._groups = Groups(self) if turn is not None else Groups(self, most=1)
        self._closed = False
        self._idle: queue.LifoQueue[Connection[Row]] = queue.LifoQueue()
        with self._said():
            self._migrate()

    def connect(self) -> Connection[Row]:
        """Open a connection. Raises `psycopg.Error`."""
        import psycopg

        found: Connection[Row] = psycopg.Connection.connect(
            self._url,
            autocommit=True,
            cursor_factory=psycopg.RawCursor,
            connect_timeout=CONNECT_SECONDS,
            application_name="motet",
        )
        set_up(found, self.schema)
        if self._extension is not None:
            _reach(found, self._extension, self.schema)
        return found

    def _migrate(self) -> None:
        with self.connect() as connection, connection.transaction():
            encoding = connection.execute("SHOW server_encoding").fetchone()
            if encoding != ("UTF8",):
                raise StoreError(
                    f"the database keeps text as {encoding and encoding[0]}, UTF8 is needed",
                    where=self.name,
                    hint="CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0",
                )
            if self._version(connection) == len(self._migrations):
                return
            connection.execute(f"SELECT pg_advisory_xact_lock({_MIGRATING})".encode())
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {self.schema}".encode())
            connection.execute(
                f"CREATE TABLE IF NOT EXISTS {self._numbered} (number bigint NOT NULL)".encode()
            )
            if self._extension is not None:
                _add(connection, self._extension, self)
            version = self._version(connection)
            if version > len(self._migrations):
                raise StoreError(
                    f"the store has schema {version}, this Motet knows {len(self._migrations)}",
                    where=self.name,
                    hint="use the newer Motet that wrote it",
                )
            for migration in self._migrations[version:]:
                connection.execute(migration.encode())
            connection.execute(f"DELETE FROM {self._numbered}".encode())
            connection.execute(
                f"INSERT INTO {self._numbered} VALUES ({len(self._migrations)})".encode()
            )

    def _version(self, connection: Connection[Row]) -> int:
        table = f"{self.schema}.{self._numbered}"
        there = connection.execute(f"SELECT to_regclass('{table}')".encode()).fetchone()
        if there == (None,):
            return 0
        found = connection.execute(f"SELECT number FROM {self._numbered}".encode()).fetchone()
        return int(found[0]) if found else 0

    # Writing

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Hold the one write transaction: commits on leaving, rolls back on an error."""
        with self._said(), self._groups.write(), self._lock:
            yield _Session(self._held())

    def _held(self) -> Connection[Row]:
        """Return the writing connection. Raises `psycopg.InterfaceError` where it is gone."""
        import psycopg

        if self._writer is None:
            raise psycopg.InterfaceError("the connection was let go of")
        return self._writer

    def begin(self) -> None:
        """Begin a transaction; on a new connection where the old was lost."""
        import psycopg

        with self._lock:
            if self._writer is not None:
                try:
                    self._writer.execute(self._begin)
                    return
                except (psycopg.OperationalError, psycopg.InterfaceError):
                    self.drop()
            self._writer = self.connect()
            self._writer.execute(self._begin)

    def run(self, sql: str) -> None:
        """Run a statement in the transaction."""
        with self._lock:
            self._held().execute(sql.encode())

    def commit(self) -> None:
        """Commit the transaction."""
        try:
            self.run("COMMIT")
        except BaseException:
            self.roll_back()
            raise

    def roll_back(self) -> None:
        """Roll the transaction back; the server does that to what lost its connection."""
        import psycopg

        with self._lock:
            if self._writer is None:
                return
            try:
                self._writer.execute("ROLLBACK")
            except (psycopg.OperationalError, psycopg.InterfaceError):
                self.drop()

    def is_open(self) -> bool:
        """Whether there is a transaction that can go on, if only from its last savepoint."""
        with self._lock:
            return self._writer is not None and not self._writer.closed

    def drop(self) -> None:
        """Let go of the writing connection, and of what it held."""
        with self._lock:
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def aside(self, sql: str, values: Sequence[Value]) -> None:
        """Run a statement on the writing connection, outside a transaction, if there is one."""
        import psycopg

        with self._lock:
            if self._writer is None:
                return
            try:
                self._writer.execute(_query(sql), values)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                self.drop()

    # Reading

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Lend a read connection; it sees all that is committed."""
        with self._said():
            session = _Reading(self)
            try:
                yield session
            finally:
                self._give_back(session.connection)

    @contextmanager
    def snapshot(self, seconds: float | None = None) -> Iterator[Session]:
        """Lend a connection that sees what was committed at its first query, and no more.

        Raises `TimedOut` when one query takes longer than `seconds`.
        """
        import psycopg

        with self._said():
            reading = _Reading(self)
            reading.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection = reading.connection
            assert connection is not None
            try:
                if seconds is not None:
                    limit = f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}"
                    connection.execute(limit.encode())
                yield _Session(connection)
            except psycopg.errors.QueryCanceled as error:
                raise late(seconds or 0) from error
            finally:
                if not connection.closed:
                    connection.execute("COMMIT")
                    self._give_back(connection)

    @contextmanager
    def restricted(self, tables: Collection[str], seconds: float) -> Iterator[Session]:
        """Lend a snapshot that only reads, for a statement over these tables alone."""
        with self.snapshot(seconds) as session:
            yield session

    def _give_back(self, connection: Connection[Row] | None) -> None:
        if connection is not None:
            self._idle.put(connection)
            if self._closed:
                self._close_idle()

    def _close_idle(self) -> None:
        while (connection := self.idle()) is not None:
            connection.close()

    def idle(self) -> Connection[Row] | None:
        """Return a reading connection that is not in use, None where there is none."""
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return None

    def version(self) -> Hashable:
        """Return a token that differs once anybody has written to the server."""
        with self.read() as session:
            return str(session.rows("SELECT pg_current_wal_insert_lsn()::text")[0][0])

    def check(self) -> list[str]:
        """Return nothing, or raise `StoreError`: a server looks after its pages itself."""
        self.version()
        return []

    def compact(self) -> None:
        """Rewrite every table without what was deleted from it."""
        query = "SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY tablename"
        with self._said(), self.connect() as connection:
            for (table,) in connection.execute(query.encode(), [self.schema]).fetchall():
                connection.execute(f'VACUUM (FULL) {self.schema}."{table}"'.encode())

    def close(self) -> None:
        """Close every connection."""
        self._closed = True
        self._close_idle()
        self.drop()

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Turn PostgreSQL's errors into `StoreError`."""
        import psycopg

        try:
            yield
        except psycopg.Error as error:
            raise _meant(error, self.name) from error


class _Session:
    """A connection in its transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection[Row]) -> None:
        self._connection = connection

    def execute(self, sql: str, values: Sequence[Value] = ()) -> None:
        _executed(self._connection, sql, values)

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        cursor = _executed(self._connection, sql, values)
        return cursor.fetchall() if cursor.description else []

    def executemany(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        with self._connection.cursor() as cursor:
            found = _COPIED.fullmatch(sql.strip())
            if found is None:
                cursor.executemany(_query(sql), rows)
                return
            # The same rows, several times as fast; the server reads values by their columns.
            with cursor.copy(f"COPY {found[1]} FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)


class _Reading:
    """A reading connection, replaced once where the server had closed it meanwhile."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self.connection: Connection[Row] | None = None

    def execute(self, sql: str, values: Sequence[Value] = ()) -> None:
        self.rows(sql, values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Value]]) -> None:
        for values in rows:
            self.rows(sql, values)

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        import psycopg

        while (connection := self.connection or self._store.idle()) is not None:
            self.connection = None
            try:
                found = _Session(connection).rows(sql, values)
            except psycopg.Error:
                if not connection.closed:
                    self.connection = connection
                    raise
                continue
            self.connection = connection
            return found
        self.connection = self._store.connect()
        return _Session(self.connection).rows(sql, values)


def _executed(connection: Connection[Row], sql: str, values: Sequence[Value]) -> Cursor[Row]:
    import psycopg

    query = _query(sql)
    try:
        return connection.execute(query, values)
    except UnicodeEncodeError:
        return connection.execute(query, cleaned(values))
    except psycopg.DataError as error:
        if error.sqlstate is not None:
            raise
        return connection.execute(query, cleaned(values))  # NUL, which the client refuses


@lru_cache(maxsize=512)
def _query(sql: str) -> bytes:
    """Return a statement with PostgreSQL's placeholders."""
    count = 0

    def numbered(found: re.Match[str]) -> str:
        nonlocal count
        if not found[0].startswith("?"):
            return found[0]
        count += 1
        return f"${found[1] or count}"

    return _PLACEHOLDER.sub(numbered, sql).encode()


def set_up(connection: Connection[Row], schema: str = SCHEMA) -> None:
    """Make a new connection ours: where its tables are, how it commits, how values come."""
    from psycopg.types.numeric import FloatLoader
    from psycopg.types.string import StrDumperUnknown

    connection.execute(f"SET search_path = {schema};{_SETTINGS}".encode())
    adapters = connection.adapters
    adapters.register_loader("numeric", FloatLoader)
    adapters.register_dumper(str, StrDumperUnknown)


def _add(connection: Connection[Row], wanted: Extension, store: PostgresStore) -> None:
    """Have the database use an extension. Raises `StoreError` where the server has none."""
    known = "SELECT default_version FROM pg_available_extensions WHERE name = $1"
    if connection.execute(known.encode(), (wanted.name,)).fetchone() is None:
        text = f"the server has no extension {wanted.name}"
        raise StoreError(text, where=store.name, hint=wanted.install)
    made = f"CREATE EXTENSION IF NOT EXISTS {wanted.name} WITH SCHEMA {store.schema}"
    connection.execute(made.encode())
    installed = "SELECT extversion FROM pg_extension WHERE extname = $1"
    ((version,),) = connection.execute(installed.encode(), (wanted.name,)).fetchall()
    if tuple(int(each) for each in str(version).split(".")[:2]) < wanted.least:
        least = ".".join(str(each) for each in wanted.least)
        text = f"the database uses {wanted.name} {version}, at least {least} is needed"
        hint = f"{wanted.install}; then ALTER EXTENSION {wanted.name} UPDATE"
        raise StoreError(text, where=store.name, hint=hint)
    _reach(connection, wanted, store.schema)


def _reach(connection: Connection[Row], wanted: Extension, schema: str) -> None:
    """Let a connection find the extension's types in whichever schema they are."""
    sql = """SELECT set_config('search_path', $1 || ', ' || quote_ident(n.nspname), false)
             FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
             WHERE e.extname = $2"""
    connection.execute(sql.encode(), (schema, wanted.name))


def _require() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise SetupNeeded(
            "PostgreSQL needs its client",
            where=str(error),
            hint="pip install 'motet[postgres]'",
        ) from error


def _name(url: str) -> str:
    """Return the database of a URL without its password. Raises `StoreError`."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        found = conninfo_to_dict(url)
    except ProgrammingError as error:
        text = str(error).strip().splitlines()[0]
        hint = "postgresql://user@host:5432/database"
        raise StoreError(f"this is no address of a database: {text}", hint=hint) from None
    user = f"{found['user']}@" if found.get("user") else ""
    port = f":{found['port']}" if found.get("port") else ""
    return f"postgresql://{user}{found.get('host', '')}{port}/{found.get('dbname', '')}"


def _meant(error: Error, name: str) -> StoreError:
    """Return PostgreSQL's error in the words of a person who must act."""
    import psycopg

    text = error.diag.message_primary or " ".join(str(error).split())
    state = error.sqlstate or ""
    if state in ("40001", "40P01"):
        return Conflict(text, where=name)
    if state in ("23505", "22003"):
        return RowRefused(text, where=name)
    if state.startswith("53"):
        return StoreError(f"the server has run out: {text}", where=name, hint="nothing was lost")
    if state == "42501":
        hint = "GRANT CREATE ON DATABASE ... TO the user, or let the owner run Motet once"
        return StoreError(f"the database does not let us: {text}", where=name, hint=hint)
    if state == "54000":
        hint = "ids longer than about 2,700 bytes cannot be kept; nest calls less deeply"
        return StoreError(text, where=name, hint=hint)
    if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return StoreError(f"the database does not answer: {text}", where=name, hint=_RESUME)
    return StoreError(f"PostgreSQL says: {text}", where=name)
