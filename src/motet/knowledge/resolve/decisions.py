"""What people decided about two entities: the table `verdicts`, which nothing derived touches."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection
from typing import TYPE_CHECKING, Literal

from motet.core.clock import now
from motet.knowledge.resolve.clusters import Pair, ordered
from motet.knowledge.resolve.lists import among_texts

if TYPE_CHECKING:
    from motet.core.store.sessions import Session
    from motet.knowledge.store.dialect import Dialect

Verdict = Literal["same", "different"]


class Decisions:
    """The verdicts of one scope."""

    def __init__(self, session: Session, dialect: Dialect, scope: str) -> None:
        self._session = session
        self._dialect = dialect
        self._scope = scope

    def of(self, uids: Collection[str]) -> dict[Pair, Verdict]:
        """Return the verdicts that name any of the entities."""
        some, values = among_texts(self._dialect, uids)
        found: dict[Pair, Verdict] = {}
        for side in ("left_uid", "right_uid"):
            sql = f"""SELECT left_uid, right_uid, verdict FROM verdicts
                      WHERE scope = ? AND {side} IN {some}"""
            for left, right, verdict in self._session.rows(sql, (self._scope, *values)):
                found[left, right] = verdict
        return found

    def write(self, one: str, two: str, verdict: Verdict, by: str) -> None:
        """Write a verdict in place of what was said before."""
        self._session.execute(
            """INSERT INTO verdicts (scope, left_uid, right_uid, verdict, by, at)
               VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (scope, left_uid, right_uid)
               DO UPDATE SET verdict = excluded.verdict, by = excluded.by, at = excluded.at""",
            (self._scope, *ordered(one, two), verdict, by, now()),
        )

    def withdraw(self, one: str, two: str) -> None:
        """Delete what was said of a pair."""
        self._session.execute(
            "DELETE FROM verdicts WHERE scope = ? AND left_uid = ? AND right_uid = ?",
            (self._scope, *ordered(one, two)),
        )

    def joined(self, uid: str) -> dict[str, str]:
        """Return all that verdicts make one with an entity: each uid and through whom."""
        through, queue = {uid: uid}, deque([uid])
        while queue:
            here = queue.popleft()
            for pair, verdict in sorted(self.of([here]).items()):
                there = pair[0] if pair[1] == here else pair[1]
                if verdict == "same" and there not in through:
                    through[there] = here
                    queue.append(there)
        return through

    def opposed(self, uids: Collection[str]) -> Pair | None:
        """Return two of these that a person said are different, if there are any."""
        for pair, verdict in sorted(self.of(uids).items()):
            if verdict == "different" and {*pair} <= {*uids}:
                return pair
        return None


def split(verdicts: dict[Pair, Verdict]) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs that are the same and those that are different, each in order."""
    by: defaultdict[Verdict, list[Pair]] = defaultdict(list)
    for pair, verdict in sorted(verdicts.items()):
        by[verdict].append(pair)
    return by["same"], by["different"]
