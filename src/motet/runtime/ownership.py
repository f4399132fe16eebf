"""Who runs a run: one process at a time, told by a lock that dies with its holder.

No clock is asked and nothing is to be cleaned up after `kill -9`: the kernel drops the lock.
Each run locks one byte of `runs.lock`, whose place is a hash of the run's id.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
import sys
import threading
from collections.abc import Collection
from pathlib import Path

from motet.core.errors import RunOwned, StoreError

_BSD = sys.platform != "linux"
_FLOCK = "qqihhi" if _BSD else "hhqqi4x"
"""`struct flock` of fcntl(2): the type stands last but one on BSD and macOS, first on Linux."""
_TYPE_AT = 3 if _BSD else 0
_files: dict[Path, OwnedFile] = {}
_opening = threading.Lock()


class OwnedFile:
    """The lock file of one journal in this process.

    Record locks belong to the process and go when any descriptor of the file is closed, so
    there is one per process and file, for good.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreError(f"cannot be opened: {error.strerror}", where=str(path)) from error
        self._pid = os.getpid()
        self._held: set[str] = set()
        self._lost: set[str] = set()
        self._lock = threading.Lock()

    @property
    def stale(self) -> bool:
        """Whether it was opened before a fork: locks are not inherited."""
        return self._pid != os.getpid()

    def take(self, run: str) -> None:
        """Own a run. Raises `RunOwned` when another process, or this one, owns it."""
        with self._lock:
            if run in self._held:
                raise RunOwned("this process is running it already", where=run)
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(run))
            except OSError as error:
                raise RunOwned("another process is running it", where=run) from error
            self._held.add(run)
            self._lost.discard(run)

    def give_back(self, run: str) -> None:
        """Let others own it."""
        self._lost.discard(run)
        self._free(run)

    def _free(self, run: str) -> None:
        with self._lock:
            if run in self._held:
                self._held.discard(run)
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _place(run))

    def is_owned(self, run: str) -> bool:
        """Whether some process owns a run now; looking is in nobody's way."""
        with self._lock:
            if run in self._held:
                return True
            asked = struct.pack(_FLOCK, *_fields(fcntl.F_WRLCK, _place(run)))
            found = struct.unpack(_FLOCK, fcntl.fcntl(self._file, fcntl.F_GETLK, asked))
        return int(found[_TYPE_AT]) != fcntl.F_UNLCK

    def abandon(self) -> None:
        """Give up everything as if the process had died: others may own it."""
        with self._lock:
            held = list(self._held)
            self._lost.update(held)
        for run in held:
            self._free(run)

    def check(self, runs: Collection[str]) -> None:
        """Raise `StoreError` where this process owned one of the runs and gave it up."""
        if not self._lost.isdisjoint(runs):
            raise StoreError("this process gave the run up", where=min(self._lost & set(runs)))


def owned_file(path: Path) -> OwnedFile:
    """Return the lock file at a path, opened once in this process."""
    found = _files.get(path)
    if found is not None and not found.stale:
        return found
    resolved = path.resolve()
    with _opening:
        found = _files.get(resolved)
        if found is None or found.stale:
            found = _files[resolved] = OwnedFile(resolved)
        _files[path] = found
        return found


def _fields(kind: int, place: int) -> tuple[int, ...]:
    where = (place, 1, 0)
    return (*where, kind, os.SEEK_SET, 0) if _BSD else (kind, os.SEEK_SET, *where)


def _place(run: str) -> int:
    return int.from_bytes(hashlib.sha256(run.encode()).digest()[:7]) >> 1
