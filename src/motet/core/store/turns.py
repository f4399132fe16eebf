"""A fair turn between processes that write one file: none of them starves."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

from motet.core.errors import StoreError


class Turn:
    """The turn to write `path`, kept by locks on two small files beside it.

    SQLite itself lets writers try again and again, and who tries at the right moment wins: one
    can wait for seconds. Here the next one in line holds its place before it waits for the
    turn, so who just wrote cannot take the turn again before it. The system lets go of the
    locks of a process that dies. One thread takes the turn at a time.
    """

    def __init__(self, path: Path, seconds: float) -> None:
        """`seconds` is how long `take` waits."""
        self._path = path
        self._seconds = seconds
        self._files = _opened(path)
        self._line: _Line | None = None

    def take(self) -> None:
        """Wait for the turn. Raises `StoreError` when it does not come."""
        if self._files is None:
            return
        if (self._line is None or self._line.is_idle()) and self._files.at_once():
            return
        if self._line is None:
            self._line = _Line(self._files)
        if not self._line.wait(self._seconds):
            raise StoreError(
                "the store is locked by another process",
                where=str(self._path),
                hint="wait for it to finish, or stop it",
            )

    def give(self) -> None:
        """Let the next one in line write."""
        if self._files is not None:
            self._files.give()

    def close(self) -> None:
        """Leave the line for good."""
        files, self._files = self._files, None
        if self._line is not None:
            self._line.close()
        elif files is not None:
            files.close()


class _Files:
    """Two locks: the place of who is next in line, and the turn itself."""

    def __init__(self, place: int, turn: int) -> None:
        self._place = place
        self._turn = turn

    def at_once(self) -> bool:
        """Take the turn if nobody has it and nobody is in line."""
        if not _locked(self._place):
            return False
        taken = _locked(self._turn)
        fcntl.flock(self._place, fcntl.LOCK_UN)
        return taken

    def in_line(self) -> None:
        """Take the turn, however long it takes."""
        fcntl.flock(self._place, fcntl.LOCK_EX)
        fcntl.flock(self._turn, fcntl.LOCK_EX)
        fcntl.flock(self._place, fcntl.LOCK_UN)

    def give(self) -> None:
        fcntl.flock(self._turn, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._place)
        os.close(self._turn)


class _Line:
    """A thread that stands in line, since the system's wait for a lock knows no time limit."""

    def __init__(self, files: _Files) -> None:
        self._files = files
        self._state = threading.Condition()
        self._wanted = self._standing = self._taken = self._closed = False
        threading.Thread(target=self._stand, name="motet-turn", daemon=True).start()

    def is_idle(self) -> bool:
        """Whether it is not in line any more for a wait that was given up."""
        with self._state:
            return not self._standing

    def wait(self, seconds: float) -> bool:
        """Return whether the turn came in time."""
        with self._state:
            self._wanted = self._standing = True
            self._state.notify_all()
            kept = False
            try:
                kept = self._state.wait_for(lambda: self._taken, seconds)
            finally:
                self._wanted = False
                if self._taken and not kept:
                    self._files.give()
                self._taken = False
        return kept

    def close(self) -> None:
        with self._state:
            self._closed = True
            self._state.notify_all()

    def _stand(self) -> None:
        while True:
            with self._state:
                self._state.wait_for(lambda: self._standing or self._closed)
                if self._closed:
                    self._files.close()
                    return
            self._files.in_line()
            with self._state:
                self._standing = False
                if self._wanted:
                    self._taken = True
                    self._state.notify_all()
                else:
                    self._files.give()


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _opened(path: Path) -> _Files | None:
    """Open the files to lock; None where none can be made, as then nothing can be written."""
    files: list[int] = []
    try:
        for end in ("next", "turn"):
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            files.append(os.open(f"{path}-{end}", flags, 0o666))
    except OSError:
        for each in files:
            os.close(each)
        return None
    return _Files(*files)
