"""Accounts whose database server dies and comes back."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ledger_samples import CENT, DOLLAR, ask, entry, held, reserve, rows, spend, tenant

from motet.core.clock import now
from motet.core.errors import StoreError
from motet.gateway.accounts import Accounts, Hold
from motet.gateway.ledger.check import check
from motet.gateway.ledger.stores import open_store

if TYPE_CHECKING:
    from postgres_server import PostgresServer


def test_a_dead_server_delays_and_loses_nothing(
    mortal_postgres: PostgresServer, spool: Path
) -> None:
    url = mortal_postgres.database()
    with Accounts.open(url, spool) as accounts:
        who = tenant(accounts, budget=DOLLAR)
        hold = held(accounts, who, CENT)
        mortal_postgres.stop()
        accounts.settle(hold, entry(hold, who, CENT))
        within = 0
        while isinstance(more := accounts.reserve(who, ask(CENT)), Hold):  # what is leased
            accounts.settle(more, entry(more, who, CENT))
            within += 1
        assert within > 0
        with pytest.raises(StoreError, match="does not answer"):
            reserve(accounts, who, ask(CENT))
        time.sleep(0.6)  # the thread in the background fails, and tries again
        mortal_postgres.start()
        for _ in range(99 - within):
            spend(accounts, who, CENT, CENT)
        accounts.flush()
    store = open_store(url)
    assert check(store, now()) == []
    assert rows(store, "SELECT count(*), CAST(sum(cost) AS BIGINT) FROM entries") == [(100, DOLLAR)]
    store.close()


def test_what_could_not_be_brought_in_waits_for_the_next_process(
    mortal_postgres: PostgresServer, spool: Path
) -> None:
    url = mortal_postgres.database()
    accounts = Accounts.open(url, spool)
    who = tenant(accounts, budget=DOLLAR)
    spend(accounts, who, CENT, CENT)
    held(accounts, who, 5 * CENT)
    mortal_postgres.stop()
    with pytest.raises(StoreError, match="does not answer"):
        accounts.close()
    assert len(list(spool.glob("*.spool"))) == 1
    mortal_postgres.start()
    with Accounts.open(url, spool):
        store = open_store(url)
        assert check(store, now()) == []
        found = rows(store, "SELECT status, cost FROM entries ORDER BY cost")
        assert found == [("done", CENT), ("aborted", 5 * CENT)]
        assert rows(store, "SELECT * FROM leases") == []
        store.close()
