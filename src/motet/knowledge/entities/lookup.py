"""Looking at entities: what there is, and all that is known of one, with where it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.clock import iso
from motet.core.errors import UsageError
from motet.core.text import normalised

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.core.store.sessions import Row, Session, Value
    from motet.knowledge.provenance.viewer import Viewer
    from motet.knowledge.store import Store

MOST = 200
"""Mentions, rows, claims and relations of one entity that are shown, the first of each."""
AROUND = 60
"""Code points shown on either side of a mention."""
_SEEN = """seen AS (SELECT v.id FROM versions v JOIN sources s ON s.id = v.source_id
                    WHERE s.scope = ? AND {seen}),
           derived AS (SELECT v.id FROM versions v JOIN sources s ON s.id = v.source_id
                       WHERE s.scope = ? AND {derived})"""
_LIKE = re.compile(r"[\\%_]")
_VISIBLE = """(t.version_id IN (SELECT id FROM derived)
               OR (t.given = 1 AND t.version_id IN (SELECT id FROM seen)))"""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entity in a list; counts are over all names that were found to be the same thing."""

    uid: str
    label: str
    name: str
    mentions: int
    rows: int
    claims: int

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {
            "uid": self.uid,
            "label": self.label,
            "name": self.name,
            "mentions": self.mentions,
            "rows": self.rows,
            "claims": self.claims,
        }


