"""SQLite's errors in the words of a person who must act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from motet.core.errors import StoreError
from motet.core.store.sessions import RowRefused

DAMAGED = "the store is damaged"
_RESTORE = "move the file away; a new one is made, and knowledge is read again from its sources"

_MEANING: tuple[tuple[type[apsw.Error], str, str], ...] = (
    (
        apsw.BusyError,
        "the store is locked by another process",
        "wait for it to finish, or stop it",
    ),
    (apsw.LockedError, "the store is locked by another process", "wait for it to finish"),
    (
        apsw.NotADBError,
        f"{DAMAGED}: this is not a SQLite database",
        _RESTORE,
    ),
    (apsw.CorruptError, DAMAGED, _RESTORE),
    (apsw.FullError, "the disk is full", "free some space; nothing was half-written"),
    (apsw.ReadOnlyError, "the store cannot be written", "check the file's permissions"),
    (apsw.CantOpenError, "the store cannot be opened", "check that the folder exists and is yours"),
    (apsw.PermissionsError, "the store cannot be opened", "check the file's permissions"),
    (apsw.IOError, "the store cannot be read or written", "check the disk"),
)

_TWICE = (apsw.SQLITE_CONSTRAINT_PRIMARYKEY, apsw.SQLITE_CONSTRAINT_UNIQUE)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file at `path` into `StoreError`."""
    try:
        yield
    except apsw.Error as error:
        for kind, message, hint in _MEANING:
            if isinstance(error, kind):
                raise StoreError(message, where=str(path), hint=hint) from error
        if getattr(error, "extendedresult", 0) in _TWICE:
            raise RowRefused(str(error), where=str(path)) from error
        raise
    except OverflowError as error:  # SQLite has numbers of 64 bits
        raise RowRefused(str(error), where=str(path)) from error
    except UnicodeDecodeError as error:  # SQLite does not look into the text it holds
        raise StoreError(DAMAGED, where=str(path), hint=_RESTORE) from error
