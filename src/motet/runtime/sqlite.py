"""The journal's store in a SQLite file, `runs.db`."""

from __future__ import annotations

import zlib
from pathlib import Path

from motet.core.store.sqlite import SqliteStore
from motet.runtime.ownership import OwnedFile, owned_file
from motet.runtime.schema import MIGRATIONS

APPLICATION_ID = 0x4D4F5452  # "MOTR"


PACKED_FROM = 512
"""Characters from which on a value's text is deflated."""
WORTH = 0.8
"""The share of its size that a deflated text may have, to be kept so."""


class JournalFile(SqliteStore):
    """A SQLite file with the journal's tables; `durable` flushes the disk at every commit."""

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        super().__init__(path, MIGRATIONS, application_id=APPLICATION_ID, durable=durable)
        self._lock = path.absolute().with_suffix(".lock")

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
