"""A process's own file of calls, written before they are made; it survives `kill -9`."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from motet.core.errors import StoreError
from motet.core.json import dumps, loads

SUFFIX = ".spool"
FULL = "the disk is full, calls cannot be recorded"
FREE = "free some space"


@dataclass(frozen=True, slots=True)
class Head:
    """A spool's first line. A `generation` is what was written between two clean-ups."""

    holder: str
    store: str
    generation: int

    def line(self) -> bytes:
        """Return it as written."""
        words = {"holder": self.holder, "store": self.store}
        return dumps({**words, "generation": self.generation}).encode() + b"\n"


class Spool:
    """The spool of this process, locked for as long as it lives.

    A line that `commit` returned for is in the hands of the operating system: only the loss
    of power can take it, until `sync`. Not safe for threads, but for `read` and `sync`.
    Raises `StoreError`.
    """

    def __init__(self, folder: Path, head: Head) -> None:
        self.head = head
        self._path = folder / f"{head.holder}{SUFFIX}"
        self._waiting: list[bytes] = []
        with _said(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._file, self.size = _written(self._path, head.line())

    @property
    def start(self) -> int:
        """Where the lines begin."""
        return len(self.head.line())

    def add(self, line: bytes) -> None:
        """Have a line written with the next `commit`."""
        self._waiting.append(line)

    def commit(self) -> None:
        """Write what was added."""
        if not self._waiting:
            return
        data = b"".join(self._waiting)
        try:
            written = os.write(self._file, data)
        except OSError as error:
            raise _meant(error, self._path) from error
        if written != len(data):  # nothing half-written stays
            os.ftruncate(self._file, self.size)
            raise StoreError(FULL, where=str(self._path), hint=FREE)
        self.size += written
        self._waiting.clear()

    def sync(self) -> None:
        """Flush what is written to the disk."""
        with _said(self._path):
            os.fsync(self._file)

    def read(self, at: int, most: int) -> bytes:
        """Return whole lines from a place on: some, where there are more than `most` bytes."""
        with _said(self._path):
            data = os.pread(self._file, min(most, self.size - at), at)
        return data[: data.rfind(b"\n") + 1]

    def renew(self, at: int, kept: bytes) -> None:
        """Begin a new generation: `kept` lines, then those from a place on."""
        self.commit()
        head = Head(self.head.holder, self.head.store, self.head.generation + 1)
        with _said(self._path):
            rest = os.pread(self._file, self.size - at, at)
            file, size = _written(self._path, head.line() + kept + rest)
            os.close(self._file)
        self.head, self._file, self.size = head, file, size

    def leave(self) -> None:
        """Let go of the file; whoever comes next adopts it."""
        os.close(self._file)

    def remove(self) -> None:
        """Delete the file: all it says is in the store."""
        with _said(self._path):
            self._path.unlink()
        self.leave()


def _written(path: Path, data: bytes) -> tuple[int, int]:
    """Put a locked file in its place at once: nobody ever finds it unlocked."""
    new = path.with_name(f".{path.name}")
    file = os.open(new, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.write(file, data) != len(data):
            raise StoreError(FULL, where=str(path), hint=FREE)
        new.replace(path)
    except BaseException:
        os.close(file)
        with suppress(FileNotFoundError):
            new.unlink()
        raise
    return file, len(data)


@dataclass(frozen=True, slots=True)
class Orphan:
    """A spool whose process is gone; `data` is all of it, up to its last whole line.

    Without a `head` it is damaged, or none of ours.
    """

    path: Path
    head: Head | None
    data: bytes


@contextmanager
def orphan(path: Path) -> Iterator[Orphan | None]:
    """Hold the spool of a process that is gone; None where it lives, or another holds it."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        yield _held(path, file)
    finally:
        os.close(file)


def _held(path: Path, file: int) -> Orphan | None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(file), path.stat()):
            return None  # its owner had put another in its place
    except (BlockingIOError, FileNotFoundError):
        return None
    with _said(path):
        data = os.pread(file, os.fstat(file).st_size, 0)
    return Orphan(path, _head(data), data[: data.rfind(b"\n") + 1])


def _head(data: bytes) -> Head | None:
    first, _, _ = data.partition(b"\n")
    try:
        found = cast("dict[str, str | int]", loads(first))
        return Head(str(found["holder"]), str(found["store"]), int(found["generation"]))
    except (ValueError, TypeError, KeyError):
        return None


@contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _meant(error, path) from error


def _meant(error: OSError, path: Path) -> StoreError:
    text = f"calls cannot be recorded: {error.strerror}"
    return StoreError(text, where=str(path), hint="check the disk")
