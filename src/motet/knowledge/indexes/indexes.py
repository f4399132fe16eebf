"""The disposable indexes of a scope: where they are, opening them, keeping them up to date."""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from motet.core.ids import sha256
from motet.knowledge.indexes.damage import Damaged

if TYPE_CHECKING:
    from motet.knowledge.indexes.text import TextIndex
    from motet.knowledge.indexes.vectors import VectorIndex
    from motet.knowledge.store import Store

LEAST = 20_000
"""Chunks from which on an index is faster than looking at all of them."""

_logger = logging.getLogger("motet.knowledge")
_IDENTITY = "SELECT next FROM numbers WHERE name = 'identity'"
Index = TypeVar("Index")


@dataclass(frozen=True, slots=True)
class Status:
    """What one index has absorbed: `sequence` of the store's `last`; `bytes` on disk."""

    name: str
    sequence: int
    last: int
    entries: int
    bytes: int


class Indexes:
    """The text and vector index of a store's scope, under a folder of the state folder.

    Without `home` it is the folder of the store's file. Any process reads them; the one that
    holds the lock absorbs. Whoever finds an index damaged goes on without it, and whoever
    absorbs next builds it anew. Safe to use from several threads.
    """

    def __init__(self, store: Store, home: Path | None = None, *, least: int = LEAST) -> None:
        self._store = store
        self._least = least
        self._folder = scope_folder(store, home)
        self._lock = threading.Lock()
        self._text: _Opened[TextIndex] = _Opened(Path("text/meta.json"), _open_text)
        self._vectors: _Opened[VectorIndex] = _Opened(Path("vectors/state.json"), _open_vectors)
        self._identity: str | None = None
        self._worker: threading.Thread | None = None

    def text(self) -> TextIndex | None:
        """Return the text index as it was committed last, None where there is none to use."""
        return self._current(self._text)

    def vectors(self, embedder: str) -> VectorIndex | None:
        """Return the index of an embedder's vectors as it was written last, or None."""
        found = self._current(self._vectors)
        return found if found is not None and found.embedder == embedder else None

    def give_up_text(self, damage: Damaged) -> None:
        """Leave the text index unused until it is written again: a search found it damaged."""
        self._text.give_up(damage)

    def give_up_vectors(self, damage: Damaged) -> None:
        """Leave the vector index unused until it is written again."""
        self._vectors.give_up(damage)

    def _current(self, opened: _Opened[Index]) -> Index | None:
        folder = self._own_folder()
        if folder is None:
            return None
        with self._lock:
            return opened.current(folder)

    def absorb(self, embedder: str | None = None) -> bool:
        """Bring the indexes up to date; False where another process is at it.

        `embedder` names the vectors to index; without it the vectors stay as they are. Below
        the least size nothing is built. Takes minutes for a first million of chunks.
        """
        from motet.knowledge.indexes.absorbing import absorb_text, absorb_vectors

        if self._own_folder() is None and self._store.count() < self._least:
            return True
        folder = self._own_folder(make=True)
        assert folder is not None
        with _held(folder.parent) as held:
            if not held:
                return False
            for other in folder.parent.iterdir():
                if other.is_dir() and other != folder:  # of a store that was here before
                    shutil.rmtree(other)
            _renewed(folder / "text", lambda part: absorb_text(self._store, part, self._least))
            if embedder is not None:
                name = embedder
                _renewed(
                    folder / "vectors",
                    lambda part: absorb_vectors(self._store, part, name, self._least),
                )
        return True

    def absorb_soon(self, embedder: str | None) -> None:
        """Bring the indexes up to date in a thread, unless one is at it."""
        with self._lock:
            if self._worker is not None and self._worker.is_alive():
                return
            self._worker = threading.Thread(
                target=self.absorb, args=(embedder,), daemon=True, name="motet-index"
            )
            self._worker.start()

    def discard(self) -> None:
        """Delete the indexes; exact search answers until they are built again.

        Waits for whoever absorbs. Afterwards no file of them holds anything of the store.
        """
        folder = self._folder
        if not folder.exists():
            return
        with _held(folder, wait=True):
            for part in folder.iterdir():
                if part.is_dir():
                    shutil.rmtree(part)
        with self._lock:
            self._text.forget()
            self._vectors.forget()

    def status(self) -> list[Status]:
        """Return what each index that is there has absorbed."""
        folder = self._own_folder()
        if folder is None:
            return []
        last = self._store.sequence()
        text, vectors = self._current(self._text), self._current(self._vectors)
        found = []
        if text is not None:
            size = _size(folder / "text")
            found.append(Status("text", text.sequence, last, text.chunks, size))
        if vectors is not None:
            size = _size(folder / "vectors")
            found.append(Status("vectors", vectors.sequence, last, len(vectors.chunks), size))
        return found

    def _own_folder(self, *, make: bool = False) -> Path | None:
        """Return the folder for this very store, None while nothing was ever built for it.

        A new store in the place of an old one has another identity.
        """
        if self._identity is None:
            with self._store.read() as session:
                found = session.rows(_IDENTITY)
            if not found and make:
                number = secrets.randbits(48)
                with self._store.write() as session:
                    session.execute(
                        "INSERT INTO numbers (name, next) VALUES ('identity', ?) "
                        "ON CONFLICT DO NOTHING",
                        (number,),
                    )
                    found = session.rows(_IDENTITY)
            if not found:
                return None
            self._identity = f"{found[0][0]:012x}"
        return self._folder / self._identity


