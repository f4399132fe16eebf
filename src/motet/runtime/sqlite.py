"""The journal's store in a SQLite file, `runs.db`."""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw

from motet.core.store import Database
from motet.runtime.ownership import OwnedFile, owned_file
from motet.runtime.schema import MIGRATIONS
from motet.runtime.stores import Row, Session, Value, cleaned

APPLICATION_ID = 0x4D4F5452  # "MOTR"


PACKED_FROM = 512
"""Characters from which on a value's text is deflated."""
WORTH = 0.8
"""The share of its size that a deflated text may have, to be kept so."""


class SqliteStore:
    """A SQLite file; `durable` flushes the disk at every commit."""

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        self._database = Database(path, MIGRATIONS, application_id=APPLICATION_ID, durable=durable)
        self._path = path
        self._lock = path.absolute().with_suffix(".lock")
        self._files = (path, Path(f"{path}-wal"))

    @property
    def name(self) -> str:
        """The file."""
        return str(self._path)

    @property
    def owners(self) -> OwnedFile:
        """Who runs which run."""
        return owned_file(self._lock)

    def packed(self, text: str) -> str | bytes:
        """Return a longer text deflated, where that makes it smaller."""
        if len(text) < PACKED_FROM:
            return text
        data = text.encode()
        small = zlib.compress(data, 1)
        return small if len(small) < WORTH * len(data) else text

    def unpacked(self, value: str | bytes) -> str:
        """Return the text that `packed` was given."""
        return value if isinstance(value, str) else zlib.decompress(value).decode()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Hold the one write transaction: commits on leaving, rolls back on an error."""
        with self._database.write() as connection:
            yield _Session(connection)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Lend a read connection; it sees all that is committed."""
        with self._database.read() as connection:
            yield _Session(connection)

    def version(self) -> Hashable:
        """Return a token that differs once any process has written."""
        return tuple(_stamp(each) for each in self._files)

    def check(self) -> list[str]:
        """Return SQLite's findings about damage; empty when the file is whole."""
        return self._database.check()

    def close(self) -> None:
        """Close every connection."""
        self._database.close()


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


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
