"""Folding: lines of a spool become rows, counters move with them, exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from motet.core.store.sessions import RowRefused, Session, Store
from motet.gateway.ledger.entry import COLUMNS, Entry
from motet.gateway.ledger.lines import ROW, Closed, aborted, closed, left_open, sound
from motet.gateway.ledger.periods import spans
from motet.gateway.ledger.spool import Head, Spool

CHUNK = 1 << 20
"""Bytes of a spool that are folded in one transaction at most."""
DAY = 86400
_STARTED, _TENANT, _TEAM, _COST = (
    ROW + Entry._fields.index(each) for each in ("started", "tenant", "team", "cost")
)
_WIDTH = len(Entry._fields) + 1
_MOST = (1 << 63) - 1
_MARKS = f"({', '.join('?' * _WIDTH)})"
_PUT = {
    size: f"INSERT INTO entries ({COLUMNS}, bound) VALUES {', '.join([_MARKS] * size)}"
    for size in (64, 8, 1)
}
"""Statements that put so many rows at once: each takes the interpreter's lock once, not per row."""
_SPENT = """INSERT INTO spent (account, span, cost) VALUES (?, ?, ?)
            ON CONFLICT (account, span) DO UPDATE SET cost = spent.cost + excluded.cost"""
_USED = "UPDATE leases SET amount = amount - ? WHERE account = ? AND holder = ?"
_AT = "SELECT generation, at FROM spools WHERE holder = ?"
_FOLDED = """INSERT INTO spools (holder, generation, at) VALUES (?, ?, ?)
             ON CONFLICT (holder) DO UPDATE SET generation = excluded.generation,
                                                at = excluded.at"""


def team_account(name: str) -> str:
    """Return the account of a team."""
    return f"team:{name}"


def fold(store: Store, spool: Spool) -> int:
    """Fold what a live process has written, some of it at a time; return where it stands.

    What is folded, and how far, is one transaction: whoever asks again goes on from there.
    Raises `StoreError`.
    """
    while True:
        at = folded(store, spool.head.holder, spool.head.generation, spool.start)
        data = spool.read(at, CHUNK)
        if not data:
            return at
        _commit(store, spool, at + len(data), data.splitlines())


def _commit(store: Store, spool: Spool, end: int, lines: Sequence[bytes]) -> None:
    head = spool.head
    for put in (_put_some, _put_each):
        try:
            with store.write() as db:
                sums = _Sums()
                for rows in closed(lines):
                    put(db, rows)
                    sums.add(rows)
                sums.book(db, head.holder)
                db.execute(_FOLDED, (head.holder, head.generation, end))
            return
        except RowRefused:
            if put is _put_each:
                raise


def folded(store: Store, holder: str, generation: int, start: int) -> int:
    """Return up to where a spool's generation is folded."""
    with store.read() as db:
        found = db.rows(_AT, (holder,))
    return int(found[0][1]) if found and found[0][0] == generation else start


def adopt(store: Store, head: Head, data: bytes) -> bool:
    """Fold all of a spool whose process is gone; return whether every line could be read.

    A call left open becomes a row with what it may have cost. Where lines are lost, the
    leases stay as they are: what is not known may have been spent. Raises `StoreError`.
    """
    lines = data.splitlines()[1:]
    whole = sound(lines)
    is_whole = len(whole) == len(lines)
    at = folded(store, head.holder, head.generation, len(head.line()))
    if at <= len(data):  # else it was adopted, and not deleted
        rows = list(chain.from_iterable(closed(sound(data[at:].splitlines()))))
        rows += map(aborted, left_open(whole))
        _finish(store, head, len(data), rows, keep=not is_whole)
    return is_whole


def finish(store: Store, spool: Spool, lines: Iterable[bytes]) -> None:
    """End a spool that is folded: its open calls become rows. Raises `StoreError`."""
    _finish(store, spool.head, spool.size, [aborted(each) for each in left_open(lines)])


def _finish(
    store: Store, head: Head, size: int, rows: Sequence[Closed], *, keep: bool = False
) -> None:
    """Put the last rows of a holder, free its leases, and mark its spool as done with."""
    with store.write() as db:
        _put_each(db, rows)
        sums = _Sums()
        sums.add(rows)
        sums.book(db, head.holder)
        if not keep:
            db.execute("DELETE FROM leases WHERE holder = ?", (head.holder,))
        db.execute(_FOLDED, (head.holder, head.generation, size + 1))


def forget(store: Store, holder: str) -> None:
    """Forget a holder whose spool is deleted. Raises `StoreError`."""
    with store.write() as db:
        db.execute("DELETE FROM spools WHERE holder = ?", (holder,))


def _put_some(db: Session, rows: Sequence[Closed]) -> None:
    at = 0
    for size, sql in _PUT.items():
        while len(rows) - at >= size:
            db.execute(sql, tuple(chain.from_iterable(each[ROW:] for each in rows[at : at + size])))
            at += size


def _put_each(db: Session, rows: Sequence[Closed]) -> None:
    """Put rows one by one: whatever they say, none may keep the others from being written."""
    for each in rows:
        row = [min(v, _MOST) if isinstance(v, int) else v for v in each[ROW:]]
        if db.rows("SELECT 1 FROM entries WHERE id = ? AND attempt = ?", row[:2]):
            [(last,)] = db.rows("SELECT max(attempt) FROM entries WHERE id = ?", row[:1])
            row[1] = int(last) + 1  # an id was used twice: its money counts all the same
        db.execute(_PUT[1], row)
        each[ROW:] = row


class _Sums:
    """What rows add to counters: costs to what is spent, what they used up to the leases."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, float], list[int]] = {}

    def add(self, rows: Sequence[Closed]) -> None:
        for row in rows:
            where = (row[_TENANT], row[_TEAM], row[_STARTED] // DAY)
            found = self._found.setdefault(where, [0, 0, 0])
            found[0] += row[_COST] or 0  # what has no known price counts as nothing
            found[1] += row[1]
            found[2] += row[2]

    def book(self, db: Session, holder: str) -> None:
        spent: Counter[tuple[str, str]] = Counter()
        used: Counter[str] = Counter()
        for (key, team, day), (cost, from_key, from_team) in self._found.items():
            for account, held in ((key, from_key), (team and team_account(team), from_team)):
                if account:
                    used[account] += held
                    for span in spans(day * DAY):
                        spent[account, span] += cost
        add_spent(db, spent)
        for account, amount in sorted(used.items()):
            if amount:
                db.execute(_USED, (amount, account, holder))


def add_spent(db: Session, spent: Mapping[tuple[str, str], int]) -> None:
    """Add to what accounts spent in spans."""
    for where, cost in sorted(spent.items()):  # in one order: no two wait for each other
        db.execute(_SPENT, (*where, cost))
