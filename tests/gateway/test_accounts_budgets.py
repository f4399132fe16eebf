"""Budgets and rates of one process: set aside before, booked after."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ledger_samples import (
    CENT,
    DOLLAR,
    ask,
    entry,
    held,
    make_team,
    member,
    refused,
    reserve,
    rows,
    seen,
    spend,
    tenant,
)

from motet.core.clock import now
from motet.core.errors import MotetBug
from motet.core.store.sessions import Store
from motet.gateway.accounts import ANYONE, Accounts, Hold, Key, Limits, Refusal
from motet.gateway.ledger.folding import team_account


def spent(store: Store, account: str, span: str = "") -> int:
    found = rows(store, "SELECT cost FROM spent WHERE account = ? AND span = ?", (account, span))
    return int(found[0][0]) if found else 0


def leased(store: Store) -> int:
    return sum(each[0] for each in rows(store, "SELECT amount FROM leases"))


def at_ease() -> None:
    """Wait until the minute is not about to end."""
    if time.time() % 60 > 50:
        time.sleep(60 - time.time() % 60 + 0.1)


def test_a_budget_is_spent_to_the_last_cent_and_not_beyond(
    accounts: Accounts, store: Store
) -> None:
    who = tenant(accounts, budget=DOLLAR)
    for _ in range(100):
        spend(accounts, who, CENT, CENT)
    refusal = refused(accounts, who)
    assert (refusal.status, refusal.code, refusal.retry_after) == (429, "insufficient_quota", None)
    assert "key app has $0.00 left of $1.00" in refusal.message
    accounts.flush()
    assert spent(store, who.id) == DOLLAR
    assert leased(store) == 0


def test_what_a_call_did_not_cost_comes_back(accounts: Accounts, store: Store) -> None:
    who = tenant(accounts, budget=DOLLAR)
    for _ in range(300):
        spend(accounts, who, DOLLAR // 2, DOLLAR // 1000)
    accounts.flush()
    assert spent(store, who.id) == 300 * DOLLAR // 1000


def test_what_is_held_cannot_be_held_twice(accounts: Accounts) -> None:
    who = tenant(accounts, budget=DOLLAR)
    first = held(accounts, who, 60 * CENT)
    refusal = refused(accounts, who, 60 * CENT)
    assert "$0.400 left of $1.00, $0.600 more is held for calls under way" in refusal.message
    assert "this may cost up to $0.600" in refusal.message
    accounts.settle(first, entry(first, who, 10 * CENT))
    held(accounts, who, 60 * CENT)


def test_a_released_hold_leaves_nothing(accounts: Accounts, store: Store) -> None:
    who = tenant(accounts, budget=DOLLAR, requests=100, tokens=1000)
    for _ in range(20):
        accounts.release(held(accounts, who, DOLLAR, tokens=1000))
    accounts.flush()
    assert rows(store, "SELECT * FROM entries") == []
    assert spent(store, who.id) == 0


def test_a_call_without_a_price_needs_no_budget(accounts: Accounts, store: Store) -> None:
    who = tenant(accounts, budget=DOLLAR)
    refusal = refused(accounts, who, None)
    assert (refusal.status, refusal.code) == (403, "unpriced")
    assert "no price is known for small" in refusal.message
    make_team(accounts, "ops", budget=DOLLAR)
    assert refused(accounts, member(accounts, "ops", "b"), None).code == "unpriced"
    free = tenant(accounts, "free", requests=10)
    hold = held(accounts, free, None)
    accounts.settle(hold, entry(hold, free, None))
    accounts.flush()
    assert rows(store, "SELECT cost, bound, estimated FROM entries") == [(None, None, 0)]


def test_a_cost_that_never_arrived_counts_as_the_bound(accounts: Accounts, store: Store) -> None:
    who = tenant(accounts, budget=DOLLAR)
    spend(accounts, who, CENT, None)  # type: ignore[arg-type]
    accounts.flush()
    assert rows(store, "SELECT cost, bound, estimated FROM entries") == [(CENT, CENT, 1)]
    assert spent(store, who.id) == CENT


def test_a_call_that_costs_more_than_it_could_is_booked_in_full(
    accounts: Accounts, store: Store
) -> None:
    who = tenant(accounts, budget=DOLLAR)
    assert accounts.overruns == 0
    spend(accounts, who, CENT, 30 * CENT)
    assert accounts.overruns == 1
    accounts.flush()
    assert spent(store, who.id) == 30 * CENT
    for _ in range(70):
        spend(accounts, who, CENT, CENT)
    refused(accounts, who)
    accounts.flush()
    assert spent(store, who.id) == DOLLAR


def test_a_key_counts_against_its_team(accounts: Accounts, store: Store) -> None:
    make_team(accounts, "ops", budget=DOLLAR)
    one, two = member(accounts, "ops", "one", budget=60 * CENT), member(accounts, "ops", "two")
    for _ in range(60):
        spend(accounts, one, CENT, CENT)
    assert refused(accounts, one).message.startswith("key one has $0.00 left of $0.600")
    for _ in range(40):
        spend(accounts, two, CENT, CENT)
    assert refused(accounts, two).message.startswith("team ops has $0.00 left of $1.00")
    accounts.flush()
    assert spent(store, team_account("ops")) == DOLLAR
    assert [spent(store, each.id) for each in (one, two)] == [60 * CENT, 40 * CENT]


def test_a_hold_is_settled_once_and_with_its_own_entry(accounts: Accounts) -> None:
    who = tenant(accounts, budget=DOLLAR)
    one, two = held(accounts, who), held(accounts, who)
    with pytest.raises(MotetBug):
        accounts.settle(one, entry(two, who, 0))
    accounts.settle(one, entry(one, who, 0))
    for again in (lambda: accounts.settle(one, entry(one, who, 0)), lambda: accounts.release(one)):
        with pytest.raises(MotetBug):
            again()


def test_a_call_is_under_way_once(accounts: Accounts, store: Store) -> None:
    who = tenant(accounts, budget=DOLLAR)
    held(accounts, who, 60 * CENT, id="req_1")
    with pytest.raises(MotetBug):
        reserve(accounts, who, ask(30 * CENT, id="req_1"))
    held(accounts, who, 40 * CENT, id="req_1", attempt=2)


def test_budgets_of_periods_begin_anew(accounts: Accounts, store: Store) -> None:
    today = datetime.now(UTC)
    day, month = f"{today:%Y-%m-%d}", f"{today:%Y-%m}"
    daily = tenant(accounts, "daily", budget=CENT, period="day")
    monthly = tenant(accounts, "monthly", budget=CENT, period="month")
    for who, words in ((daily, "per day"), (monthly, "per month")):
        spend(accounts, who, CENT, CENT)
        message = refused(accounts, who).message
        assert f"left of $0.0100 {words}" in message
        assert "begins anew at 20" in message
    accounts.flush()
    assert [spent(store, daily.id, each) for each in ("", month, day)] == [CENT] * 3
    # As if all that had been spent on another day, of another month.
    with store.write() as db:
        db.execute("UPDATE spent SET span = '2020-01' WHERE span = ?", (month,))
        db.execute("UPDATE spent SET span = '2020-01-31' WHERE span = ?", (day,))
    time.sleep(0.3)
    for who in (daily, monthly):
        spend(accounts, who, CENT, CENT)
        refused(accounts, who)


def test_a_budget_may_be_changed_and_lifted(accounts: Accounts, store: Store) -> None:
    key, secret = accounts.registry.create(Key("app", limits=Limits(budget=CENT)))
    who = seen(accounts, secret)
    spend(accounts, who, CENT, CENT)
    refused(accounts, who)

    def change(limits: Limits) -> None:
        accounts.registry.put(replace(key, limits=limits))
        seen(accounts, secret)
        time.sleep(0.3)  # a refusal counts for a moment

    change(Limits(budget=3 * CENT))
    spend(accounts, who, CENT, CENT)
    change(Limits(budget=CENT))
    refused(accounts, who)
    change(Limits())
    spend(accounts, who, DOLLAR, DOLLAR)
    accounts.flush()
    assert spent(store, who.id) == DOLLAR + 2 * CENT


def test_requests_of_a_minute(accounts: Accounts) -> None:
    at_ease()
    who = tenant(accounts, requests=10)
    for _ in range(10):
        spend(accounts, who, CENT, CENT)
    refusal = refused(accounts, who)
    assert (refusal.status, refusal.code) == (429, "rate_limit_exceeded")
    assert refusal.retry_after == pytest.approx(60 - time.time() % 60, abs=1)
    assert "key app may make 10 requests per minute; try again in " in refusal.message


def test_tokens_of_a_minute(accounts: Accounts) -> None:
    at_ease()
    who = tenant(accounts, tokens=1000)
    for _ in range(9):  # each may take 100, and takes 50
        spend(accounts, who, CENT, CENT, input_tokens=20, output_tokens=30)
    assert "may use 1000 tokens per minute" in refused(accounts, who, tokens=600).message
    held(accounts, who, tokens=500)
    refusal = refused(accounts, who, tokens=1001)
    assert refusal.retry_after is None
    assert "this may take 1001 tokens" in refusal.message


def test_rates_count_for_the_team(accounts: Accounts) -> None:
    at_ease()
    make_team(accounts, "ops", requests=3, tokens=10_000)
    one, two = member(accounts, "ops", "one"), member(accounts, "ops", "two", requests=2)
    for who in (one, two, two):
        spend(accounts, who, CENT, CENT)
    assert refused(accounts, one).message.startswith("team ops may make 3")
    assert refused(accounts, two).status == 429


def test_a_new_minute_brings_new_requests(place: str | Path, spool: Path) -> None:
    time_now = [now() // 60 * 60]
    with Accounts.open(place, spool, clock=lambda: time_now[0]) as accounts:
        who = tenant(accounts, requests=1)
        held(accounts, who)
        assert refused(accounts, who).retry_after == 60
        time_now[0] += 59
        time.sleep(0.3)  # a refusal counts for a moment
        assert refused(accounts, who).retry_after == 1
        time_now[0] += 1
        time.sleep(0.3)
        held(accounts, who)
        refused(accounts, who)


def test_whoever_has_no_key_is_recorded_and_not_limited(accounts: Accounts, store: Store) -> None:
    hold = accounts.reserve(ANYONE, ask(10**9 * DOLLAR // 1000))
    assert isinstance(hold, Hold)
    accounts.settle(hold, entry(hold, ANYONE, CENT))
    accounts.flush()
    assert spent(store, "local") == CENT


def test_refusals_are_quick_once_the_store_was_asked(accounts: Accounts) -> None:
    who = tenant(accounts, budget=CENT)
    refused(accounts, who, 2 * CENT)
    assert isinstance(accounts.reserve(who, ask(2 * CENT)), Refusal)
    assert not isinstance(accounts.reserve(who, ask(CENT)), Refusal)


def test_most_calls_do_not_ask_the_store(accounts: Accounts) -> None:
    who = tenant(accounts, budget=1000 * DOLLAR, requests=10**6, tokens=10**9)
    asked = 0
    for _ in range(2000):
        hold = accounts.reserve(who, ask(CENT))
        if hold is None:
            asked += 1
            hold = held(accounts, who)
        assert isinstance(hold, Hold)
        accounts.settle(hold, entry(hold, who, CENT))
    assert asked < 20


def test_what_is_not_used_for_a_second_is_given_back(
    opened: Callable[[], Accounts], store: Store
) -> None:
    accounts = opened()
    who = tenant(accounts, budget=DOLLAR)
    spend(accounts, who, CENT, CENT)
    accounts.flush()
    assert leased(store) > 0
    began = time.monotonic()
    while leased(store):
        assert time.monotonic() - began < 3
        time.sleep(0.05)
    spend(accounts, who, 99 * CENT, 99 * CENT)
    refused(accounts, who)


def test_processes_share_a_budget_to_the_last_cent(
    opened: Callable[[], Accounts], store: Store
) -> None:
    one, two = opened(), opened()
    who = tenant(one, budget=DOLLAR)
    two.refresh()
    for _ in range(10):
        spend(one, who, CENT, CENT)  # which leases more than it needs
    for _ in range(90):
        spend(two, who, CENT, CENT)
    assert refused(two, who).code == "insufficient_quota"
    assert refused(one, who).code == "insufficient_quota"
    for each in (one, two):
        each.flush()
    assert spent(store, who.id) == DOLLAR


def test_calls_at_once_share_a_lease(accounts: Accounts, store: Store) -> None:
    who = tenant(accounts, budget=DOLLAR)

    async def call() -> bool:
        hold = await accounts.areserve(who, ask(CENT))
        if isinstance(hold, Refusal):
            return False
        await asyncio.sleep(0.001)
        accounts.settle(hold, entry(hold, who, CENT))
        return True

    async def scenario() -> int:
        return sum(await asyncio.gather(*(call() for _ in range(150))))

    assert asyncio.run(scenario()) == 100
    accounts.flush()
    assert spent(store, who.id) == DOLLAR
