"""Accounts: who may pass, what a call may cost, what it did cost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from motet.core.clock import now, tick
from motet.core.errors import MotetBug, StoreError
from motet.core.store.sessions import Place, Store
from motet.gateway.accounts.asking import Ask, Hold, Refusal
from motet.gateway.accounts.directory import Directory
from motet.gateway.accounts.keeper import Keeper
from motet.gateway.accounts.leases import MINUTE, Short, tidy
from motet.gateway.accounts.meter import budgeted
from motet.gateway.accounts.purses import Purses
from motet.gateway.accounts.refusals import unpriced
from motet.gateway.accounts.registry import Registry
from motet.gateway.accounts.tenant import Tenant
from motet.gateway.ledger.entry import Entry
from motet.gateway.ledger.orphans import adopt_all
from motet.gateway.ledger.place import ledger_place, spool_folder
from motet.gateway.ledger.recorder import Recorder
from motet.gateway.ledger.stores import open_store

P = ParamSpec("P")
T = TypeVar("T")
EVERY = 0.25
"""Seconds between two turns of the thread in the background."""
ORPHANS = 20
"""Turns between two looks for what processes that died left behind."""
PATIENCE = 0.7
"""Seconds to wait for what other processes hold and do not use."""
STEP = 0.05
_logger = logging.getLogger("motet.gateway")


class Accounts:
    """Keys, limits and the ledger, as one process of a gateway uses them.

    Before a call is made it is reserved: it is on file, and what it may cost is set aside;
    after it, it is settled with what it did cost. What a process sets aside comes out of
    leases, so that several never spend more than a budget together. Rows reach the store
    from a thread in the background.

    Raises `StoreError` where the store or the spool cannot be used.
    """

    def __init__(self, store: Store, spool: Path, clock: Callable[[], float] = now) -> None:
        self._store = store
        self.registry = Registry(store)
        self._directory = Directory(self.registry)
        adopt_all(store, spool)
        self._recorder = Recorder(store, spool)
        self._lock = self._recorder.lock
        self._purses = Purses(self._recorder.holder, store, self._directory, self._lock, clock)
        self._thread = ThreadPoolExecutor(1, "motet-leases")
        self._clock = clock
        self._closed = False
        self._flushing = False
        self._turns = 0
        self.overruns = 0
        """Calls that cost more than was set aside for them."""
        self._keeper = Keeper(self._turn, EVERY)

    @classmethod
    def open(
        cls, place: Place, spool: Path | None = None, *, clock: Callable[[], float] = now
    ) -> Self:
        """Open the accounts at a place: `ledger.db`, or the URL of a PostgreSQL database.

        `spool` is the folder for what is not in the store yet. What processes that died had
        on file is brought into the store first.
        """
        store = open_store(place)
        try:
            return cls(store, spool or spool_folder(place), clock)
        except BaseException:
            store.close()
            raise

    @property
    def has_keys(self) -> bool:
        """Whether keys were ever made here, so that whoever asks needs one."""
        return self._directory.ever_used

    @property
    def store(self) -> Store:
        """The ledger's database, for reports."""
        return self._store

    @classmethod
    def beside(cls, journal: Place, declaration: Path | None) -> Self:
        """Open the accounts that belong to a journal and a declaration; see `open`."""
        place = ledger_place(journal)
        return cls.open(place, spool_folder(place, declaration))

    # The hot path

    def tenant(self, secret: str) -> Tenant | None:
        """Return whoever a key was given to, None where it is not valid.

        What other processes change is seen within a second.
        """
        return self._directory.find(secret)

    def reserve(self, tenant: Tenant, ask: Ask, *, commit: bool = True) -> Hold | Refusal | None:
        """Set aside what a call may use and put it on file; None where the store must be asked.

        Without `commit`, the call may be made only once `commit()` has returned.
        """
        minute = int(self._clock()) // MINUTE
        with self._lock:
            key, team = self._purses.of(tenant) if tenant.limited else (None, None)
            bound, tokens = ask.bound, ask.tokens
            if bound is None:
                if budgeted(key) or budgeted(team):
                    return unpriced(ask.model, f"key {tenant.name}")
                bound = 0
            if (key is not None and not key.has(bound, tokens, minute)) or (
                team is not None and not team.has(bound, tokens, minute)
            ):
                return self._purses.refusal(tenant, ask)
            from_key = 0 if key is None else key.take(bound, tokens)
            from_team = 0 if team is None else team.take(bound, tokens)
            hold = Hold(ask, minute, key, team, from_key, from_team)
            try:
                self._open(hold, tenant)
            except MotetBug:
                hold.give_back()
                raise
            if commit:
                self._commit(hold)
        return hold

    def _open(self, hold: Hold, tenant: Tenant) -> None:
        ask = hold.ask
        call = (
            ask.id,
            ask.attempt,
            ask.started,
            tenant.id,
            tenant.team,
            ask.user,
            ask.system,
            ask.run,
            ask.endpoint,
            ask.provider,
            ask.model,
            ask.bound,
            hold.from_key,
            hold.from_team,
        )
        self._recorder.opened(call)

    def _commit(self, hold: Hold) -> None:
        """Put a call on file; where that fails it must not be made."""
        try:
            self._recorder.commit()
        except StoreError:
            self._undo(hold)
            raise

    def _undo(self, hold: Hold) -> None:
        self._end(hold)
        self._recorder.void(hold.ask.id, hold.ask.attempt)
        hold.give_back()

    def _end(self, hold: Hold) -> None:
        if hold.ended:
            raise MotetBug(f"the call {hold.ask.id} {hold.ask.attempt} was over already")
        hold.ended = True

    def commit(self) -> None:
        """Put on file what was reserved without that."""
        with self._lock:
            self._recorder.commit()

    async def areserve(self, tenant: Tenant, ask: Ask) -> Hold | Refusal:
        """Set aside what a call may use, asking the store where that is needed.

        Where other processes hold what is missing, they are asked for what they do not use.
        """
        began = tick()
        recalled = False
        while (found := self.reserve(tenant, ask)) is None:
            short: Short | None = await self._aside(self._purses.fill, tenant, ask)
            if short is None:
                continue
            if not short.may_come_back or tick() - began > PATIENCE:
                return self._purses.refused(tenant, ask, short)
            if not recalled:
                await self._aside(self._purses.recall, short.account)
                recalled = True
            await asyncio.sleep(STEP)
        return found

    async def _aside(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the store in one thread: of calls that wait, the first may lease for the others."""
        work = partial(call, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def settle(self, hold: Hold, entry: Entry) -> None:
        """Book what a call did cost; a cost that nobody knows counts as its bound.

        A hold is settled or released once.
        """
        ask = hold.ask
        bound = ask.bound
        if entry.id != ask.id or entry.attempt != ask.attempt:
            raise MotetBug(f"the entry of {entry.id} {entry.attempt} is not of {ask.id}")
        if entry.cost is None and bound is not None:
            entry = entry._replace(cost=bound, estimated=True)
        spent = entry.cost or 0
        from_key, from_team = min(spent, hold.from_key), min(spent, hold.from_team)
        with self._lock:
            self._end(hold)
            self._recorder.closed(entry, bound, from_key, from_team)
            if bound is not None and spent > bound:
                self.overruns += 1
            hold.give_back(from_key, from_team, entry.input_tokens + entry.output_tokens)
        self._soon()

    def release(self, hold: Hold) -> None:
        """Give back what was set aside for a call that was never made; no row remains."""
        with self._lock:
            self._undo(hold)
        self._soon()

    def record(self, entry: Entry) -> None:
        """Book what needed no hold: a cached answer, a refusal."""
        with self._lock:
            self._recorder.closed(entry, None, 0, 0)
        self._soon()

    def _soon(self) -> None:
        """Write to the spool once in this turn of the event loop; at once without one."""
        if self._flushing:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.commit()
            return
        self._flushing = True
        loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        try:
            self.commit()
        except StoreError as error:  # the lines wait for the next commit
            _logger.warning("%s", error)

    # In the background

    def _turn(self) -> None:
        self._flushing = False  # a loop that was closed may have left something
        self.commit()
        if self._recorder.behind:
            self._recorder.fold()
        self._purses.answer_recalls()
        self._turns += 1
        if self._turns % 2 == 0:
            self.refresh()
            self._purses.give_back()
        if self._turns % ORPHANS == 0:
            self._recorder.adopt()
            tidy(self._store, self._clock())

    def flush(self) -> None:
        """Return once all that was noted so far is in the store."""
        self.commit()
        self._recorder.fold()

    def rest(self) -> None:
        """Bring everything into the store, and give back what is leased and not held."""
        self.flush()
        self._purses.give_back(idle=0.0)

    def refresh(self) -> None:
        """Take over what was changed about keys and teams."""
        if self._directory.refresh():
            self._purses.refresh()

    def close(self) -> None:
        """Bring everything into the store; what is under way counts as aborted."""
        if self._closed:
            return
        self._closed = True
        self._keeper.stop()
        self._thread.shutdown()
        try:
            self._recorder.close()
        finally:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
