"""Tenants, calls and entries for tests of accounts and ledger."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any

from motet.core.clock import now
from motet.core.money import PICO
from motet.core.store.sessions import Row, Store
from motet.gateway.accounts import Accounts, Ask, Entry, Hold, Key, Limits, Refusal, Team, Tenant

DOLLAR = PICO
CENT = PICO // 100
_count = itertools.count(1)


def tenant(accounts: Accounts, name: str = "app", **limits: Any) -> Tenant:
    """Make a key with limits and return whoever holds it."""
    _, secret = accounts.registry.create(Key(name, limits=Limits(**limits)))
    return seen(accounts, secret)


def member(accounts: Accounts, team: str, name: str = "app", **limits: Any) -> Tenant:
    """Make a key of a team and return whoever holds it."""
    _, secret = accounts.registry.create(Key(name, team=team, limits=Limits(**limits)))
    return seen(accounts, secret)


def make_team(accounts: Accounts, name: str, **limits: Any) -> Team:
    return accounts.registry.create_team(Team(name, Limits(**limits)))


def seen(accounts: Accounts, secret: str) -> Tenant:
    accounts.refresh()
    found = accounts.tenant(secret)
    assert found is not None
    return found


def ask(bound: int | None = CENT, *, id: str | None = None, attempt: int = 1, **more: Any) -> Ask:
    name = id or f"req_{next(_count):06}"
    told = {"tokens": 100, "started": now(), **more}
    return Ask(name, attempt, "small", "there", "chat", bound, **told)


def entry(hold: Hold, who: Tenant, cost: int | None, **more: Any) -> Entry:
    asked = hold.ask
    told = {"model": asked.model, "provider": asked.provider, "endpoint": asked.endpoint, **more}
    kept = {"tenant": who.id, "team": who.team, "cost": cost}
    status = told.pop("status", "done")
    return Entry(asked.id, asked.attempt, asked.started, status, **kept, **told)


def reserve(accounts: Accounts, who: Tenant, asked: Ask) -> Hold | Refusal:
    """Reserve as a server does, asking the store where that is needed."""
    return asyncio.run(accounts.areserve(who, asked))


def held(accounts: Accounts, who: Tenant, bound: int | None = CENT, **more: Any) -> Hold:
    found = reserve(accounts, who, ask(bound, **more))
    assert isinstance(found, Hold), found
    return found


def refused(accounts: Accounts, who: Tenant, bound: int | None = CENT, **more: Any) -> Refusal:
    found = reserve(accounts, who, ask(bound, **more))
    assert isinstance(found, Refusal), found
    return found


def spend(accounts: Accounts, who: Tenant, bound: int, cost: int, **more: Any) -> Hold:
    """Make a call that costs something."""
    hold = held(accounts, who, bound)
    accounts.settle(hold, entry(hold, who, cost, **more))
    return hold


def rows(store: Store, query: str, values: Sequence[str | int] = ()) -> list[Row]:
    with store.read() as db:
        return db.rows(query, tuple(values))
