"""Several processes on one budget, killed at any moment: never more is spent than there is."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from ledger_samples import CENT, DOLLAR, held, make_team, refused, rows, spend, tenant

from motet.core.clock import now
from motet.core.store.sessions import Store
from motet.gateway.accounts import Accounts, Key, Limits
from motet.gateway.ledger.check import check
from motet.gateway.ledger.holders import free, leases
from motet.gateway.ledger.records import request

SCRIPT = Path(__file__).with_name("spending_process.py")


@dataclass
class Spender:
    """A process that spends, and what it said."""

    process: subprocess.Popen[bytes]
    said: Path

    @staticmethod
    def start(
        place: str | Path, spool: Path, secret: str, *, at_once: int, most: int, seconds: float
    ) -> Spender:
        said = spool.with_name(f"said{time.monotonic_ns()}.txt")
        words = [str(each) for each in (place, spool, secret, at_once, most, seconds)]
        with said.open("wb") as out:
            process = subprocess.Popen([sys.executable, SCRIPT, *words], stdout=out)
        return Spender(process, said)

    def wait(self) -> None:
        assert self.process.wait(60) == 0

    def kill_after(self, calls: int) -> None:
        while self.said.read_bytes().count(b"\n") < calls and self.process.poll() is None:
            time.sleep(0.002)
        self.process.kill()
        self.process.wait()

    def charged(self) -> dict[str, tuple[int, bool]]:
        """Return by call what it costs at most, and whether that was settled."""
        found: dict[str, tuple[int, bool]] = {}
        for line in self.said.read_text().splitlines():
            id, _, rest = line.partition(" ")
            if rest:
                amount, state = rest.split()
                found[id] = (int(amount), state == "done")
        return found


def agrees(store: Store, spenders: list[Spender], budget: int) -> None:
    """Check that the ledger is what the processes said, and that the budget held."""
    assert check(store, now()) == []
    ledger = {each[0]: each[1:] for each in rows(store, "SELECT id, cost, status FROM entries")}
    said = {id: told for each in spenders for id, told in each.charged().items()}
    # A process may die between setting aside and saying so: its row is there with its bound.
    for id, (amount, settled) in said.items():
        cost, status = ledger[id]
        assert status in ("done", "aborted")
        if settled and status == "done":
            assert cost == amount
        else:
            assert cost <= amount if not settled else cost >= amount
    silent = {id: told for id, told in ledger.items() if id not in said}
    assert all(status == "aborted" for _, status in silent.values())
    assert sum(cost for cost, _ in ledger.values()) <= budget
    assert rows(store, "SELECT * FROM leases") == []


def made(accounts: Accounts, budget: int) -> str:
    make_team(accounts, "ops", budget=budget)
    _, secret = accounts.registry.create(Key("app", team="ops", limits=Limits(budget=budget)))
    return secret


def test_two_processes_spend_one_budget_to_the_end(
    place: str | Path, spool: Path, store: Store
) -> None:
    with Accounts.open(place, spool) as accounts:
        secret = made(accounts, DOLLAR)
    pair = [
        Spender.start(place, spool, secret, at_once=20, most=CENT, seconds=30) for _ in range(2)
    ]
    for each in pair:
        each.wait()
    agrees(store, pair, DOLLAR)
    [(total,)] = rows(store, "SELECT CAST(sum(cost) AS BIGINT) FROM entries")
    assert total > DOLLAR - CENT
    assert list(spool.iterdir()) == []


def test_killed_at_any_moment_nothing_is_lost_and_nothing_overspent(
    place: str | Path, spool: Path, store: Store
) -> None:
    with Accounts.open(place, spool) as accounts:
        secret = made(accounts, DOLLAR)
    killed = []
    for _ in range(5):
        pair = [
            Spender.start(place, spool, secret, at_once=8, most=CENT // 4, seconds=20)
            for _ in range(2)
        ]
        for each in pair:
            each.kill_after(random.randint(5, 80))
        killed += pair
    with Accounts.open(place, spool):  # which adopts what they left
        pass
    agrees(store, killed, DOLLAR)
    assert list(spool.iterdir()) == []
    last = Spender.start(place, spool, secret, at_once=8, most=CENT, seconds=30)
    last.wait()
    agrees(store, [*killed, last], DOLLAR)


def test_a_killed_process_leaves_its_holds_at_their_bound(
    opened: Callable[[], Accounts], place: str | Path, spool: Path, store: Store
) -> None:
    accounts = opened()
    secret = made(accounts, DOLLAR)
    accounts.refresh()
    code = """