class Lookup:
    """Entities as a viewer may see them."""

    def __init__(self, store: Store, viewer: Viewer) -> None:
        self._store = store
        seen, first = viewer.condition()
        derived, second = viewer.derived()
        self._with = "WITH " + _SEEN.format(seen=seen, derived=derived)
        self._values: list[Value] = [store.scope, *first, store.scope, *second]

    def listed(
        self, label: str | None = None, limit: int = 100, *, containing: str = ""
    ) -> list[Listed]:
        """Return entities with how often they are found, the most frequent first.

        `containing` is what their normalised name or key must hold.
        """
        part = """SELECT e.canonical AS id, count(*) AS n FROM {table} t
                  JOIN entities e ON e.id = t.entity_id WHERE {visible} GROUP BY e.canonical"""
        derived = "t.version_id IN (SELECT id FROM derived)"
        mentions = part.format(table="mentions", visible=derived)
        links = part.format(table="links", visible=derived)
        claims = part.format(table="claims", visible=_VISIBLE)
        sql = f"""{self._with},
            m AS ({mentions}), l AS ({links}), k AS ({claims})
            SELECT c.uid, c.label, c.name, coalesce(m.n, 0), coalesce(l.n, 0), coalesce(k.n, 0)
            FROM entities c LEFT JOIN m ON m.id = c.id LEFT JOIN l ON l.id = c.id
            LEFT JOIN k ON k.id = c.id
            WHERE c.scope = ? AND c.canonical = c.id AND (CAST(? AS TEXT) IS NULL OR c.label = ?)
              AND (lower(c.name) LIKE ? ESCAPE '\\' OR lower(c.key) LIKE ? ESCAPE '\\')
              AND coalesce(m.n, l.n, k.n) IS NOT NULL
            ORDER BY coalesce(m.n, 0) + coalesce(l.n, 0) DESC, c.label, c.name, c.uid LIMIT ?"""
        with self._store.read() as session:
            like = "%" + _LIKE.sub(r"\\\g<0>", containing.lower()) + "%"
            values = (*self._values, self._store.scope, label, label, like, like, limit)
            return [Listed(*row) for row in session.rows(sql, values)]

    def entity(self, name: str, label: str | None = None) -> dict[str, JSON]:
        """Return all that is known of the entity that goes by a name, as documented JSON.

        A uid is a name too. Of several entities with the name, the one found most often is
        shown, and the others are listed. Raises `UsageError` where none has it.
        """
        with self._store.read() as session:
            found = self._named(session, name, label)
            if not found:
                raise self._unknown(session, name)
            best = found[0]
            members, values = self._members(session, best.uid)
            return {
                "entity": best.to_json(),
                "names": self._names(session, members, values),
                "others": [each.to_json() for each in found[1:]],
                "memory": self._mentions(session, members, values, said=True),
                "rows": self._rows(session, members, values),
                "mentions": self._mentions(session, members, values, said=False),
                "claims": self._claims(session, members, values),
                "relations": self._relations(session, members, values),
            }

    def _named(self, session: Session, name: str, label: str | None) -> list[Listed]:
        """Return the entities that go by a name, the most frequent first."""
        scope, key = self._store.scope, normalised(name)
        sql = """SELECT DISTINCT e.canonical FROM entities e
                 WHERE e.scope = ?1 AND (e.key = ?2 OR e.uid = ?3)"""
        ids = {row[0] for row in session.rows(sql, (scope, key, name))}
        sql = """SELECT DISTINCT n.form, e.canonical FROM names n
                 JOIN entities e ON e.id = n.entity_id WHERE e.scope = ?"""
        ids |= {row[1] for row in session.rows(sql, (scope,)) if normalised(row[0]) == key}
        some, values = self._store.among(sorted(ids))
        uids = {r[0] for r in session.rows(f"SELECT uid FROM entities WHERE id IN {some}", values)}
        return [each for each in self.listed(label, 1_000_000) if each.uid in uids]

    def _unknown(self, session: Session, name: str) -> UsageError:
        from rapidfuzz import process

        sql = "SELECT DISTINCT name FROM entities WHERE scope = ?"
        known = [row[0] for row in session.rows(sql, (self._store.scope,))]
        near = process.extractOne(name, known, score_cutoff=60)
        hint = f"nearest: {near[0]}" if near else "`motet knowledge entities` lists them"
        return UsageError("no such entity", where=name, hint=hint)

    def _members(self, session: Session, uid: str) -> tuple[str, tuple[Value, ...]]:
        sql = """SELECT e.id FROM entities e JOIN entities c ON c.id = e.canonical
                 WHERE c.scope = ? AND c.uid = ? ORDER BY e.id"""
        ids = [row[0] for row in session.rows(sql, (self._store.scope, uid))]
        return self._store.among(ids)

    def _names(self, session: Session, members: str, values: Sequence[Value]) -> list[JSON]:
        sql = f"""{self._with} SELECT t.form, sum(t.count) FROM names t
                  WHERE t.entity_id IN {members} AND t.version_id IN (SELECT id FROM derived)
                  GROUP BY t.form ORDER BY sum(t.count) DESC, t.form LIMIT {MOST}"""
        return [row[0] for row in session.rows(sql, (*self._values, *values))]

    def _rows(self, session: Session, members: str, values: Sequence[Value]) -> list[JSON]:
        sql = f"""{self._with} SELECT s.source, b.name, t.number, t."column", b.id, b.columns
                  FROM links t JOIN tables b ON b.id = t.table_id
                  JOIN versions v ON v.id = t.version_id JOIN sources s ON s.id = v.source_id
                  WHERE t.entity_id IN {members} AND t.version_id IN (SELECT id FROM derived)
                  ORDER BY s.source, b.id, t.number LIMIT {MOST}"""
        return [
            {
                "source": source,
                "table": table,
                "row": number,
                "column": column,
                "values": _cells(session, table_id, number, json.loads(columns)),
            }
            for source, table, number, column, table_id, columns in session.rows(
                sql, (*self._values, *values)
            )
        ]

    def _mentions(
        self, session: Session, members: str, values: Sequence[Value], *, said: bool
    ) -> list[JSON]:
        sql = f"""{self._with} SELECT s.source, s.owner, s.given_at, v.version, c.page, c.start,
                         c.text, t.start, t."end", t.score, p.operator, p.version, t.id
                  FROM mentions t JOIN versions v ON v.id = t.version_id
                  JOIN sources s ON s.id = v.source_id JOIN chunks c ON c.id = t.chunk_id
                  JOIN producers p ON p.id = t.producer_id
                  WHERE t.entity_id IN {members} AND t.version_id IN (SELECT id FROM derived)
                    AND t."end" > t.start AND c.kind <> 'row'
                    AND {"s.kind = 'memory'" if said else "s.kind <> 'memory'"}
                  ORDER BY s.source, t.start, p.operator LIMIT {MOST}"""
        return [_mention(row, said) for row in session.rows(sql, (*self._values, *values))]

    def _claims(self, session: Session, members: str, values: Sequence[Value]) -> list[JSON]:
        sql = f"""{self._with} SELECT t.property, t.type, t.value, t.given, t.score, t.valid_from,
                         t.valid_to, s.source, t.start, t."end", t.number, p.operator, p.version,
                         t.id
                  FROM claims t JOIN versions v ON v.id = t.version_id
                  JOIN sources s ON s.id = v.source_id JOIN producers p ON p.id = t.producer_id
                  WHERE t.entity_id IN {members} AND {_VISIBLE}
                  ORDER BY t.property, s.source, t.start, t.id LIMIT {MOST}"""
        return [
            {
                "id": f"claim:{row[13]}",
                "property": row[0],
                "type": row[1],
                "value": json.loads(row[2]),
                "given": bool(row[3]),
                "score": row[4],
                "valid_from": None if row[5] is None else iso(row[5]),
                "valid_to": None if row[6] is None else iso(row[6]),
                **_place(row[7:11]),
                "producer": f"{row[11]}/{row[12]}",
            }
            for row in session.rows(sql, (*self._values, *values))
        ]

    def _relations(self, session: Session, members: str, values: Sequence[Value]) -> list[JSON]:
        return [
            each
            for here, there in (("subject", "object"), ("object", "subject"))
            for each in self._related(session, members, values, here, there)
        ]

    def _related(
        self, session: Session, members: str, values: Sequence[Value], here: str, there: str
    ) -> list[JSON]:
        sql = f"""{self._with} SELECT r.type, c.uid, c.label, c.name, t.given, t.score, s.source,
                         t.start, t."end", t.number, p.operator, p.version, r.id
                  FROM relations r JOIN evidence t ON t.relation_id = r.id
                  JOIN entities e ON e.id = r.{there} JOIN entities c ON c.id = e.canonical
                  JOIN versions v ON v.id = t.version_id JOIN sources s ON s.id = v.source_id
                  JOIN producers p ON p.id = t.producer_id
                  WHERE r.{here} IN {members} AND {_VISIBLE}
                  ORDER BY t.given DESC, r.type, c.name, c.uid, s.source, t.start LIMIT {MOST}"""
        return [
            {
                "id": f"relation:{row[12]}",
                "direction": "out" if here == "subject" else "in",
                "type": row[0],
                "entity": {"uid": row[1], "label": row[2], "name": row[3]},
                "given": bool(row[4]),
                "score": row[5],
                **_place(row[6:10]),
                "producer": f"{row[10]}/{row[11]}",
            }
            for row in session.rows(sql, (*self._values, *values))
        ]


def _place(row: Row) -> dict[str, JSON]:
    source, start, end, number = row
    return {"source": source, "start": start, "end": end, "row": number}


def _mention(row: Row, said: bool) -> dict[str, JSON]:
    source, owner, at, version, page, begin, text, start, end, score, operator, by, id = row
    low, high = max(0, start - begin - AROUND), end - begin + AROUND
    found: dict[str, JSON] = {
        "id": f"mention:{id}",
        "source": source,
        "version": version,
        "page": page,
        "start": start,
        "end": end,
        "text": text[start - begin : end - begin],
        "around": " ".join(text[low:high].split()),
        "score": score,
        "producer": f"{operator}/{by}",
    }
    if said:
        found |= {"owner": owner, "at": None if at is None else iso(at)}
    return found


def _cells(session: Session, table_id: int, number: int, columns: list[str]) -> JSON:
    sql = f'SELECT * FROM rows_{int(table_id)} WHERE "#number" = ?'
    rows = session.rows(sql, (number,))
    return dict(zip(columns, rows[0][3:], strict=False)) if rows else {}
