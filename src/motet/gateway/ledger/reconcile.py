"""Correcting estimates by what providers say calls did cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from motet.core.json import JSON
from motet.core.money import dollars
from motet.core.store.sessions import Row, Session, Store
from motet.gateway.ledger.exports import Exported
from motet.gateway.ledger.folding import DAY, add_spent, team_account
from motet.gateway.ledger.periods import spans

_COLUMNS = "id, attempt, started, tenant, team, cost, estimated, provider, used, model"
_AGAIN = f"SELECT {_COLUMNS} FROM entries WHERE id = ? AND attempt = ?"
AT_ONCE = 500
"""Ids that are looked for in one go over the entries."""
_CORRECT = """UPDATE entries SET before = COALESCE(before, cost), cost = ?, estimated = 0,
                  corrected = ?, input_tokens = COALESCE(?, input_tokens),
                  output_tokens = COALESCE(?, output_tokens),
                  cached_tokens = COALESCE(?, cached_tokens)
              WHERE id = ? AND attempt = ?"""
_LEFT = """SELECT count(*), CAST(COALESCE(sum(cost), 0) AS BIGINT) FROM entries
           WHERE estimated = 1"""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A call that was counted here and by its provider, and not the same."""

    id: str
    attempt: int
    ours: int
    theirs: int


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What an export changed. `change` is the sum of the corrections in pico-dollars.

    `unknown` are ids that no entry has, or several, or whose price is not known; `left`
    estimates remain, which count as `left_cost`.
    """

    corrected: int
    change: int
    mismatches: tuple[Mismatch, ...]
    unknown: tuple[str, ...]
    left: int
    left_cost: int

    def to_json(self) -> dict[str, JSON]:
        """Return the documented members."""
        mismatches: list[JSON] = [
            {
                "id": each.id,
                "attempt": each.attempt,
                "ours_pico_usd": each.ours,
                "theirs_pico_usd": each.theirs,
            }
            for each in self.mismatches
        ]
        return {
            "corrected": self.corrected,
            "change_usd": dollars(self.change),
            "mismatches": mismatches,
            "unknown": list(self.unknown),
            "left": self.left,
            "left_usd": dollars(self.left_cost),
        }


def reconcile(
    store: Store, found: Sequence[Exported], source: str, *, counted: bool = False
) -> Reconciled:
    """Put what a provider counted in place of estimates; an entry keeps what stood before.

    An entry is found by the provider's id of the answer, or by ours; tokens without a cost are
    priced as the model was then. What was counted here is only compared, unless `counted` says
    to correct that too. Raises `StoreError`.
    """
    corrected = change = 0
    mismatches: list[Mismatch] = []
    unknown: list[str] = []
    places = _places(store, [each.id for each in found])
    with store.write() as db:
        for each in found:
            where = places.get(each.id, [])
            if len(where) != 1:
                unknown.append(each.id)
                continue
            [row] = db.rows(_AGAIN, where[0])
            ours, estimated = row[5], row[6]
            theirs = _priced(each, row) if each.cost is None else each.cost
            if theirs is None:
                unknown.append(each.id)
            elif estimated or (counted and ours != theirs):
                change += _correct(db, row, each, theirs, source)
                corrected += 1
            elif ours != theirs:
                mismatches.append(Mismatch(row[0], row[1], ours or 0, theirs))
        [(left, left_cost)] = db.rows(_LEFT)
    return Reconciled(corrected, change, tuple(mismatches), tuple(unknown), left, left_cost)


def _places(store: Store, ids: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
    """Return the keys of the entries that have one of the ids, the provider's or ours."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    with store.read() as db:
        for at in range(0, len(ids), AT_ONCE):
            some = ids[at : at + AT_ONCE]
            marks = ", ".join("?" * len(some))
            for column in ("upstream_id", "id"):
                query = f"SELECT {column}, id, attempt FROM entries WHERE {column} IN ({marks})"
                for name, id, attempt in db.rows(query, some):
                    if (id, attempt) not in found[name]:
                        found[name].append((id, attempt))
    return found


def _priced(found: Exported, row: Row) -> int | None:
    """Return what the tokens of a call cost at its model's price, None where that is not known."""
    from motet.core.chat import Usage
    from motet.models.catalogue import card

    started, (provider, used, model) = row[2], row[7:]
    known = card(provider, used or model)
    if known is None or known.pricing is None:
        return None
    tokens = (found.input_tokens or 0, found.output_tokens or 0, found.cached_tokens or 0)
    return known.pricing.cost(Usage(*tokens), at=started)


def _correct(db: Session, row: Row, found: Exported, cost: int, source: str) -> int:
    id, attempt, started, tenant, team, ours = row[:6]
    tokens = (found.input_tokens, found.output_tokens, found.cached_tokens)
    db.execute(_CORRECT, (cost, source, *tokens, id, attempt))
    change = cost - (ours or 0)
    accounts = (tenant, team_account(team)) if team else (tenant,)
    day = started // DAY * DAY
    add_spent(db, {(account, span): change for account in accounts for span in spans(day)})
    return int(change)
