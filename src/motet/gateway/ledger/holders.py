"""What processes hold of budgets."""

from __future__ import annotations

from dataclasses import dataclass

from motet.core.json import JSON
from motet.core.money import dollars
from motet.core.store.sessions import Store

_LEASES = """SELECT holder, COALESCE(name, leases.account), amount
             FROM leases LEFT JOIN accounts ON accounts.id = leases.account
             ORDER BY holder, leases.account"""


@dataclass(frozen=True, slots=True)
class Lease:
    """What one process holds of one budget, in pico-dollars; some of it may be spent."""

    holder: str
    name: str
    amount: int

    def to_json(self) -> dict[str, JSON]:
        """Return the documented members."""
        usd = dollars(self.amount)
        return {
            "holder": self.holder,
            "of": self.name,
            "amount_usd": usd,
            "amount_pico_usd": self.amount,
        }


def leases(store: Store) -> list[Lease]:
    """Return what is leased now. Raises `StoreError`."""
    with store.read() as db:
        return [Lease(str(each[0]), str(each[1]), int(each[2])) for each in db.rows(_LEASES)]


def free(store: Store, holder: str) -> int:
    """Give back what a process that is gone for good had leased; return how many leases.

    Whoever asks for it knows that the process lives nowhere. Raises `StoreError`.
    """
    with store.write() as db:
        found = db.rows("SELECT account FROM leases WHERE holder = ?", (holder,))
        db.execute("DELETE FROM leases WHERE holder = ?", (holder,))
        db.execute("DELETE FROM spools WHERE holder = ?", (holder,))
    return len(found)
