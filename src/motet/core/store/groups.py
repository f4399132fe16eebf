"""Group commit: writes of threads that wait for each other share one transaction."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Protocol

from motet.core.clock import tick

MOST = 64
"""Writes that share a transaction."""
SECONDS = 0.005
"""For which a transaction waits for more writes that are ready."""


class Transactions(Protocol):
    """A connection that can hold one transaction."""

    def begin(self) -> None:
        """Begin a transaction."""
        ...

    def run(self, sql: str) -> None:
        """Run a statement in it."""
        ...

    def commit(self) -> None:
        """Commit it; it is over afterwards, also when this raises."""
        ...

    def roll_back(self) -> None:
        """Roll it back, if it is not over already."""
        ...

    def is_open(self) -> bool:
        """Whether it is still open: some errors end it."""
        ...


class _Group:
    """The writes of one transaction; each of them waits until it is committed."""

    __slots__ = ("began", "error", "members", "over")

    def __init__(self) -> None:
        self.began = tick()
        self.members = 0
        self.error: BaseException | None = None
        self.over = threading.Event()

    def end(self, error: BaseException | None) -> None:
        self.error = error
        self.over.set()

    def wait(self) -> None:
        self.over.wait()
        if self.error is not None:
            raise copy(self.error) from self.error


class Groups:
    """Gives each thread its turn to write, first come, first served.

    Who finds others waiting leaves the transaction open for them, and the last one commits for
    all; a write that fails takes back its own part only.
    """

    def __init__(self, base: Transactions, most: int = MOST) -> None:
        """`most` writes share a transaction; with 1 each has its own."""
        self._base = base
        self._most = most
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._busy = False
        self._holder: int | None = None
        self._group: _Group | None = None

    @contextmanager
    def write(self) -> Iterator[None]:
        """Hold the turn and a transaction; it is committed when this is left.

        Held again by the thread that holds it, it is the same.
        """
        if self._holder == threading.get_ident():
            yield
            return
        self._take()
        try:
            group = self._joined()
        except BaseException:
            self._hand_on()
            raise
        self._holder = threading.get_ident()
        try:
            yield
            if group.members > 1:
                self._base.run("RELEASE member")
        except BaseException as error:
            self._holder = None
            self._take_back(group, error)
            raise
        self._holder = None
        self._settle(group)
        group.wait()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the turn without a transaction."""
        if self._holder == threading.get_ident():
            yield
            return
        self._take()
        try:
            if self._group is not None:
                self._commit(self._group)
            yield
        finally:
            self._hand_on()

    def _take(self) -> None:
        with self._mutex:
            if not self._busy:
                self._busy = True
                return
            place = threading.Lock()
            place.acquire()
            self._waiting.append(place)
        try:
            place.acquire()
        except BaseException:
            self._step_out(place)
            raise

    def _step_out(self, place: threading.Lock) -> None:
        """Leave the line; where it was our turn already, it is the next one's."""
        with self._mutex:
            if place in self._waiting:
                self._waiting.remove(place)
                return
        self._hand_on()

    def _hand_on(self) -> None:
        """Let the next one write; where nobody waits, commit what is open."""
        while True:
            with self._mutex:
                if self._waiting:
                    self._waiting.popleft().release()
                    return
                group = self._group
                if group is None:
                    self._busy = False
                    return
            self._commit(group)

    def _joined(self) -> _Group:
        group = self._group
        if group is None:
            self._base.begin()
            self._group = group = _Group()
        else:
            try:
                self._base.run("SAVEPOINT member")
            except BaseException as error:
                self._abandon(group, error)
                raise
        group.members += 1
        return group

    def _take_back(self, group: _Group, error: BaseException) -> None:
        """Take back a failed write; where its error ended all, the others fail too."""
        if group.members == 1 or not self._base.is_open():
            self._abandon(group, error)
            self._hand_on()
            return
        try:
            self._base.run("ROLLBACK TO member")
            self._base.run("RELEASE member")
        except BaseException as second:
            self._abandon(group, second)
            self._hand_on()
            raise
        self._settle(group)

    def _abandon(self, group: _Group, error: BaseException) -> None:
        self._group = None
        try:
            self._base.roll_back()
        finally:
            group.end(error)

    def _settle(self, group: _Group) -> None:
        """Leave the commit to the next one who is ready to write, unless it is time."""
        if group.members >= self._most or tick() - group.began >= SECONDS:
            self._commit(group)
        self._hand_on()

    def _commit(self, group: _Group) -> None:
        self._group = None
        try:
            self._base.commit()
        except BaseException as error:
            group.end(error)
        else:
            group.end(None)
