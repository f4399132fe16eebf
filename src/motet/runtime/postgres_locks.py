"""Who runs a run, told by PostgreSQL's advisory locks: they die with their connection."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Protocol

from motet.core.errors import RunOwned, StoreError
from motet.core.store.sessions import Session


class Connections(Protocol):
    """The connections of one store."""

    @property
    def name(self) -> str:
        """The store's name."""
        ...

    def write(self) -> AbstractContextManager[Session]:
        """Hold the write transaction."""
        ...

    def read(self) -> AbstractContextManager[Session]:
        """Lend a read connection."""
        ...

    def free(self, lock: int) -> None:
        """Free a lock."""
        ...

    def drop(self) -> None:
        """Let go of the writing connection and its locks."""
        ...


class AdvisoryLocks:
    """The locks that the writing connection holds.

    When that connection is lost the server frees them and somebody else may own the runs, so
    whatever this process still writes for them is refused: see `check`.
    """

    def __init__(self, store: Connections) -> None:
        self._store = store
        self._held: set[str] = set()
        self._lost: set[str] = set()
        self._guard = threading.Lock()

    def take(self, run: str) -> None:
        """Own a run. Raises `RunOwned` when another process, or this one, owns it."""
        with self._store.write() as session:
            if run in self._held:
                raise RunOwned("this process is running it already", where=run)
            if session.rows("SELECT pg_try_advisory_lock(?)", (lock_of(run),)) != [(True,)]:
                raise RunOwned("another process is running it", where=run)
            with self._guard:
                self._held.add(run)
                self._lost.discard(run)

    def give_back(self, run: str) -> None:
        """Let others own it."""
        with self._guard:
            held = run in self._held
            self._held.discard(run)
            self._lost.discard(run)
        if held:
            self._store.free(lock_of(run))

    def is_owned(self, run: str) -> bool:
        """Whether some process owns a run now; looking is in nobody's way."""
        with self._store.read() as session:
            query = "SELECT EXISTS (SELECT FROM alive WHERE lock = ?)"
            return bool(session.rows(query, (lock_of(run),))[0][0])

    def abandon(self) -> None:
        """Give up everything as if the process had died: others may own it."""
        self._store.drop()

    def lose(self) -> None:
        """Take note that the connection was lost, and all it held."""
        with self._guard:
            self._lost |= self._held
            self._held.clear()

    def check(self, runs: Collection[str]) -> None:
        """Raise `StoreError` where this process owned one of the runs and lost it."""
        with self._guard:
            lost = self._lost.intersection(runs)
        if lost:
            raise StoreError(
                "the connection that owned this run was lost",
                where=f"{self._store.name} {min(lost)}",
                hint="resume the run: what was recorded stays recorded",
            )


def lock_of(run: str) -> int:
    """Return the number of a run's lock: 63 bits of its hash."""
    return int.from_bytes(hashlib.sha256(b"motet " + run.encode()).digest()[:8]) >> 1
