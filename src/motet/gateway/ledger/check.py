"""Whether the ledger is true to itself, to its counters and to the journal of runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from motet.core.json import JSON
from motet.core.money import PICO, shown
from motet.core.store.sessions import Row, Store
from motet.gateway.ledger.folding import team_account
from motet.gateway.ledger.periods import spans


@dataclass(frozen=True, slots=True)
class Difference:
    """Two sums that should be one, in pico-dollars."""

    what: str
    where: str
    expected: int
    found: int

    def __str__(self) -> str:
        return f"{self.what} {self.where}: {shown(self.found)}, its rows say {shown(self.expected)}"

    def to_json(self) -> dict[str, JSON]:
        """Return the documented members."""
        return {
            "what": self.what,
            "where": self.where,
            "expected_pico_usd": self.expected,
            "found_pico_usd": self.found,
        }


# One statement, so that all of it is of one moment.
_ALL = """
SELECT 'rows', tenant, team, floor(started / 86400), CAST(COALESCE(sum(cost), 0) AS BIGINT)
    FROM entries GROUP BY 2, 3, 4
UNION ALL
SELECT 'counter', account, span, 0.0, cost FROM spent
UNION ALL
SELECT 'lease', account, '', 0.0, CAST(sum(amount) AS BIGINT) FROM leases GROUP BY account
"""
_BUDGETS = "SELECT id, name, budget, period FROM accounts WHERE budget IS NOT NULL"
_RUNS = """SELECT run, CAST(sum(cost) AS BIGINT) FROM entries
           WHERE run <> '' AND cost IS NOT NULL GROUP BY run"""


def check(store: Store, seconds: float) -> list[Difference]:
    """Compare the counters with the rows they count, and budgets with what is leased.

    `seconds` is the time, since the epoch. Raises `StoreError`.
    """
    with store.read() as db:
        rows, budgets = db.rows(_ALL), db.rows(_BUDGETS)
    expected = _summed([each[1:] for each in rows if each[0] == "rows"])
    counted = {(each[1], each[2]): int(each[4]) for each in rows if each[0] == "counter"}
    leases = {each[1]: int(each[4]) for each in rows if each[0] == "lease"}
    found = [
        Difference("counter", f"{account} {span or 'total'}", amount, counted.get(key, 0))
        for key in sorted(expected.keys() | counted.keys())
        for (account, span), amount in [(key, expected[key])]
        if amount != counted.get(key, 0)
    ]
    names = dict(zip(("total", "month", "day"), spans(seconds), strict=True))
    for account, name, budget, period in budgets:
        free = max(0, budget - expected[account, names[period]])
        if leases.get(account, 0) > free:
            found.append(Difference("leased", name, free, leases[account]))
    return found


def _summed(rows: Sequence[Row]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for tenant, team, day, cost in rows:
        for account in (tenant, team_account(team)) if team else (tenant,):
            for span in spans(float(day) * 86400):
                found[account, span] += cost
    return found


def runs(store: Store) -> Mapping[str, int]:
    """Return what each run's entries cost."""
    with store.read() as db:
        return {str(each[0]): int(each[1]) for each in db.rows(_RUNS)}


def compared(rows: Mapping[str, int], journal: Mapping[str, float]) -> list[Difference]:
    """Compare what runs cost by their entries with what the journal says, in USD.

    The journal adds floats, so what differs by less than their precision is the same.
    """
    found = []
    for run, cost in sorted(rows.items()):
        said = round(journal.get(run, 0.0) * PICO)
        if abs(said - cost) > max(1000, cost // 10**9):
            found.append(Difference("run", run, cost, said))
    return found
