"""Where the ledger is kept."""

from __future__ import annotations

from pathlib import Path

from motet.core.folders import home_folder
from motet.core.store.sessions import Place, is_url


def ledger_place(journal: Place) -> Place:
    """Return where the ledger beside a journal is: `ledger.db`, or the same database."""
    return journal if is_url(journal) else Path(journal).with_name("ledger.db")


def spool_folder(ledger: Place, declaration: Path | None = None) -> Path:
    """Return where this machine's processes write before the ledger has it.

    Beside `ledger.db`; for a database server, in the state folder of the system.
    """
    home = home_folder(declaration) if is_url(ledger) else Path(ledger).absolute().parent
    return home / "spool"
