"""Leases: parts of budgets and rates that a process takes from the store to give out itself.

In every committed state, budget >= spent + the amounts of all leases: that is checked in the
transaction that takes one, and folding moves an amount from a lease to what is spent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from motet.core.store.sessions import Session, Store
from motet.gateway.ledger.periods import spans

MINUTE = 60
# Taken first, so that of two who want a lease of one account the second sees the first's.
_LOCK = "UPDATE accounts SET turn = turn + 1 WHERE id = ?"
_STATE = """
SELECT budget, requests, tokens,
    COALESCE((SELECT cost FROM spent WHERE account = ?1 AND span =
        CASE period WHEN 'total' THEN '' WHEN 'month' THEN ?2 ELSE ?3 END), 0),
    COALESCE((SELECT CAST(sum(amount) AS BIGINT) FROM leases WHERE account = ?1), 0),
    COALESCE((SELECT amount FROM leases WHERE account = ?1 AND holder = ?4), 0),
    COALESCE((SELECT used FROM minutes
        WHERE account = ?1 AND what = 'requests' AND minute = ?5), 0),
    COALESCE((SELECT used FROM minutes
        WHERE account = ?1 AND what = 'tokens' AND minute = ?5), 0)
FROM accounts WHERE id = ?1
"""
_LEASE = """INSERT INTO leases (account, holder, amount) VALUES (?, ?, ?)
            ON CONFLICT (account, holder) DO UPDATE SET amount = leases.amount + excluded.amount"""
_USE = """INSERT INTO minutes (account, what, minute, used) VALUES (?, ?, ?, ?)
          ON CONFLICT (account, what, minute) DO UPDATE SET used = minutes.used + excluded.used"""


@dataclass(frozen=True, slots=True)
class Need:
    """What a process lacks of an account, and how much money it would take at once."""

    account: str
    cost: int
    requests: int
    tokens: int
    size: int


@dataclass(frozen=True, slots=True)
class Grant:
    """What a process was given."""

    cost: int
    requests: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Short:
    """What there is not enough of: `needed` more of a `limit`, of which `used` is used up.

    `others` is held by other processes, which may give some of it back; `own` by this one.
    """

    account: str
    what: Literal["budget", "requests", "tokens"]
    needed: int
    limit: int
    used: int
    own: int = 0
    others: int = 0

    @property
    def free(self) -> int:
        """What nobody holds."""
        return max(0, self.limit - self.used - self.own - self.others)

    @property
    def may_come_back(self) -> bool:
        """Whether others hold what is missing."""
        return self.others > 0 and self.needed - self.free <= self.others


def grant(
    store: Store, holder: str, needs: Sequence[Need], seconds: float
) -> dict[str, Grant] | Short:
    """Lease to a process what it needs of accounts, of all or of none. Raises `StoreError`.

    `seconds` is the time, since the epoch.
    """
    with store.write() as db:
        found: dict[str, Grant] = {}
        for need in sorted(needs, key=lambda each: each.account):  # no two wait for each other
            given = _given(db, holder, need, seconds)
            if isinstance(given, Short):
                return given
            found[need.account] = given
        for account, given in found.items():
            _note(db, holder, account, given, int(seconds // MINUTE))
        return found


def _given(db: Session, holder: str, need: Need, seconds: float) -> Grant | Short:
    db.execute(_LOCK, (need.account,))
    _, month, day = spans(seconds)
    minute = int(seconds // MINUTE)
    [row] = db.rows(_STATE, (need.account, month, day, holder, minute))
    budget, per_request, per_token, spent, leased, own, requests, tokens = row
    cost = asked = taken = 0
    if budget is not None and need.cost > 0:
        free = budget - spent - leased
        if free < need.cost:
            return Short(need.account, "budget", need.cost, budget, spent, own, leased - own)
        cost = min(free, max(need.cost, min(need.size, free // 4)))
    if per_request is not None and need.requests > 0:
        if requests + need.requests > per_request:
            return Short(need.account, "requests", need.requests, per_request, requests)
        asked = max(need.requests, (per_request - requests) // 4)
    if per_token is not None and need.tokens > 0:
        if tokens + need.tokens > per_token:
            return Short(need.account, "tokens", need.tokens, per_token, tokens)
        taken = max(need.tokens, (per_token - tokens) // 4)
    return Grant(cost, asked, taken)


def _note(db: Session, holder: str, account: str, given: Grant, minute: int) -> None:
    if given.cost:
        db.execute(_LEASE, (account, holder, given.cost))
    if given.requests:
        db.execute(_USE, (account, "requests", minute, given.requests))
    if given.tokens:
        db.execute(_USE, (account, "tokens", minute, given.tokens))


def give_back(store: Store, holder: str, account: str, given: Grant, minute: int) -> None:
    """Return what a process does not need. Raises `StoreError`."""
    with store.write() as db:
        _note(db, holder, account, Grant(-given.cost, -given.requests, -given.tokens), minute)
        db.execute("DELETE FROM leases WHERE holder = ? AND amount = 0", (holder,))


def recall(store: Store, account: str, until: float) -> None:
    """Ask the others, up to a time, for what they hold and do not use. Raises `StoreError`."""
    sql = """INSERT INTO wanted (account, until) VALUES (?, ?)
             ON CONFLICT (account) DO UPDATE SET until = excluded.until"""
    with store.write() as db:
        db.execute(sql, (account, until))


def recalled(store: Store, seconds: float) -> set[str]:
    """Return the accounts of which somebody wants back what is not used. Raises `StoreError`."""
    with store.read() as db:
        found = db.rows("SELECT account FROM wanted WHERE until > ?", (seconds,))
    return {str(each[0]) for each in found}


def tidy(store: Store, seconds: float) -> None:
    """Forget minutes that are over, and what nobody wants any more. Raises `StoreError`."""
    with store.write() as db:
        db.execute("DELETE FROM minutes WHERE minute < ?", (int(seconds // MINUTE) - 10,))
        db.execute("DELETE FROM wanted WHERE until < ?", (seconds - MINUTE,))
