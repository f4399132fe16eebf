"""Group commit: one thread writes what all runs of this process post, many rows at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Hashable
from typing import Generic, TypeVar

from motet.core.errors import MotetBug, MotetError, StoreError

Row = TypeVar("Row")
LINGER = 0.004
"""Seconds that a group waits for more rows, unless somebody waits for it."""
CROWD = 10_000
"""Rows that wait at most before those who post more wait for them."""
Waiter = Callable[[BaseException | None], None]


class GroupWriter(Generic[Row]):
    """Commits posted rows in groups, in the order of their first posting.

    A row posted again before its group is written replaces the earlier one, so a node that
    starts and ends within one group is one write. When a group cannot be written, nothing
    more of its owners is, until they are forgotten: who waits or posts for them is told.
    `commit` takes the rows and their owners.
    """

    def __init__(
        self, commit: Callable[[list[Row], Collection[str]], None], name: str = "journal"
    ) -> None:
        self._commit = commit
        self._name = name
        self._rows: dict[Hashable, tuple[str, Row]] = {}
        self._waiters: list[tuple[Waiter, str | None]] = []
        self._missed: dict[Waiter, BaseException] = {}
        """What failed after a waiter had come."""
        self._failed: dict[str, BaseException] = {}
        self._changed = threading.Condition()
        self._sleeping = False
        self._closed = False
        self._thread: threading.Thread | None = None
        self._pid = 0

    def post(self, owner: str, key: Hashable, row: Row) -> None:
        """Have a row written soon. Raises what kept the owner's earlier rows from being written."""
        with self._changed:
            if self._failed and owner in self._failed:
                raise self._failed[owner]
            self._rows[key] = (owner, row)
            self._wake()

    @property
    def crowded(self) -> bool:
        """Whether so much is posted that whoever posts more had better wait."""
        return len(self._rows) > CROWD

    def flush(self, waiter: Waiter, owner: str | None = None) -> None:
        """Have everything posted so far written now; the waiter is called from the thread.

        It is told what kept a row from being written: one of the `owner`, where there is one.
        """
        with self._changed:
            self._waiters.append((waiter, owner))
            self._wake(urgent=True)

    def wait(self) -> None:
        """Block until everything posted so far is written. Raises `StoreError`."""
        done = threading.Event()
        found: list[BaseException | None] = []

        def tell(error: BaseException | None) -> None:
            found.append(error)
            done.set()

        self.flush(tell)
        done.wait()
        if found[0] is not None:
            raise found[0]

    def forget(self, owner: str) -> None:
        """Drop the owner's failure: its run is over."""
        with self._changed:
            self._failed.pop(owner, None)

    def close(self) -> None:
        """Write what is posted and end the thread. Raises `StoreError`."""
        self.wait()
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _wake(self, *, urgent: bool = False) -> None:
        if self._closed:
            raise MotetBug("the journal is closed")
        if self._thread is None or self._pid != os.getpid():  # a fork has no threads
            self._pid = os.getpid()
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        if urgent or self._sleeping:
            self._sleeping = False
            self._changed.notify()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._rows and not self._waiters:
                    if self._closed:
                        return
                    self._sleeping = True
                    self._changed.wait()
                self._sleeping = False
                if not self._waiters and not self._closed:
                    self._changed.wait(LINGER)
                posted, self._rows = list(self._rows.values()), {}
                failed = self._failed and frozenset(self._failed)
                waiters, self._waiters = self._waiters, []
            if failed:
                posted = [each for each in posted if each[0] not in failed]
            owners = {owner for owner, _ in posted}
            error = self._write([row for _, row in posted], owners)
            with self._changed:
                if error is not None:
                    self._failed |= dict.fromkeys(owners, error)
                    self._missed |= {each: error for each, _ in self._waiters}
                told = [(each, self._told(each, owner, error)) for each, owner in waiters]
            for waiter, found in told:
                waiter(found)

    def _told(
        self, waiter: Waiter, owner: str | None, error: BaseException | None
    ) -> BaseException | None:
        missed = self._missed.pop(waiter, None)
        return error or missed if owner is None else self._failed.get(owner)

    def _write(self, rows: list[Row], owners: Collection[str]) -> BaseException | None:
        try:
            if rows:
                self._commit(rows, owners)
        except MotetError as error:
            return error
        except Exception as error:  # whoever waits must be told, whatever it is
            return StoreError(f"the journal cannot be written: {error}", where=self._name)
        return None