import sys, os, signal, asyncio, time
from pathlib import Path
from motet.gateway.accounts import Accounts, Ask
place, spool, secret = sys.argv[1:]
accounts = Accounts.open(place if "://" in place else Path(place), Path(spool))
who = accounts.tenant(secret)
asked = Ask("req_1", 1, "small", "there", "chat", 30 * 10**10, 10, time.time(), run="run_1")
asyncio.run(accounts.areserve(who, asked))
os.kill(os.getpid(), signal.SIGKILL)
"""
    words = [str(place), str(spool), secret]
    assert subprocess.run([sys.executable, "-c", code, *words]).returncode == -9
    who = accounts.tenant(secret)
    assert who is not None
    began = time.monotonic()
    while not (found := request(store, "req_1")):  # a living process adopts it, too
        assert time.monotonic() - began < 10
        time.sleep(0.1)
    [row] = found
    assert (row.entry.status, row.entry.estimated) == ("aborted", True)
    assert (row.entry.cost, row.bound, row.entry.run) == (30 * CENT, 30 * CENT, "run_1")
    spend(accounts, who, 70 * CENT, 70 * CENT)
    refused(accounts, who)
    accounts.flush()
    assert check(store, now()) == []


def test_the_spool_of_a_living_process_is_left_alone(
    opened: Callable[[], Accounts], store: Store
) -> None:
    one = opened()
    who = tenant(one, budget=DOLLAR)
    held(one, who)
    opened()
    assert rows(store, "SELECT * FROM entries") == []


def test_spools_of_another_ledger_are_left_alone(tmp_path: Path, spool: Path) -> None:
    for name in ("one", "two"):
        with Accounts.open(tmp_path / f"{name}.db", spool) as accounts:
            secret = made(accounts, DOLLAR)
        spender = Spender.start(
            tmp_path / f"{name}.db", spool, secret, at_once=4, most=CENT, seconds=20
        )
        spender.kill_after(10)
        with Accounts.open(tmp_path / "other.db", spool) as other:
            assert len(list(spool.glob("*.spool"))) == 2
            assert other.overruns == 0
        with Accounts.open(tmp_path / f"{name}.db", spool):
            pass
        assert list(spool.iterdir()) == []


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_torn_last_line_was_never_asked(tmp_path: Path, spool: Path, cut: int) -> None:
    place = tmp_path / "ledger.db"
    with Accounts.open(place, spool) as accounts:
        secret = made(accounts, DOLLAR)
    spender = Spender.start(place, spool, secret, at_once=1, most=CENT, seconds=20)
    spender.kill_after(3)
    [file] = spool.glob("*.spool")
    data = file.read_bytes()
    torn = b'[0,"torn",1,' + b"1" * cut
    file.write_bytes(data + torn)
    with Accounts.open(place, spool) as accounts:
        assert accounts.registry.key("app").name == "app"
    with Accounts.open(place, spool):
        pass
    from motet.gateway.ledger.stores import open_store

    store = open_store(place)
    agrees(store, [spender], DOLLAR)
    assert request(store, "torn") == []
    store.close()


def test_a_damaged_spool_is_put_aside_and_its_leases_stay(
    place: str | Path, spool: Path, store: Store
) -> None:
    with Accounts.open(place, spool) as accounts:
        secret = made(accounts, DOLLAR)
    spender = Spender.start(place, spool, secret, at_once=4, most=CENT, seconds=20)
    spender.kill_after(20)
    [file] = spool.glob("*.spool")
    head, *lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([head, *lines[:-1], b"\0" * len(lines[-1]) + b"\n", *lines[-1:]]))
    before = {each.name: each.amount for each in leases(store)}
    with Accounts.open(place, spool) as accounts:
        who = accounts.tenant(secret)
        assert who is not None
        [aside] = spool.glob("*.damaged")
        held_back = leases(store)
        assert {each.holder for each in held_back} == {aside.stem}
        assert all(0 < each.amount <= before[each.name] for each in held_back)
        assert check(store, now()) == []
        assert free(store, aside.stem) == len(held_back)
    (total,) = rows(store, "SELECT CAST(sum(cost) AS BIGINT) FROM entries")[0]
    said = sum(amount for amount, settled in spender.charged().values() if settled)
    assert total >= said


def test_a_file_that_is_no_spool_keeps_nobody_from_starting(place: str | Path, spool: Path) -> None:
    spool.mkdir()
    (spool / "odd.spool").write_bytes(b"")
    with Accounts.open(place, spool):
        assert [each.name for each in spool.glob("odd*")] == ["odd.damaged"]
