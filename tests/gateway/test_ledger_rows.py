"""Rows of the ledger: they say what happened, once, whatever is in them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ledger_samples import CENT, DOLLAR, ask, entry, held, make_team, member, rows, spend, tenant

from motet.core.clock import now
from motet.core.store.sessions import Store
from motet.gateway.accounts import ANYONE, Accounts, Entry
from motet.gateway.ledger.check import check
from motet.gateway.ledger.records import latest, request
from motet.gateway.ledger.report import NONE, report

WHOLE = Entry(
    "req_1", 2, 1_700_000_000.5, "failed",
    trace_id="0123", seconds=1.5, first=0.25, tenant="key_1", team="ops", user="ann",
    system="desk", run="run_1", node="ask", endpoint="chat", dialect="openai",
    provider="openai", model="fast", used="gpt-5-mini-2025", upstream_id="chatcmpl-1",
    stream=True, http=502, reason="length", input_tokens=1, output_tokens=2, cached_tokens=3,
    cache_write_tokens=4, reasoning_tokens=5, audio_input_tokens=6, audio_output_tokens=7,
    units='{"images":2}', cost=123, estimated=True, error="it died", story='{"lost":["top_k"]}',
)  # fmt: skip


def test_an_entry_reads_back_as_it_was_written(accounts: Accounts, store: Store) -> None:
    assert all(each not in (None, "", 0, 0.0, False) for each in WHOLE)
    bare = Entry("req_2", 0, 1.0, "cached")
    for each in (WHOLE, bare):
        accounts.record(each)
    accounts.flush()
    [found] = request(store, "req_1")
    assert found.entry == WHOLE
    assert (found.bound, found.before, found.corrected) == (None, None, None)
    assert [each.entry for each in latest(store, 5)] == [WHOLE, bare]
    assert request(store, "req_3") == []
    told = found.to_json()
    assert (told["units"], told["story"]) == ({"images": 2}, {"lost": ["top_k"]})
    assert (told["cost_pico_usd"], told["cost_usd"]) == (123, 1.23e-10)
    json.dumps(told)


@pytest.mark.parametrize(
    "text", ["\0", "\ud800 half", "é\u2028🎺", "\x7f\x01\n\r", "'\"\\;--", "x" * 200_000]
)
def test_any_text_is_kept(accounts: Accounts, store: Store, text: str) -> None:
    who = tenant(accounts)
    hold = held(accounts, who, user=text)
    accounts.settle(hold, entry(hold, who, 1, user=text, error=text, upstream_id=text))
    accounts.flush()
    [(user, error)] = rows(store, 'SELECT "user", error FROM entries')
    kept = text.replace("\0", "\\u0000").encode("utf-8", "backslashreplace").decode()
    assert user in (text, kept)
    assert error == user


def test_numbers_beyond_all_measure_stop_nothing(accounts: Accounts, store: Store) -> None:
    for number in (1 << 63, 1 << 64, 10**40):
        accounts.record(Entry(f"req_{number}", 1, now(), "done", output_tokens=number))
    accounts.record(Entry("req_after", 1, now(), "done", output_tokens=1))
    accounts.flush()
    counts = [each[0] for each in rows(store, "SELECT output_tokens FROM entries")]
    assert sorted(counts) == [1, *[(1 << 63) - 1] * 3]


def test_an_id_that_comes_twice_costs_twice(accounts: Accounts, store: Store) -> None:
    who = tenant(accounts, budget=DOLLAR)
    for _ in range(3):
        hold = held(accounts, who, id="same")
        accounts.settle(hold, entry(hold, who, CENT))
        accounts.flush()
    for _ in range(2):
        hold = held(accounts, who, id="same")
        accounts.settle(hold, entry(hold, who, CENT))
    accounts.flush()
    assert [each.entry.attempt for each in request(store, "same")] == [1, 2, 3, 4, 5]
    assert rows(store, "SELECT cost FROM spent WHERE span = ''") == [(5 * CENT,)]
    assert check(store, now()) == []


def test_rows_come_by_themselves(accounts: Accounts, store: Store) -> None:
    async def scenario() -> None:
        hold = await accounts.areserve(ANYONE, ask())
        accounts.settle(hold, entry(hold, ANYONE, CENT))  # type: ignore[arg-type]
        for _ in range(100):
            if rows(store, "SELECT 1 FROM entries"):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("no row came within two seconds")

    asyncio.run(scenario())


def test_closing_brings_everything_in_and_leaves_no_file(
    opened: Callable[[], Accounts], store: Store, spool: Path
) -> None:
    accounts = opened()
    who = tenant(accounts, budget=DOLLAR)
    for _ in range(500):
        spend(accounts, who, CENT, CENT // 10)
    accounts.close()
    assert rows(store, "SELECT count(*) FROM entries") == [(500,)]
    assert list(spool.iterdir()) == []
    for table in ("leases", "spools"):
        assert rows(store, f"SELECT * FROM {table}") == []


def test_what_is_under_way_at_the_end_counts_as_aborted(
    opened: Callable[[], Accounts], store: Store
) -> None:
    accounts = opened()
    make_team(accounts, "ops", budget=DOLLAR)
    who = member(accounts, "ops", budget=DOLLAR)
    held(accounts, who, 7 * CENT, id="req_1", user="ann", system="desk", run="run_1")
    accounts.close()
    [found] = request(store, "req_1")
    assert (found.entry.status, found.entry.estimated, found.bound) == ("aborted", True, 7 * CENT)
    assert (found.entry.cost, found.entry.tenant, found.entry.team) == (7 * CENT, who.id, "ops")
    assert (found.entry.user, found.entry.system, found.entry.run) == ("ann", "desk", "run_1")
    assert set(rows(store, "SELECT cost FROM spent")) == {(7 * CENT,)}
    assert check(store, now()) == []


def test_a_spool_is_begun_anew_and_loses_nothing(
    accounts: Accounts, store: Store, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("motet.gateway.ledger.recorder.RENEW_FROM", 5_000)
    who = tenant(accounts, budget=100 * DOLLAR)
    long = held(accounts, who, DOLLAR, id="long")
    for count in range(1, 400):
        spend(accounts, who, CENT, CENT)
        if count % 30 == 0:
            accounts.flush()
    [file] = spool.iterdir()
    assert file.stat().st_size < 30_000
    accounts.settle(long, entry(long, who, DOLLAR))
    accounts.flush()
    assert rows(store, "SELECT count(*) FROM entries") == [(400,)]
    assert rows(store, "SELECT cost FROM spent WHERE span = ''") == [(DOLLAR + 399 * CENT,)]
    assert rows(store, "SELECT status, cost FROM entries WHERE id = 'long'") == [("done", DOLLAR)]


def filled(accounts: Accounts) -> None:
    make_team(accounts, "ops")
    one, two = tenant(accounts, "one"), member(accounts, "ops", "two")
    day = 86400.0
    for who, model, cost, when in (
        (one, "small", CENT, 10 * day),
        (one, "large", 5 * CENT, 10 * day + 5),
        (two, "large", 7 * CENT, 11 * day),
    ):
        told = {"used": model, "input_tokens": 10, "output_tokens": 5, "user": who.name}
        hold = held(accounts, who, 9 * CENT, started=when)
        accounts.settle(hold, entry(hold, who, cost, **told))
    hold = held(accounts, two, None, started=12 * day)
    accounts.settle(hold, entry(hold, two, None, used="odd", status="failed"))
    accounts.record(Entry("req_c", 0, 12 * day, "cached", tenant=one.id, cost=0))
    hold = held(accounts, one, CENT, started=12 * day)
    accounts.settle(hold, entry(hold, one, CENT, estimated=True, status="aborted"))
    accounts.flush()


def test_what_was_spent_by_whom_and_on_what(accounts: Accounts, store: Store) -> None:
    filled(accounts)
    found = {by: report(store, by) for by in ("key", "team", "user", "model", "provider", "day")}
    costs = {
        by: {each.name: each.cost // CENT for each in table} for by, (table, _) in found.items()
    }
    assert costs == {
        "key": {"one": 7, "two": 7},
        "team": {"-": 7, "ops": 7},
        "user": {"one": 6, "two": 7, "-": 1},
        "model": {"large": 12, "small": 2, "odd": 0, "-": 0},
        "provider": {"there": 14, "-": 0},
        "day": {"1970-01-11": 6, "1970-01-12": 7, "1970-01-13": 1},
    }
    [total] = {total for _, total in found.values()}
    assert (total.requests, total.attempts, total.cost, total.unpriced) == (6, 6, 14 * CENT, 1)
    assert (total.input_tokens, total.output_tokens, total.estimated) == (30, 15, CENT)
    days = [each.name for each in found["day"][0]]
    assert days == sorted(days)


def test_what_was_spent_when(accounts: Accounts, store: Store) -> None:
    filled(accounts)
    day = 86400.0
    _, total = report(store, "key", since=11 * day)
    assert total.cost == 8 * CENT
    assert report(store, "key", 10 * day, 11 * day)[1].cost == 6 * CENT
    assert report(store, "key", since=99 * day) == ([], NONE)
    json.dumps(total.to_json())


def test_a_check_finds_what_differs(accounts: Accounts, store: Store) -> None:
    filled(accounts)
    who = tenant(accounts, "third", budget=DOLLAR)
    spend(accounts, who, CENT, CENT)
    accounts.flush()
    assert check(store, now()) == []
    with store.write() as db:
        db.execute("UPDATE entries SET cost = cost + 1 WHERE tenant = ?", (who.id,))
        db.execute("INSERT INTO spent VALUES ('ghost', '', 5)")
        db.execute("UPDATE leases SET amount = ?", (2 * DOLLAR,))
    found = check(store, now())
    places = {(each.what, each.where.split()[-1], each.found - each.expected) for each in found}
    today = time.strftime("%Y-%m-%d", time.gmtime())
    assert places == {
        ("counter", "total", -1),
        ("counter", "total", 5),
        ("counter", today[:7], -1),
        ("counter", today, -1),
        ("leased", "third", DOLLAR + CENT + 1),
    }
