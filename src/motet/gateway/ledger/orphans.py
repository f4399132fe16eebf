"""What processes that died had on file and not yet in the store."""

from __future__ import annotations

import logging
from pathlib import Path

from motet.core.store.sessions import Store
from motet.gateway.ledger.folding import adopt, forget
from motet.gateway.ledger.spool import SUFFIX, orphan
from motet.gateway.ledger.stores import identity

DAMAGED = ".damaged"
_logger = logging.getLogger("motet.gateway")


def adopt_all(store: Store, folder: Path) -> None:
    """Fold the spools of a folder whose processes are gone, and delete them.

    Spools of another store are left alone; what is damaged is put aside. Raises `StoreError`.
    """
    paths = sorted(folder.glob(f"[!.]*{SUFFIX}"))
    own = identity(store) if paths else ""
    for path in paths:
        with orphan(path) as found:
            if found is None:
                continue
            head = found.head
            if head is None:
                _put_aside(path)
            elif head.store == own:
                if adopt(store, head, found.data):
                    path.unlink()
                else:
                    _put_aside(path)
                forget(store, head.holder)


def _put_aside(path: Path) -> None:
    aside = path.with_suffix(DAMAGED)
    path.replace(aside)
    _logger.warning(
        "%s is damaged: what its process had leased stays set aside, `motet spend leases` "
        "shows it and `motet spend free %s` frees it",
        aside,
        path.stem,
    )
