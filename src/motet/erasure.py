"""True deletion of a source from everything a system keeps, and the proof of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from motet.core.errors import StoreError
from motet.core.store.compaction import compact
from motet.core.traces import Traces
from motet.gateway.cache import AnswerCache
from motet.gateway.ledger import redaction as ledger_redaction
from motet.gateway.ledger.place import ledger_place
from motet.gateway.ledger.stores import open_store
from motet.knowledge.indexes.indexes import Indexes
from motet.knowledge.provenance.erasure import Erasure
from motet.runtime import redaction

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.knowledge.memory import Memory
    from motet.knowledge.provenance.erasure import Held
    from motet.knowledge.store import Store
    from motet.runtime.journal import Journal

UPLOADS = "uploads"
"""The folder, in the state folder, of files that were added through the page."""
_BLOCK = 8 << 20
"""Bytes of a file that are looked through at a time."""


@dataclass(slots=True)
class Erased:
    """What a deletion did. `left` are files of the state folder that still hold a part.

    `runs` and `memories` lost what they took from the source; `unfinished` runs go on in
    another process and may write more of it.
    """

    source: str
    again: bool = False
    runs: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    memories: list[str] = field(default_factory=list)
    answers: int = 0
    entries: int = 0
    left: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {
            "source": self.source,
            "again": self.again,
            "runs": [*self.runs],
            "unfinished": [*self.unfinished],
            "memories": [*self.memories],
            "answers": self.answers,
            "entries": self.entries,
            "left": [*self.left],
        }


class Eraser:
    """Deletes sources of a system: from its store, runs, memory, kept answers and ledger.

    A deletion that was interrupted is finished by doing it again.
    """

    def __init__(self, store: Store, journal: Journal, memory: Memory, home: Path) -> None:
        self._store = store
        self._journal = journal
        self._memory = memory
        self._home = home

    def erase(self, source: str) -> Erased:
        """Delete a source for good; its file is kept out from now on.

        Raises `UsageError` for one that was never there, `StoreError`.
        """
        erasure = Erasure(self._store)
        held = erasure.held(source)
        done = Erased(source, again=held is None)
        if held is not None:
            traces = erasure.traces(held)
            erasure.hide(source)
            self._redact(held, traces, done)
            erasure.remove(held, traces)
            self._remove_upload(source)
        self._clean(erasure)
        done.answers = self._forget_answers()
        if held is not None:
            done.left = [*self._left(held.signs)]
        return done

    def _redact(self, held: Held, traces: Traces, done: Erased) -> None:
        found = redaction.redact(self._journal, [held.version], traces)
        done.runs, done.unfinished = found.runs, found.unfinished
        lost = self._memory.redact(held.source, {*found.runs, *found.unfinished}, traces)
        done.memories = [*lost]
        ledger = open_store(ledger_place(self._journal.place))
        try:
            done.entries = ledger_redaction.redact(ledger, traces)
            if done.entries:
                compact(ledger)
        finally:
            ledger.close()

    def _remove_upload(self, source: str) -> None:
        """Delete a file that was added through the page: it lies in the state folder."""
        path = self._home / UPLOADS / PurePosixPath(source).name
        if PurePosixPath(source).parent.name == UPLOADS and path.is_file():
            path.unlink()

    def _clean(self, erasure: Erasure) -> None:
        Indexes(self._store, self._home).discard()
        erasure.compact()
        compact(self._journal.store)

    def _forget_answers(self) -> int:
        """Drop what the gateway keeps: streamed answers hold words in pieces nobody can find."""
        place = self._home / "cache.db"
        if not place.exists():
            return 0
        cache = AnswerCache(place, 0.0)
        try:
            return cache.clear()
        finally:
            cache.close()

    def _left(self, signs: Sequence[bytes]) -> Iterator[str]:
        """Yield the files of the state folder that hold one of the signs."""
        for path in sorted(each for each in self._home.rglob("*") if each.is_file()):
            if holds(path, signs):
                yield str(path)


def holds(path: Path, signs: Sequence[bytes]) -> bool:
    """Whether a file holds one of some byte strings. Raises `StoreError`."""
    overlap = max(map(len, signs), default=1) - 1
    tail = b""
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                data = tail + block
                if any(sign in data for sign in signs):
                    return True
                tail = data[-overlap:] if overlap else b""
    except FileNotFoundError:  # somebody tidied it away meanwhile
        return False
    except OSError as error:
        raise StoreError(f"cannot be looked through: {error.strerror}", where=str(path)) from error
    return False
