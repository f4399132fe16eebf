"""Rows of the ledger, read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from motet.core.clock import iso
from motet.core.json import JSON, loads
from motet.core.money import dollars
from motet.core.store.sessions import Row, Store
from motet.gateway.ledger.entry import COLUMNS, Entry

_WIDTH = len(Entry._fields)
_SELECT = f"SELECT {COLUMNS}, bound, before, corrected FROM entries"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as it stands in the ledger.

    `bound` is what it was thought to cost at most; `before` what stood as its cost until it
    was corrected, `corrected` by what. Money is in pico-dollars.
    """

    entry: Entry
    bound: int | None
    before: int | None
    corrected: str | None

    def to_json(self) -> dict[str, JSON]:
        """Return the documented members."""
        entry = self.entry._asdict()
        found: dict[str, JSON] = {**entry, "started": iso(self.entry.started)}
        found["units"] = loads(self.entry.units) if self.entry.units else {}
        found["story"] = loads(self.entry.story) if self.entry.story else {}
        del found["cost"]
        for name, pico in (
            ("cost", self.entry.cost),
            ("bound", self.bound),
            ("before", self.before),
        ):
            found[f"{name}_usd"] = None if pico is None else dollars(pico)
            found[f"{name}_pico_usd"] = pico
        found["corrected"] = self.corrected
        return found


def request(store: Store, id: str) -> list[Recorded]:
    """Return the attempts of a request, in their order; none where it is not known."""
    with store.read() as db:
        return [
            _recorded(each) for each in db.rows(f"{_SELECT} WHERE id = ? ORDER BY attempt", (id,))
        ]


def latest(store: Store, count: int) -> list[Recorded]:
    """Return the latest entries, the newest first."""
    query = f"{_SELECT} ORDER BY started DESC, id, attempt LIMIT ?"
    with store.read() as db:
        return [_recorded(each) for each in db.rows(query, (count,))]


def _recorded(row: Row) -> Recorded:
    values: list[Any] = list(row[:_WIDTH])
    entry = Entry(*values)
    entry = entry._replace(stream=bool(entry.stream), estimated=bool(entry.estimated))
    return Recorded(entry, *row[_WIDTH:])
