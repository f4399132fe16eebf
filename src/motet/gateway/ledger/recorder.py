"""A process's writing into the ledger: on file at once, in the store soon, exactly once."""

from __future__ import annotations

import threading
from pathlib import Path

from motet.core.clock import tick
from motet.core.errors import MotetBug
from motet.core.ids import new_id
from motet.core.store.sessions import Store
from motet.gateway.ledger.entry import Entry
from motet.gateway.ledger.folding import finish, fold, forget
from motet.gateway.ledger.lines import Call, closed_line, opened_line, void_line
from motet.gateway.ledger.orphans import adopt_all
from motet.gateway.ledger.spool import Head, Spool
from motet.gateway.ledger.stores import identity

RENEW_FROM = 16 << 20
"""Bytes from which on a spool is begun anew."""

SYNC_SECONDS = 1.0
"""How often what is on the spool is flushed to the disk: calls under way are nowhere else."""


class Recorder:
    """Writes calls of this process into its spool, and folds that into the store.

    `opened`, `closed`, `void` and `commit` are called by whoever holds `lock`; the rest by
    any thread. Raises `StoreError`.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self.lock = threading.Lock()
        self._folding = threading.Lock()
        self.holder = new_id("spool")
        self._store = store
        self._folder = folder
        self._open: dict[tuple[str, int], bytes] = {}
        self._spool = Spool(folder, Head(self.holder, identity(store), 1))
        self._folded = self._spool.size
        self._synced = tick()

    def opened(self, call: Call) -> None:
        """Note a call that is about to be made; it may be made once `commit` returned."""
        key = call[:2]
        if key in self._open:
            raise MotetBug(f"the call {call[0]} {call[1]} is under way already")
        line = self._open[key] = opened_line(call)
        self._spool.add(line)

    def closed(self, entry: Entry, bound: int | None, from_key: int, from_team: int) -> None:
        """Note how a call ended, or what needed no call."""
        self._open.pop(entry[:2], None)
        self._spool.add(closed_line(entry, bound, from_key, from_team))

    def void(self, id: str, attempt: int) -> None:
        """Note that an opened call was never made."""
        self._open.pop((id, attempt), None)
        self._spool.add(void_line(id, attempt))

    def commit(self) -> None:
        """Write what was noted to the spool."""
        self._spool.commit()

    @property
    def behind(self) -> bool:
        """Whether something of the spool is not in the store."""
        return self._spool.size > self._folded

    def fold(self) -> None:
        """Bring what is on the spool into the store."""
        with self._folding:
            if tick() - self._synced >= SYNC_SECONDS:
                self._spool.sync()
                self._synced = tick()
            self._folded = fold(self._store, self._spool)
            if self._spool.size > RENEW_FROM:
                self._renew()

    def _renew(self) -> None:
        with self.lock:
            self._spool.renew(self._folded, b"".join(self._open.values()))
        self._folded = self._spool.start

    def adopt(self) -> None:
        """Fold the spools of processes that are gone."""
        adopt_all(self._store, self._folder)  # ours is locked

    def close(self) -> None:
        """Bring everything into the store and delete the spool.

        Calls that are under way count as if the process had died. Where the store does not
        answer, the spool stays, and whoever comes next adopts it.
        """
        try:
            with self.lock:
                self.commit()
            self.fold()
            finish(self._store, self._spool, self._open.values())
            self._spool.remove()
            forget(self._store, self.holder)
        except BaseException:
            self._spool.leave()
            raise
