"""Finding the ledger that `-s` or the folder means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from motet.cli.homes import journal_of

if TYPE_CHECKING:
    from motet.core.store.sessions import Store
    from motet.gateway.accounts.registry import Registry


@contextmanager
def ledger_of(system: str | None, *, make: bool = False) -> Iterator[Store | None]:
    """Give the ledger of a state folder; None where there is none yet, unless it is to be made.

    What processes that died had on file is brought into it first.
    """
    from motet.gateway.ledger.orphans import adopt_all
    from motet.gateway.ledger.place import ledger_place, spool_folder
    from motet.gateway.ledger.stores import open_store

    journal, declaration = journal_of(system)
    place = ledger_place(journal)
    if isinstance(place, Path) and not place.exists() and not make:
        yield None
        return
    store = open_store(place)
    try:
        adopt_all(store, spool_folder(place, declaration))
        yield store
    finally:
        store.close()


@contextmanager
def registry_of(system: str | None) -> Iterator[Registry]:
    """Give the keys and teams of a state folder, which is made where there is none."""
    from motet.gateway.accounts.registry import Registry

    with ledger_of(system, make=True) as store:
        assert store is not None
        yield Registry(store)
