"""The journal's store in a PostgreSQL database, with the locks of who runs what."""

from __future__ import annotations

from motet.core.store.postgres import PostgresStore
from motet.runtime.postgres_locks import AdvisoryLocks
from motet.runtime.postgres_schema import MIGRATIONS


class JournalServer(PostgresStore):
    """A PostgreSQL database with the journal's tables.

    The writing connection holds the locks of the runs that this process owns: what it owned
    is lost with that connection, and is written no more.
    """

    def __init__(self, url: str) -> None:
        self.owners = AdvisoryLocks(self)
        super().__init__(url, MIGRATIONS, version="version")

    def drop(self) -> None:
        """Let go of the writing connection, and of what it held."""
        with self._lock:
            super().drop()
            self.owners.lose()

    def free(self, lock: int) -> None:
        """Free an advisory lock; with a connection that is lost it was freed already."""
        self.aside("SELECT pg_advisory_unlock(?)", (lock,))

    def packed(self, text: str) -> str | bytes:
        """Return the text: PostgreSQL compresses long ones by itself."""
        return text

    def unpacked(self, value: str | bytes) -> str:
        """Return the text that `packed` was given."""
        return value if isinstance(value, str) else value.decode()