def scope_folder(store: Store, home: Path | None = None) -> Path:
    """Return the folder of the indexes of a store's scope; it may not exist.

    Without `home`, the state folder, it is beside the store's file.
    """
    if store.engine == "sqlite":
        return (home or Path(store.place).parent) / "indexes" / sha256(store.scope.encode())[:16]
    from motet.core.folders import home_folder

    of = sha256(f"{store.name}\0{store.scope}".encode())[:16]
    return (home or home_folder()) / "indexes" / of


class _Opened(Generic[Index]):
    """An index kept open until the file that says what it is changes."""

    def __init__(self, stamp: Path, opening: Callable[[Path], Index | None]) -> None:
        self._stamp = stamp
        self._opening = opening
        self._seen: tuple[int, ...] | None = None
        self._found: Index | None = None

    def current(self, folder: Path) -> Index | None:
        try:
            status = (folder / self._stamp).stat()
        except OSError:
            self.forget()
            return None
        seen = (status.st_mtime_ns, status.st_ino, status.st_size)
        if seen != self._seen:
            self._found, self._seen = self._open(folder), seen
        return self._found

    def forget(self) -> None:
        self._found = self._seen = None

    def give_up(self, damage: Damaged) -> None:
        _logger.warning("a search index is damaged and goes unused: %s", damage)
        self._found = None

    def _open(self, folder: Path) -> Index | None:
        try:
            return self._opening(folder / self._stamp.parent)
        except Damaged:
            pass  # perhaps what was to be read was replaced meanwhile
        try:
            return self._opening(folder / self._stamp.parent)
        except Damaged as damage:
            self.give_up(damage)
            return None


def _open_text(folder: Path) -> TextIndex | None:
    from motet.knowledge.indexes.text import TextIndex

    found = TextIndex(folder)
    return found if found.sequence else None


def _open_vectors(folder: Path) -> VectorIndex | None:
    from motet.knowledge.indexes.generation import Generation
    from motet.knowledge.indexes.vectors import VectorIndex

    state = Generation.read(folder)
    return None if state is None or not state.indexed else VectorIndex(folder, state)


def _renewed(folder: Path, absorb: Callable[[Path], None]) -> None:
    """Absorb; where the index is damaged, delete it and build it anew."""
    try:
        absorb(folder)
    except Damaged as damage:
        _logger.warning("a search index is damaged and built anew: %s", damage)
        shutil.rmtree(folder, ignore_errors=True)
        absorb(folder)


@contextmanager
def _held(folder: Path, *, wait: bool = False) -> Iterator[bool]:
    """Hold the lock of the indexes, which the death of the process frees; say if it is held."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def _size(folder: Path) -> int:
    return sum(
        (Path(here) / name).stat().st_size for here, _, names in os.walk(folder) for name in names
    )
