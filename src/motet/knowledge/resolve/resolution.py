"""Entity resolution of a store: what is new is compared, groups follow, people decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.errors import UsageError
from motet.core.text import normalised
from motet.knowledge.resolve.blocks import StoredBlocks
from motet.knowledge.resolve.decisions import Decisions
from motet.knowledge.resolve.grouping import Grouping
from motet.knowledge.resolve.matcher import Generic, Matcher
from motet.knowledge.resolve.pairs import rescore
from motet.knowledge.resolve.stored import held

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.core.store.sessions import Session
    from motet.knowledge.store import Store

OPERATOR = "resolution"
RULES = "1"
"""Version of blocking, conflicts and grouping: counted up where their results change."""
BATCH = 128
"""Entities that one transaction resolves, so that nobody waits for long."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Two entities that a person decided about, by uid, and how they are called."""

    left: str
    right: str
    left_name: str
    right_name: str

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {
            "left": {"uid": self.left, "name": self.left_name},
            "right": {"uid": self.right, "name": self.right_name},
        }


class Resolution:
    """Resolves the entities of one store.

    The result depends on the entities there are and on verdicts, not on the order they came in.
    `matcher` may be any; the default needs no labels.
    """

    def __init__(self, store: Store, matcher: Matcher | None = None) -> None:
        self._store = store
        self._matcher = matcher or Generic()

    @property
    def version(self) -> str:
        """The operator as it is now."""
        return f"{RULES}+{self._matcher.version}"

    def unsettled(self) -> bool:
        """Whether some entity changed since it was resolved."""
        with self._store.read() as session:
            return not self._is_known(session) or bool(self._due(session, 1))

    def settle(self) -> int:
        """Resolve entities that are new or changed; return how many.

        Each batch is one transaction: after a kill the rest is still marked. Another version
        of the matcher resolves everything anew.
        """
        done = 0
        while True:
            with self._store.write() as session:
                producer = self._producer(session)
                due = self._due(session, BATCH)
                self._resolve(session, producer, due)
            done += len(due)
            if len(due) < BATCH:
                return done

    def merge(self, one: str, two: str, by: str) -> Decided:
        """Decide that two entities, given by name or uid, are one.

        Raises `UsageError` for names that none or several have, and where it contradicts what
        was said before.
        """
        with self._store.write() as session:
            left, right = self._found(session, one, two)
            decisions = Decisions(session, self._store.dialect, self._store.scope)
            decisions.write(left[1], right[1], "same", by)
            opposed = decisions.opposed([*decisions.joined(left[1])])
            if opposed is not None:
                first, second = (self._name(session, uid) for uid in opposed)
                raise UsageError(
                    f"this would join {first} and {second}, which were said to be different",
                    where=f"{left[2]} and {right[2]}",
                    hint="merge those two first, if they are one after all",
                )
            self._grouping(session).regroup([left[0], right[0]])
        return Decided(left[1], right[1], left[2], right[2])

    def unmerge(self, one: str, two: str, by: str) -> Decided:
        """Take two entities apart: withdraw the decision that joined them, or decide they differ.

        Raises `UsageError` where they are not one, and where other decisions join them.
        """
        with self._store.write() as session:
            left, right = self._found(session, one, two)
            if not self._are_one(session, left[0], right[0]):
                raise UsageError(
                    "they are not merged",
                    where=f"{left[2]} and {right[2]}",
                    hint="`motet knowledge merges --done` lists what is",
                )
            decisions = Decisions(session, self._store.dialect, self._store.scope)
            decisions.withdraw(left[1], right[1])
            self._refuse_joined(session, decisions, left, right)
            self._grouping(session).regroup([left[0], right[0]])
            if self._are_one(session, left[0], right[0]):
                decisions.write(left[1], right[1], "different", by)
                self._grouping(session).regroup([left[0], right[0]])
        return Decided(left[1], right[1], left[2], right[2])

    def keep_apart(self, one: str, two: str, by: str) -> Decided:
        """Decide that two entities that may be one are two: nobody is asked again.

        Raises `UsageError` where they are one by now.
        """
        with self._store.write() as session:
            left, right = self._found(session, one, two)
            if self._are_one(session, left[0], right[0]):
                raise UsageError(
                    "they are one",
                    where=f"{left[2]} and {right[2]}",
                    hint="take them apart with `motet knowledge unmerge`",
                )
            decisions = Decisions(session, self._store.dialect, self._store.scope)
            decisions.write(left[1], right[1], "different", by)
            self._grouping(session).regroup([left[0], right[0]])
        return Decided(left[1], right[1], left[2], right[2])

    # How

    def _grouping(self, session: Session) -> Grouping:
        return Grouping(session, self._store.dialect, self._store.scope, self._matcher)

    def _is_known(self, session: Session) -> bool:
        sql = "SELECT 1 FROM producers WHERE operator = ? AND version = ?"
        return bool(session.rows(sql, (OPERATOR, self.version)))

    def _producer(self, session: Session) -> int:
        """Return the id of this operator; where it is a new one, mark all to be resolved."""
        if not self._is_known(session):
            session.execute(
                "INSERT INTO producers (operator, version) VALUES (?, ?)", (OPERATOR, self.version)
            )
            session.execute("UPDATE entities SET settled = 0 WHERE settled <> 0")
        sql = "SELECT id FROM producers WHERE operator = ? AND version = ?"
        return int(session.rows(sql, (OPERATOR, self.version))[0][0])

    def _due(self, session: Session, most: int) -> list[int]:
        sql = "SELECT id FROM entities WHERE scope = ? AND settled = 0 ORDER BY id LIMIT ?"
        return [row[0] for row in session.rows(sql, (self._store.scope, most))]

    def _resolve(self, session: Session, producer: int, due: list[int]) -> None:
        if not due:
            return
        dialect, scope = self._store.dialect, self._store.scope
        blocks = StoredBlocks(session, dialect, scope)
        changed = held(session, dialect, due)
        affected = {*changed, *blocks.update(changed)}
        wanted = blocks.candidates(affected)
        everyone = held(session, dialect, affected.union(*wanted.values()))
        touched = rescore(
            session, dialect, scope, self._matcher, producer, wanted, set(changed), everyone
        )
        self._grouping(session).regroup(touched | set(changed))
        some, values = dialect.among(due)
        session.execute(f"UPDATE entities SET settled = 1 WHERE id IN {some}", values)

    def _are_one(self, session: Session, one: int, two: int) -> bool:
        sql = "SELECT count(DISTINCT canonical) FROM entities WHERE id IN (?, ?)"
        return int(session.rows(sql, (one, two))[0][0]) == 1

    def _refuse_joined(
        self,
        session: Session,
        decisions: Decisions,
        left: tuple[int, str, str],
        right: tuple[int, str, str],
    ) -> None:
        through = decisions.joined(left[1])
        if right[1] in through:
            last = through[right[1]]
            raise UsageError(
                f"other decisions join them, the last one {self._name(session, last)} "
                f"and {right[2]}",
                where=f"{left[2]} and {right[2]}",
                hint=f"first `motet knowledge unmerge {last} {right[1]}`",
            )

    def _name(self, session: Session, uid: str) -> str:
        sql = "SELECT name FROM entities WHERE scope = ? AND uid = ?"
        rows = session.rows(sql, (self._store.scope, uid))
        return str(rows[0][0]) if rows else uid

    def _found(
        self, session: Session, one: str, two: str
    ) -> tuple[tuple[int, str, str], tuple[int, str, str]]:
        left, right = self._named(session, one), self._named(session, two)
        if left[0] == right[0]:
            raise UsageError("both are the same entity", where=f"{one} and {two}")
        return left, right

    def _named(self, session: Session, name: str) -> tuple[int, str, str]:
        """Return id, uid and name of the entity of this uid, key or name."""
        scope, key = self._store.scope, normalised(name)
        sql = """SELECT id, uid, name, label FROM entities
                 WHERE scope = ? AND (uid = ? OR key = ? OR name = ?) ORDER BY uid"""
        found = session.rows(sql, (scope, name, key, name))
        if len(found) == 1:
            return found[0][0], found[0][1], found[0][2]
        if found:
            several = ", ".join(f"{label} {uid}" for _, uid, _, label in found[:4])
            raise UsageError(
                f"{len(found)} entities have this name", where=name, hint=f"give a uid: {several}"
            )
        raise self._unknown(session, name)

    def _unknown(self, session: Session, name: str) -> UsageError:
        from rapidfuzz import process

        sql = "SELECT DISTINCT name FROM entities WHERE scope = ? ORDER BY name"
        known = [row[0] for row in session.rows(sql, (self._store.scope,))]
        near = process.extract(name, known, limit=3, score_cutoff=60)
        names = ", ".join(each[0] for each in near)
        hint = f"nearest: {names}" if near else "`motet knowledge entities` lists them"
        return UsageError("no such entity", where=name, hint=hint)
