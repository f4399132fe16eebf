"""The meters of this process, filled from the store and emptied back into it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from motet.core.clock import tick
from motet.core.store.sessions import Store
from motet.gateway.accounts.asking import Ask, Refusal
from motet.gateway.accounts.directory import Directory
from motet.gateway.accounts.leases import (
    MINUTE,
    Grant,
    Need,
    Short,
    give_back,
    grant,
    recall,
    recalled,
)
from motet.gateway.accounts.meter import Meter
from motet.gateway.accounts.refusals import refusal
from motet.gateway.accounts.tenant import Tenant
from motet.gateway.ledger.folding import team_account

Meters = tuple[Meter | None, Meter | None]
"""Those of a tenant's key and team; None where nothing is limited."""
CALLS = 8
"""A first lease holds so many calls like the one that asks for it."""
IDLE_SECONDS = 1.0
SHORT_SECONDS = 0.25
"""How long a process believes that the store has too little."""
SCARCE_SECONDS = 2.0
"""How long after somebody wanted more than was left nobody leases more than is needed."""


class Purses:
    """Meters by account. `lock` is held by whoever uses one, and never while the store works."""

    def __init__(
        self,
        holder: str,
        store: Store,
        directory: Directory,
        lock: threading.Lock,
        clock: Callable[[], float],
    ) -> None:
        self._holder = holder
        self._store = store
        self._clock = clock
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

    def fill(self, tenant: Tenant, ask: Ask) -> Short | None:
        """Lease what a call needs, or say what there is too little of. Raises `StoreError`."""
        seconds = self._clock()
        minute = int(seconds // MINUTE)
        with self._lock:
            meters = {each.account: each for each in self.of(tenant) if each is not None}
            needs = [self._need(each, ask, minute) for each in meters.values()]
        if not any(each.cost or each.requests or each.tokens for each in needs):
            return None  # another call has leased it meanwhile
        found = grant(self._store, self._holder, needs, seconds)
        if isinstance(found, Short):
            return found
        with self._lock:
            for account, given in found.items():
                self._add(meters[account], given, minute)
        return None

    def _need(self, meter: Meter, ask: Ask, minute: int) -> Need:
        limits, bound = meter.limits, ask.bound or 0
        meter.turn(minute)
        cost = requests = tokens = 0
        if limits.budget is not None:
            cost = bound - meter.left
            soon = tick() - meter.leased < IDLE_SECONDS
            meter.size = 2 * meter.size if soon else CALLS * bound
        if limits.requests is not None:
            requests = 1 - meter.requests
        if limits.tokens is not None:
            tokens = ask.tokens - meter.tokens
        size = 0 if tick() < meter.scarce else meter.size
        return Need(meter.account, max(0, cost), max(0, requests), max(0, tokens), size)

    def refusal(self, tenant: Tenant, ask: Ask) -> Refusal | None:
        """Return why a call is refused that does not fit, where that was found lately."""
        for meter in self.of(tenant):
            short = None if meter is None else meter.lacks(ask.bound or 0, ask.tokens)
            if short is not None:
                return self._said(tenant, ask, short)
        return None

    def refused(self, tenant: Tenant, ask: Ask, short: Short) -> Refusal:
        """Return why a call is refused, which counts for a moment for all like it."""
        meter = self._meters[short.account]
        meter.short, meter.short_until = short, tick() + SHORT_SECONDS
        return self._said(tenant, ask, short)

    def _said(self, tenant: Tenant, ask: Ask, short: Short) -> Refusal:
        who = f"key {tenant.name}" if short.account == tenant.id else f"team {tenant.team}"
        period = self._meters[short.account].limits.period
        return refusal(short, who, period, ask.bound or 0, ask.tokens, self._clock())

    def recall(self, account: str) -> None:
        """Ask other processes for what they hold and do not use. Raises `StoreError`."""
        with self._lock:
            self._meters[account].scarce = tick() + SCARCE_SECONDS
        recall(self._store, account, self._clock() + SCARCE_SECONDS)

    def answer_recalls(self) -> None:
        """Give back what others want and is not used here. Raises `StoreError`."""
        for account in recalled(self._store, self._clock()) & self._meters.keys():
            meter = self._meters[account]
            meter.scarce = tick() + SCARCE_SECONDS
            self._return(meter)

    def _add(self, meter: Meter, given: Grant, minute: int) -> None:
        meter.left += given.cost
        if given.cost:
            meter.leased = tick()
        if meter.minute == minute:
            meter.requests += given.requests
            meter.tokens += given.tokens

    def give_back(self, *, idle: float = IDLE_SECONDS) -> None:
        """Return what is leased and was not asked for lately. Raises `StoreError`."""
        for meter in list(self._meters.values()):
            if tick() - meter.used >= idle:
                self._return(meter)

    def _return(self, meter: Meter) -> None:
        minute = int(self._clock() // MINUTE)
        with self._lock:
            meter.turn(minute)
            given = Grant(meter.left, max(0, meter.requests), max(0, meter.tokens))
            if given == Grant(0, 0, 0):
                return
            meter.left = meter.requests = meter.tokens = 0
        try:
            give_back(self._store, self._holder, meter.account, given, minute)
        except BaseException:
            with self._lock:
                self._add(meter, given, minute)
            raise
