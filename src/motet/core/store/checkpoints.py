"""When what is in the log of a SQLite file is moved into the file itself."""

from __future__ import annotations

import apsw

PAGES = 1000
"""Pages that the log may grow between two checkpoints."""
LONG = 16_000
"""Pages of the log, 64 MB, from which on it is brought to its end so that it begins anew."""


class Checkpoints:
    """Moves the log of a connection that writes into its file.

    SQLite does this within a commit, while all other writers wait; here it is done after the
    turn to write was given on. Where others always write on meanwhile, the log would never
    begin anew: once it is long, its short rest is moved before the turn is given on.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._pages = 0
        self._moved = 0
        self._rest = LONG
        connection.set_wal_hook(self._committed)

    def _committed(self, _connection: apsw.Connection, _name: str, pages: int) -> bool:
        if pages < self._pages:
            self._moved, self._rest = 0, LONG
        self._pages = pages
        return False

    def before_others(self) -> None:
        """Do what needs that nobody writes, after a commit."""
        if self._pages >= LONG and self._rest < 2 * PAGES:
            self._move()

    def beside_others(self) -> None:
        """Do what can be done while others write."""
        if self._pages >= self._moved + PAGES:
            self._move()

    def _move(self) -> None:
        try:
            pages, done = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.Error:
            # Another process does it, or the disk is full: what is committed is in the log, and
            # the next commits try again.
            return
        self._moved, self._rest = pages, pages - done
