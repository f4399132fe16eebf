"""What was spent, by whom and on what."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

from motet.core.json import JSON
from motet.core.money import dollars
from motet.core.store.sessions import Row, Store

By = Literal["key", "team", "user", "model", "provider", "day", "system"]
_GROUPS: dict[By, str] = {
    "key": "tenant",
    "team": "team",
    "user": '"user"',
    "model": "CASE used WHEN '' THEN model ELSE used END",
    "provider": "provider",
    "day": "floor(started / 86400)",
    "system": "system",
}
BYS: tuple[By, ...] = tuple(_GROUPS)
_SUMS = """count(DISTINCT id), count(*),
    CAST(COALESCE(sum(input_tokens), 0) AS BIGINT),
    CAST(COALESCE(sum(output_tokens), 0) AS BIGINT),
    CAST(COALESCE(sum(cached_tokens), 0) AS BIGINT),
    CAST(COALESCE(sum(reasoning_tokens), 0) AS BIGINT),
    CAST(COALESCE(sum(cost), 0) AS BIGINT),
    CAST(COALESCE(sum(CASE WHEN estimated = 1 THEN cost END), 0) AS BIGINT),
    count(CASE WHEN cost IS NULL AND status IN ('done', 'failed', 'aborted') THEN 1 END)"""


@dataclass(frozen=True, slots=True)
class Spent:
    """Sums over entries. `estimated` is the part of `cost` (pico-dollars) nobody counted.

    `unpriced` counts the calls whose price is not known; they are not in `cost`.
    """

    name: str
    requests: int
    attempts: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    cost: int
    estimated: int
    unpriced: int

    def to_json(self) -> dict[str, JSON]:
        """Return the documented members; money also in dollars."""
        found: dict[str, JSON] = asdict(self)
        found["cost_usd"], found["estimated_usd"] = dollars(self.cost), dollars(self.estimated)
        found["cost_pico_usd"], found["estimated_pico_usd"] = self.cost, self.estimated
        del found["cost"], found["estimated"]
        return found


NONE = Spent("total", 0, 0, 0, 0, 0, 0, 0, 0, 0)
"""The sum of no entries."""


def report(
    store: Store, by: By, since: float = 0.0, until: float = 9e15
) -> tuple[list[Spent], Spent]:
    """Return what was spent from `since` (epoch seconds) up to `until`, and its total.

    The most expensive come first; days come in their order. Raises `StoreError`.
    """
    where = "FROM entries WHERE started >= ? AND started < ?"
    group = _GROUPS[by]
    with store.read() as db:
        rows = db.rows(f"SELECT {group}, {_SUMS} {where} GROUP BY 1", (since, until))
        [total] = db.rows(f"SELECT 'total', {_SUMS} {where}", (since, until))
        accounts = db.rows("SELECT id, name FROM accounts") if by == "key" else []
    names = {str(each[0]): str(each[1]) for each in accounts}
    found = [_spent(_name(by, each[0], names), each) for each in rows]
    order = (lambda each: (each.name,)) if by == "day" else (lambda each: (-each.cost, each.name))
    return sorted(found, key=order), _spent("total", total)


def _spent(name: str, row: Row) -> Spent:
    return Spent(name, *row[1:])


def _name(by: By, value: str | float, names: dict[str, str]) -> str:
    if by == "day":
        return datetime.fromtimestamp(float(value) * 86400, UTC).strftime("%Y-%m-%d")
    return names.get(str(value), str(value)) or "-"
