"""Plans that wait for a person, and what they decided.

An approval is of exactly the bytes of a plan. It is given on the command line or with a person's
key; nothing here is a tool, so no model can reach it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from motet.core.clock import iso, now
from motet.core.errors import UsageError
from motet.core.json import JSON
from motet.core.store.sessions import Row, Session
from motet.knowledge.store import Store
from motet.knowledge.structure.discovery import Discovery, discovered
from motet.knowledge.structure.plan import Plan

KIND = "schema"
Status = Literal["waiting", "approved", "replaced", "rejected"]
_COLUMNS = "hash, body, made, approved_by, approved_at, rejected_by, rejected_at"
_SHORTEST = 8


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan with who decided what about it, and when (seconds since 1970)."""

    hash: str
    plan: Plan
    made: float
    approved_by: str | None
    approved_at: float | None
    rejected_by: str | None
    rejected_at: float | None
    replaced: bool = False

    @property
    def status(self) -> Status:
        """What became of it; the last one approved is in force, it replaces the others."""
        if self.rejected_by is not None:
            return "rejected"
        if self.approved_by is None:
            return "waiting"
        return "replaced" if self.replaced else "approved"

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object, without the plan."""
        return {
            "hash": self.hash,
            "status": self.status,
            "made": iso(self.made),
            "approved_by": self.approved_by,
            "approved_at": iso(self.approved_at) if self.approved_at is not None else None,
            "rejected_by": self.rejected_by,
            "rejected_at": iso(self.rejected_at) if self.rejected_at is not None else None,
        }


class Proposals:
    """The schema proposals of a store's scope."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def propose(self) -> tuple[Proposal, Discovery]:
        """Look through the tables and keep the plan that follows, if it is new.

        Raises `UsageError` where there is nothing to plan.
        """
        found = discovered(self._store)
        if not found.plan.tables:
            raise UsageError(
                "no table has rows that could be told apart",
                where=self._store.scope,
                hint="ingest tables first: CSV, sheets, JSON, Parquet, a database",
            )
        with self._store.write() as session:
            session.execute(
                """INSERT INTO proposals (scope, hash, kind, body, made) VALUES (?, ?, ?, ?, ?)
                   ON CONFLICT DO NOTHING""",
                (self._store.scope, found.plan.hash, KIND, found.plan.body, now()),
            )
        return self.get(found.plan.hash), found

    def all(self) -> list[Proposal]:
        """Return every proposal, the latest first."""
        with self._store.read() as session:
            return self._all(session)

    def get(self, hash: str) -> Proposal:
        """Return a proposal by its hash or the beginning of it. Raises `UsageError`."""
        found = [each for each in self.all() if each.hash.startswith(hash)]
        if len(hash) < _SHORTEST or len(found) != 1:
            raise UsageError(
                "no such proposal" if not found else "the hash is too short to be sure",
                where=hash,
                hint="`motet knowledge schema show` lists them",
            )
        return found[0]

    def approved(self) -> Proposal | None:
        """Return the proposal in force: the one approved last."""
        return next((each for each in self.all() if each.status == "approved"), None)

    def approve(self, hash: str, by: str) -> Proposal:
        """Put a plan in force, in a person's name.

        Raises `UsageError` where the tables have another plan by now: what the person saw is
        not what would be built.
        """
        proposal, name = self.get(hash), _named(by)
        now_planned = discovered(self._store).plan.hash
        if now_planned != proposal.hash:
            raise UsageError(
                f"the tables changed since; their plan is now {now_planned[:12]}",
                where=proposal.hash[:12],
                hint="run `motet knowledge schema propose`, look at it, and approve that",
            )
        self._decide(proposal.hash, name, None)
        return self.get(proposal.hash)

    def reject(self, hash: str, by: str) -> Proposal:
        """Refuse a plan, also one in force, in a person's name. Raises `UsageError`."""
        proposal = self.get(hash)
        self._decide(proposal.hash, None, _named(by))
        return self.get(proposal.hash)

    def _decide(self, hash: str, approved: str | None, rejected: str | None) -> None:
        at = now()
        with self._store.write() as session:
            session.execute(
                """UPDATE proposals SET approved_by = ?, approved_at = ?, rejected_by = ?,
                   rejected_at = ? WHERE scope = ? AND hash = ?""",
                (
                    approved,
                    at if approved else None,
                    rejected,
                    at if rejected else None,
                    self._store.scope,
                    hash,
                ),
            )

    def _all(self, session: Session) -> list[Proposal]:
        sql = f"SELECT {_COLUMNS} FROM proposals WHERE scope = ? AND kind = ? ORDER BY made, hash"
        rows = session.rows(sql, (self._store.scope, KIND))
        last = max((row[4] for row in rows if row[4] is not None), default=None)
        return [_proposal(row, last) for row in reversed(rows)]


def _proposal(row: Row, last: float | None) -> Proposal:
    hash, body, made, approved_by, approved_at, rejected_by, rejected_at = row
    return Proposal(
        hash,
        Plan.read(body),
        made,
        approved_by,
        approved_at,
        rejected_by,
        rejected_at,
        approved_at is not None and approved_at != last,
    )


def _named(by: str) -> str:
    name = " ".join(by.split())
    if not name:
        raise UsageError("a decision needs the name of who takes it", hint="say --by NAME")
    return name
