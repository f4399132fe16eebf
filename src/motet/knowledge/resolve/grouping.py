"""Which row stands for each group of a store's entities, recomputed for what was touched."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from motet.knowledge.resolve.clusters import UPPER, Links, Pair, clusters, components
from motet.knowledge.resolve.conflicts import conflict
from motet.knowledge.resolve.decisions import Decisions, split
from motet.knowledge.resolve.lists import among_texts
from motet.knowledge.resolve.pairs import judge
from motet.knowledge.resolve.stored import Held, held

if TYPE_CHECKING:
    from motet.core.store.sessions import Session
    from motet.knowledge.resolve.matcher import Matcher
    from motet.knowledge.store.dialect import Dialect


class Grouping:
    """Groups the entities of one scope inside a write transaction."""

    def __init__(self, session: Session, dialect: Dialect, scope: str, matcher: Matcher) -> None:
        self._session = session
        self._dialect = dialect
        self._scope = scope
        self._matcher = matcher
        self._decisions = Decisions(session, dialect, scope)

    def regroup(self, touched: Collection[int]) -> None:
        """Group anew all that hangs together with what was touched, now or before."""
        everyone = self._reached(self._grouped_with(touched))
        entities = held(self._session, self._dialect, everyone)
        if not entities:
            return
        by_uid = {each.record.uid: each for each in entities.values()}
        links = self._links(entities, by_uid)
        stands: dict[int, int] = {}
        for component in components(links, by_uid):
            for group in clusters(component, links, _Judging(by_uid, self._matcher)):
                members = [by_uid[uid] for uid in group]
                first = min(members, key=lambda each: each.rank)
                stands |= {each.id: first.id for each in members}
        self._stand({own: new for own, new in stands.items() if entities[own].canonical != new})

    def _grouped_with(self, ids: Collection[int]) -> set[int]:
        some, values = self._dialect.among(sorted(ids))
        sql = f"""SELECT e.id FROM entities e WHERE e.canonical IN
                  (SELECT canonical FROM entities WHERE id IN {some})"""
        return {*ids} | {row[0] for row in self._session.rows(sql, values)}

    def _reached(self, ids: Collection[int]) -> set[int]:
        """Follow likely pairs and verdicts as far as they go."""
        reached, edge = set(ids), set(ids)
        while edge:
            some, values = self._dialect.among(sorted(edge))
            found = set()
            for here, there in (("left_id", "right_id"), ("right_id", "left_id")):
                sql = f"SELECT {there} FROM pairs WHERE {here} IN {some} AND score >= ?"
                found |= {row[0] for row in self._session.rows(sql, (*values, UPPER))}
            edge = (found | self._decided_with(edge)) - reached
            reached |= edge
        return reached

    def _decided_with(self, ids: Collection[int]) -> set[int]:
        some, values = self._dialect.among(sorted(ids))
        sql = f"SELECT uid FROM entities WHERE id IN {some}"
        uids = {row[0] for row in self._session.rows(sql, values)}
        same, _ = split(self._decisions.of(uids))
        some, values = among_texts(self._dialect, {uid for pair in same for uid in pair})
        sql = f"SELECT id FROM entities WHERE scope = ? AND uid IN {some}"
        return {row[0] for row in self._session.rows(sql, (self._scope, *values))}

    def _links(self, entities: Mapping[int, Held], by_uid: Mapping[str, Held]) -> Links:
        some, values = self._dialect.among(sorted(entities))
        sql = f"SELECT left_id, right_id, score FROM pairs WHERE left_id IN {some}"
        scores: dict[Pair, float] = {}
        for left, right, score in self._session.rows(sql, values):
            if right in entities:
                one, two = sorted(
                    (entities[left].record, entities[right].record), key=lambda each: each.uid
                )
                scores[one.uid, two.uid] = 0.0 if conflict(one, two) else score
        same, different = split(self._decisions.of(by_uid))
        return Links(scores, [pair for pair in same if by_uid.keys() >= {*pair}], different)

    def _stand(self, stands: Mapping[int, int]) -> None:
        """Let entities be stood for by others, in relations too."""
        for own, new in sorted(stands.items()):
            self._session.execute("UPDATE entities SET canonical = ? WHERE id = ?", (new, own))
        for end, said in (("source", "subject"), ("target", "object")):
            for own, new in sorted(stands.items()):
                sql = f"UPDATE relations SET {end} = ? WHERE {said} = ?"
                self._session.execute(sql, (new, own))


class _Judging:
    """Scores pairs of a component that were never compared."""

    def __init__(self, by_uid: Mapping[str, Held], matcher: Matcher) -> None:
        self._by_uid = by_uid
        self._matcher = matcher

    def __call__(self, one: str, two: str) -> float:
        left, right = self._by_uid[one].record, self._by_uid[two].record
        return 0.0 if conflict(left, right) else judge(self._matcher, left, right)[0]
