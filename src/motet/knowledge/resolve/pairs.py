"""Scored pairs of a store's entities, kept as long as both are as they were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from motet.core.json import JSON, dumps
from motet.knowledge.resolve.blocking import worthwhile
from motet.knowledge.resolve.clusters import UPPER
from motet.knowledge.resolve.conflicts import conflict
from motet.knowledge.resolve.labels import compatible
from motet.knowledge.resolve.records import content
from motet.knowledge.resolve.surroundings import first

if TYPE_CHECKING:
    from motet.core.store.sessions import Session
    from motet.knowledge.resolve.matcher import Matcher
    from motet.knowledge.resolve.records import Record
    from motet.knowledge.resolve.stored import Held
    from motet.knowledge.store.dialect import Dialect

KEPT = 0.3
"""Probability below which a pair is not worth a row."""
ASKED = UPPER - 0.01
"""The highest score of two of one name that something keeps apart: a person is asked."""
_PAIR = """INSERT INTO pairs (scope, left_id, right_id, score, reasons, producer_id)
           VALUES (?, ?, ?, ?, ?, ?)"""


def judge(matcher: Matcher, left: Record, right: Record) -> tuple[float, list[JSON]]:
    """Return the score of a pair and its reasons; what excludes it comes first.

    Two of different names that something keeps apart are not even asked about.
    """
    if not compatible(left.label, right.label) or not worthwhile(left, right):
        return 0.0, []
    against = conflict(left, right)
    if against and content(first(left)).tokens != content(first(right)).tokens:
        return 0.0, []
    scored = matcher.score(left, right)
    reasons: list[JSON] = [each.to_json() for each in scored.reasons]
    if against is None:
        return scored.probability, reasons
    return min(scored.probability, ASKED), [{"conflict": against}, *reasons]


def rescore(
    session: Session,
    dialect: Dialect,
    scope: str,
    matcher: Matcher,
    producer_id: int,
    wanted: Mapping[int, set[int]],
    changed: set[int],
    entities: Mapping[int, Held],
) -> set[int]:
    """Make the stored pairs of entities those that are wanted; return whose pairs changed.

    Pairs of which neither changed stay as they are. `entities` holds all that are named.
    """
    stored = _stored(session, dialect, wanted)
    due = {tuple(sorted((own, other))) for own, some in wanted.items() for other in some}
    stale = [pair for pair in stored if pair not in due or changed & {*pair}]
    session.executemany(
        "DELETE FROM pairs WHERE left_id = ? AND right_id = ?", [pair[:2] for pair in stale]
    )
    touched = {own for pair in stale for own in pair}
    rows = []
    for left, right in sorted(due - (stored - set(stale))):
        score, reasons = judge(matcher, entities[left].record, entities[right].record)
        if score >= KEPT:
            rows.append((scope, left, right, round(score, 6), dumps(reasons), producer_id))
            touched |= {left, right}
    session.executemany(_PAIR, rows)
    return touched


def _stored(session: Session, dialect: Dialect, ids: Iterable[int]) -> set[tuple[int, ...]]:
    some, values = dialect.among(sorted(ids))
    found: set[tuple[int, ...]] = set()
    for side in ("left_id", "right_id"):
        sql = f"SELECT left_id, right_id FROM pairs WHERE {side} IN {some}"
        found |= {(row[0], row[1]) for row in session.rows(sql, values)}
    return found
