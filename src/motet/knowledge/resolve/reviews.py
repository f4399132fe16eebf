"""Pairs for a person to look at: likely the same and not joined, or joined and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.knowledge.resolve.clusters import LOWER

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.knowledge.store import Store

_ENTITY = """{side}.uid, {side}.label, {side}.name"""


@dataclass(frozen=True, slots=True)
class Review:
    """Two entities with the probability that they are one, and the reasons.

    `score` is None and there are no reasons where people alone say so.
    """

    left: tuple[str, str, str]
    right: tuple[str, str, str]
    score: float | None
    reasons: tuple[dict[str, JSON], ...]
    verdict: str | None

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        names = ("uid", "label", "name")
        return {
            "left": dict(zip(names, self.left, strict=True)),
            "right": dict(zip(names, self.right, strict=True)),
            "score": self.score,
            "reasons": list(self.reasons),
            "verdict": self.verdict,
        }


class Reviews:
    """Lists the scored pairs of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def waiting(self, limit: int = 50) -> list[Review]:
        """Return pairs that may be one, of which nobody decided, the likeliest first."""
        return self._pairs("l.canonical <> r.canonical AND v.verdict IS NULL", limit)

    def count(self) -> int:
        """Return how many pairs wait for a person."""
        sql = """SELECT count(*) FROM pairs p JOIN entities l ON l.id = p.left_id
                 JOIN entities r ON r.id = p.right_id
                 WHERE p.scope = ? AND p.score >= ? AND l.canonical <> r.canonical
                   AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.scope = p.scope
                     AND v.left_uid = CASE WHEN l.uid < r.uid THEN l.uid ELSE r.uid END
                     AND v.right_uid = CASE WHEN l.uid < r.uid THEN r.uid ELSE l.uid END)"""
        with self._store.read() as session:
            return int(session.rows(sql, (self._store.scope, LOWER))[0][0])

    def done(self, limit: int = 50) -> list[Review]:
        """Return pairs that were joined, by score or by people, the least likely first."""
        return self._pairs("l.canonical = r.canonical", limit, "ASC") + self._decided(limit)

    def apart(self, limit: int = 50) -> list[Review]:
        """Return pairs that may be one, of which people said that they are two."""
        return self._pairs("l.canonical <> r.canonical AND v.verdict = 'different'", limit)

    def _pairs(self, condition: str, limit: int, order: str = "DESC") -> list[Review]:
        left, right = (_ENTITY.format(side=side) for side in "lr")
        sql = f"""SELECT {left}, {right}, p.score, p.reasons, v.verdict FROM pairs p
                  JOIN entities l ON l.id = p.left_id JOIN entities r ON r.id = p.right_id
                  LEFT JOIN verdicts v ON v.scope = p.scope
                    AND v.left_uid = CASE WHEN l.uid < r.uid THEN l.uid ELSE r.uid END
                    AND v.right_uid = CASE WHEN l.uid < r.uid THEN r.uid ELSE l.uid END
                  WHERE p.scope = ? AND p.score >= ? AND {condition}
                  ORDER BY p.score {order}, l.uid, r.uid LIMIT ?"""
        with self._store.read() as session:
            rows = session.rows(sql, (self._store.scope, LOWER, limit))
        return [
            Review(row[:3], row[3:6], row[6], tuple(json.loads(row[7])), row[8]) for row in rows
        ]

    def _decided(self, limit: int) -> list[Review]:
        """Return decisions that two are the same where no likely pair says so."""
        left, right = (_ENTITY.format(side=side) for side in "lr")
        sql = f"""SELECT {left}, {right}, v.verdict FROM verdicts v
                  JOIN entities l ON l.scope = v.scope AND l.uid = v.left_uid
                  JOIN entities r ON r.scope = v.scope AND r.uid = v.right_uid
                  WHERE v.scope = ? AND v.verdict = 'same' AND NOT EXISTS
                    (SELECT 1 FROM pairs p WHERE p.score >= ? AND
                     ((p.left_id = l.id AND p.right_id = r.id)
                      OR (p.left_id = r.id AND p.right_id = l.id)))
                  ORDER BY l.uid, r.uid LIMIT ?"""
        with self._store.read() as session:
            rows = session.rows(sql, (self._store.scope, LOWER, limit))
        return [Review(row[:3], row[3:6], None, (), row[6]) for row in rows]
