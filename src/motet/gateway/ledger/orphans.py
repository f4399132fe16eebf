"""What processes that died had on file and not yet in the store."""

from __future__ import annotations

from pathlib import Path

from motet.core.store.sessions import Store
from motet.gateway.ledger.folding import adopt
from motet.gateway.ledger.spool import SUFFIX, orphan
from motet.gateway.ledger.stores import identity


def adopt_all(store: Store, folder: Path) -> int:
    """Fold the spools of a folder whose processes are gone; return how many calls were open.

    Spools of another store are left alone. Raises `StoreError`.
    """
    count = 0
    paths = sorted(folder.glob(f"[!.]*{SUFFIX}"))
    own = identity(store) if paths else ""
    for path in paths:
        with orphan(path) as found:
            if found is not None and found.head.store == own:
                count += adopt(store, found)
    return count
