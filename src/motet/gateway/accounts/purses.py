"""The meters of this process, filled from the store and emptied back into it."""

from __future__ import annotations

import threading

from motet.core.clock import now, tick
from motet.core.store.sessions import Store
from motet.gateway.accounts.asking import Ask, Refusal
from motet.gateway.accounts.directory import Directory
from motet.gateway.accounts.leases import MINUTE, Grant, Need, Short, give_back, grant
from motet.gateway.accounts.meter import Meter
from motet.gateway.accounts.refusals import refusal
from motet.gateway.accounts.tenant import Tenant
from motet.gateway.ledger.folding import team_account

Meters = tuple[Meter | None, Meter | None]
"""Those of a tenant's key and team; None where nothing is limited."""
CALLS = 8
"""A first lease holds so many calls like the one that asks for it."""
IDLE_SECONDS = 1.0


class Purses:
    """Meters by account. `lock` is held by whoever uses one, and never while the store works."""

    def __init__(
        self, store: Store, holder: str, directory: Directory, lock: threading.Lock
    ) -> None:
        self._store = store
        self._holder = holder
        self._directory = directory
        self._lock = lock
        self._meters: dict[str, Meter] = {}
        self._of: dict[str, Meters] = {}

    def of(self, tenant: Tenant) -> Meters:
        """Return the meters of a tenant."""
        found = self._of.get(tenant.id)
        if found is None:
            team = team_account(tenant.team) if tenant.team else ""
            found = self._of[tenant.id] = self._meter(tenant.id), self._meter(team)
        return found

    def _meter(self, account: str) -> Meter | None:
        limits = self._directory.limits.get(account)
        if not limits:
            return None
        meter = self._meters.get(account)
        if meter is None:
            meter = self._meters[account] = Meter(account, limits)
        return meter

    def refresh(self) -> None:
        """Take over limits that were changed."""
        with self._lock:
            self._of.clear()
            for account, meter in self._meters.items():
                meter.limits = self._directory.limits.get(account, meter.limits)

    def fill(self, tenant: Tenant, ask: Ask) -> Refusal | None:
        """Lease what a call needs, or say why it is refused. Raises `StoreError`."""
        seconds = now()
        minute = int(seconds // MINUTE)
        with self._lock:
            meters = {each.account: each for each in self.of(tenant) if each is not None}
            needs = [self._need(each, ask, minute) for each in meters.values()]
        found = grant(self._store, self._holder, needs, seconds)
        if isinstance(found, Short):
            limits = meters[found.account].limits
            who = f"the team {tenant.team}" if found.account != tenant.id else f"key {tenant.name}"
            return refusal(found, who, limits.period, ask.bound or 0, ask.tokens, seconds)
        with self._lock:
            for account, given in found.items():
                self._add(meters[account], given, minute)
        return None

    def _need(self, meter: Meter, ask: Ask, minute: int) -> Need:
        limits, bound = meter.limits, ask.bound or 0
        meter.turn(minute)
        if limits.budget is not None:
            soon = tick() - meter.leased < IDLE_SECONDS
            meter.size = 2 * meter.size if soon else CALLS * bound
        cost = bound - meter.left if limits.budget is not None else 0
        requests = 1 - meter.requests if limits.requests is not None else 0
        tokens = ask.tokens - meter.tokens if limits.tokens is not None else 0
        return Need(meter.account, max(0, cost), max(0, requests), max(0, tokens), meter.size)

    def _add(self, meter: Meter, given: Grant, minute: int) -> None:
        meter.left += given.cost
        if given.cost:
            meter.leased = tick()
        if meter.minute == minute:
            meter.requests += given.requests
            meter.tokens += given.tokens

    def give_back(self, *, everything: bool = False) -> None:
        """Return what is leased and was not asked for lately. Raises `StoreError`."""
        minute = int(now() // MINUTE)
        for meter in list(self._meters.values()):
            with self._lock:
                if not everything and tick() - meter.used < IDLE_SECONDS:
                    continue
                meter.turn(minute)
                given = Grant(meter.left, max(0, meter.requests), max(0, meter.tokens))
                if given == Grant(0, 0, 0):
                    continue
                meter.left = meter.requests = meter.tokens = 0
            try:
                give_back(self._store, self._holder, meter.account, given, minute)
            except BaseException:
                with self._lock:
                    self._add(meter, given, minute)
                raise
