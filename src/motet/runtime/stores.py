"""What a journal needs of the store it lives in, beside what every room needs."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from motet.core.store.sessions import Place, Store, is_url


class Owners(Protocol):
    """Who runs which run: told by locks that die with their holder, never by clocks."""

    def take(self, run: str) -> None:
        """Own a run. Raises `RunOwned` when another process, or this one, owns it."""
        ...

    def give_back(self, run: str) -> None:
        """Let others own it."""
        ...

    def is_owned(self, run: str) -> bool:
        """Whether some process owns a run now; looking is in nobody's way."""
        ...

    def abandon(self) -> None:
        """Give up everything as if the process had died: others may own it."""
        ...

    def check(self, runs: Collection[str]) -> None:
        """Raise `StoreError` where this process owned one of the runs and lost it."""
        ...


class JournalStore(Store, Protocol):
    """A database with the journal's tables."""

    @property
    def owners(self) -> Owners:
        """Who runs which run."""
        ...

    def packed(self, text: str) -> str | bytes:
        """Return a value's text as the store keeps it."""
        ...

    def unpacked(self, value: str | bytes) -> str:
        """Return the text that `packed` was given."""
        ...


def open_store(place: Place, *, durable: bool) -> JournalStore:
    """Open the journal's store at a place. Raises `StoreError`, `SetupNeeded`."""
    if is_url(place):
        from motet.runtime.postgres import JournalServer

        return JournalServer(str(place))
    from motet.runtime.sqlite import JournalFile

    return JournalFile(Path(place), durable=durable)
