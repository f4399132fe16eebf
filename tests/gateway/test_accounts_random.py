"""Any order of what several processes do on one ledger keeps it true."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from ledger_samples import ask, entry

from motet.core.clock import now
from motet.gateway.accounts import Accounts, Hold, Key, Limits, Refusal, Team, Tenant
from motet.gateway.accounts.leases import MINUTE
from motet.gateway.ledger.check import check
from motet.gateway.ledger.folding import team_account
from motet.gateway.ledger.stores import open_store

KEY, TEAM, RATE = 1000, 1500, 12
PROCESSES = 3
amounts = st.integers(min_value=0, max_value=400)
processes = st.integers(min_value=0, max_value=PROCESSES - 1)


class Spending(RuleBasedStateMachine):
    """Three processes, two keys of a team; what is charged is added up on the side."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.place = Path(self.folder.name) / "ledger.db"
        self.time = now() // 86400 * 86400
        self.store = open_store(self.place)
        self.open = [self.opened() for _ in range(PROCESSES)]
        registry = self.open[0].registry
        registry.create_team(Team("ops", Limits(budget=TEAM, requests=RATE * 2)))
        limits = Limits(budget=KEY, requests=RATE)
        self.secrets = [registry.create(Key(each, "ops", limits))[1] for each in ("a", "b")]
        for each in self.open:
            each.refresh()
        self.holds: list[list[tuple[Hold, Tenant]]] = [[] for _ in range(PROCESSES)]
        self.charged = {"a": 0, "b": 0}
        self.asked: dict[tuple[str, int], int] = {}

    def opened(self) -> Accounts:
        return Accounts.open(self.place, clock=lambda: self.time)

    def tenant(self, process: int, key: int) -> Tenant:
        found = self.open[process].tenant(self.secrets[key])
        assert found is not None
        return found

    @rule(process=processes, key=st.integers(0, 1), bound=amounts)
    def reserve(self, process: int, key: int, bound: int) -> None:
        who = self.tenant(process, key)
        asked = ask(bound, started=self.time)
        found = asyncio.run(self.open[process].areserve(who, asked))
        if isinstance(found, Refusal):
            return
        self.holds[process].append((found, who))
        minute = int(self.time // MINUTE)
        self.asked[who.name, minute] = self.asked.get((who.name, minute), 0) + 1

    @precondition(lambda self: any(self.holds))
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        process = data.draw(st.sampled_from([n for n, each in enumerate(self.holds) if each]))
        at = data.draw(st.integers(0, len(self.holds[process]) - 1))
        hold, who = self.holds[process].pop(at)
        assert hold.ask.bound is not None
        how = data.draw(st.sampled_from(["settle", "unknown", "release"]))
        if how == "release":
            self.open[process].release(hold)
            return
        cost = data.draw(st.integers(0, hold.ask.bound)) if how == "settle" else None
        self.open[process].settle(hold, entry(hold, who, cost))
        self.charged[who.name] += hold.ask.bound if cost is None else cost

    @rule(process=processes)
    def fold(self, process: int) -> None:
        self.open[process].flush()

    @rule(process=processes)
    def rest(self, process: int) -> None:
        self.open[process].rest()

    @rule(process=processes)
    def restart(self, process: int) -> None:
        self.open[process].close()
        for hold, who in self.holds[process]:
            self.charged[who.name] += hold.ask.bound or 0
        self.holds[process] = []
        self.open[process] = self.opened()

    @rule(seconds=st.sampled_from([1, 59, 60]))
    def wait(self, seconds: int) -> None:
        self.time += seconds

    @invariant()
    def the_budget_holds(self) -> None:
        assert check(self.store, self.time) == []
        with self.store.read() as db:
            query = """SELECT budget, COALESCE((SELECT cost FROM spent
                           WHERE account = accounts.id AND span = ''), 0)
                         + COALESCE((SELECT sum(amount) FROM leases
                           WHERE account = accounts.id), 0) FROM accounts"""
            for budget, taken in db.rows(query):
                assert taken <= budget
            assert db.rows("SELECT 1 FROM leases WHERE amount < 0") == []
        holds = sum(hold.ask.bound or 0 for each in self.holds for hold, _ in each)
        assert sum(self.charged.values()) + holds <= TEAM
        assert max(self.charged.values()) <= KEY
        assert all(count <= RATE for count in self.asked.values())

    def teardown(self) -> None:
        try:
            for process in range(PROCESSES):
                self.restart(process)
                self.open[process].close()
            assert check(self.store, self.time) == []
            with self.store.read() as db:
                found = dict(db.rows("SELECT account, cost FROM spent WHERE span = ''"))
                names = dict(db.rows("SELECT id, name FROM accounts WHERE kind = 'key'"))
                assert db.rows("SELECT * FROM leases") == []
            assert {each: found.get(id, 0) for id, each in names.items()} == self.charged
            assert found.get(team_account("ops"), 0) == sum(self.charged.values())
        finally:
            self.store.close()
            self.folder.cleanup()


Spending.TestCase.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
TestSpending = Spending.TestCase
