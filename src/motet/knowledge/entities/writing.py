"""How the graph of a version becomes rows, inside the transaction that writes the version."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.graph import Claim, Entity, Link, Mention, Producer, Relation
from motet.core.json import dumps

if TYPE_CHECKING:
    from motet.core.store.sessions import Session
    from motet.knowledge.store.dialect import Dialect

_ENTITY = """INSERT INTO entities (scope, uid, label, key, name, canonical)
             VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT (scope, uid) DO NOTHING"""
_MENTION = """INSERT INTO mentions (entity_id, version_id, chunk_id, start, "end", score,
              producer_id) VALUES (?, ?, ?, ?, ?, ?, ?)"""
_LINK = """INSERT INTO links (entity_id, table_id, number, "column", version_id, producer_id)
           VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
_RELATION = """INSERT INTO relations (scope, subject, type, object, source, target, derived)
               VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (subject, type, object) DO UPDATE
               SET derived = CASE WHEN excluded.derived = 0 THEN 0 ELSE relations.derived END
               RETURNING id"""
_EVIDENCE = """INSERT INTO evidence (relation_id, version_id, chunk_id, start, "end", table_id,
               number, given, score, producer_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_CLAIM = """INSERT INTO claims (entity_id, property, type, value, valid_from, valid_to,
            known_from, version_id, chunk_id, start, "end", table_id, number, given, score,
            producer_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_NAME = """INSERT INTO names (version_id, entity_id, kind, form, count) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (version_id, entity_id, kind, form)
           DO UPDATE SET count = names.count + excluded.count"""


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of entities, and of those that stand for them."""

    own: Mapping[Entity, int]
    canonical: Mapping[Entity, int]


class Rows:
    """Writes rows of one version; ids come from `entities` and `producers` before."""

    def __init__(
        self,
        session: Session,
        dialect: Dialect,
        scope: str,
        version_id: int,
        table_ids: Sequence[int],
    ) -> None:
        self._session = session
        self._dialect = dialect
        self._scope = scope
        self._version = version_id
        self._tables = table_ids
        self._ids = Ids({}, {})
        self._producers: dict[Producer, int] = {}
        sql = """SELECT coalesce(s.given_at, s.updated) FROM sources s
                 JOIN versions v ON v.source_id = s.id WHERE v.id = ?"""
        self._known = float(session.rows(sql, (version_id,))[0][0])

    def entities(self, wanted: Collection[Entity]) -> Mapping[Entity, int]:
        """Find the ids of entities, adding those that are new."""
        by_uid = {each.uid: each for each in wanted}
        found = self._held(by_uid)
        missing = {uid: each for uid, each in by_uid.items() if each not in found}
        if missing:
            rows = [(self._scope, uid, e.label, e.key, e.key) for uid, e in missing.items()]
            self._session.executemany(_ENTITY, sorted(rows))
            some, values = self._dialect.among([*missing])
            self._session.execute(
                f"""UPDATE entities SET canonical = id
                    WHERE scope = ? AND uid IN {some} AND canonical = 0""",
                (self._scope, *values),
            )
            found |= self._held(missing)
        own = {entity: ids[0] for entity, ids in found.items()}
        self._ids = Ids(own, {entity: ids[1] for entity, ids in found.items()})
        return own

    def _held(self, by_uid: Mapping[str, Entity]) -> dict[Entity, tuple[int, int]]:
        some, values = self._dialect.among([*by_uid])
        sql = f"SELECT uid, id, canonical FROM entities WHERE scope = ? AND uid IN {some}"
        rows = self._session.rows(sql, (self._scope, *values))
        return {by_uid[uid]: (own, canonical) for uid, own, canonical in rows}

    def producers(self, wanted: Iterable[Producer]) -> Mapping[Producer, int]:
        """Find the ids of producers, adding those that are new."""
        for _ in range(2):
            rows = self._session.rows("SELECT id, operator, version FROM producers")
            self._producers = {Producer(each[1], each[2]): each[0] for each in rows}
            missing = sorted(set(wanted) - set(self._producers))
            if not missing:
                break
            self._session.executemany(
                "INSERT INTO producers (operator, version) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(each.operator, each.version) for each in missing],
            )
        return self._producers

    def mentions(self, chunk_id: int, found: Iterable[Mention]) -> None:
        """Write the mentions of a chunk."""
        own, version = self._ids.own, self._version
        self._session.executemany(
            _MENTION,
            [
                (own[m.entity], version, chunk_id, m.start, m.end, m.score, self._by(m.producer))
                for m in found
            ],
        )

    def links(self, found: Sequence[Link]) -> None:
        """Write which rows entities are."""
        self._session.executemany(
            _LINK,
            [
                (
                    self._ids.own[each.entity],
                    self._tables[each.row.table],
                    each.row.number,
                    each.column,
                    self._version,
                    self._by(each.producer),
                )
                for each in found
            ],
        )
        self._unsettle(each.entity for each in found)

    def relations(self, chunk_id: int | None, found: Iterable[Relation]) -> None:
        """Write relations with their evidence."""
        evidence = []
        for each in found:
            ((relation_id,),) = self._session.rows(
                _RELATION,
                (
                    self._scope,
                    self._ids.own[each.subject],
                    each.type,
                    self._ids.own[each.object],
                    self._ids.canonical[each.subject],
                    self._ids.canonical[each.object],
                    int(not each.given),
                ),
            )
            table, number = self._place(each)
            evidence.append(
                (relation_id, self._version, chunk_id, each.start, each.end, table, number,
                 int(each.given), each.score, self._by(each.producer))
            )  # fmt: skip
        self._session.executemany(_EVIDENCE, evidence)

    def claims(self, chunk_id: int | None, found: Sequence[Claim]) -> None:
        """Write claims; the source knew them when it says it was made."""
        rows = []
        for each in found:
            table, number = self._place(each)
            rows.append(
                (self._ids.own[each.entity], each.property, each.type, dumps(each.value),
                 each.valid_from, each.valid_to, self._known, self._version, chunk_id,
                 each.start, each.end, table, number, int(each.given), each.score,
                 self._by(each.producer))
            )  # fmt: skip
        self._session.executemany(_CLAIM, rows)
        self._unsettle(each.entity for each in found)

    def names(self, counted: Mapping[tuple[Entity, str, str], int]) -> None:
        """Add to how often the version calls entities: (entity, kind, form) to a count."""
        own, version = self._ids.own, self._version
        rows = [(version, own[e], kind, form, n) for (e, kind, form), n in counted.items() if n]
        self._session.executemany(_NAME, sorted(rows))
        if any(count < 0 for count in counted.values()):
            sql = "DELETE FROM names WHERE version_id = ? AND count <= 0"
            self._session.execute(sql, (version,))

    def _unsettle(self, entities: Iterable[Entity]) -> None:
        """Have entities resolved again that something new is known of."""
        some, values = self._dialect.among(sorted({self._ids.own[each] for each in entities}))
        sql = f"UPDATE entities SET settled = 0 WHERE settled = 1 AND id IN {some}"
        self._session.execute(sql, values)

    def defer(self, chunk_ids: Sequence[int]) -> None:
        """Mark chunks to be read later."""
        self._session.executemany(
            "INSERT INTO stale (chunk_id, version_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(each, self._version) for each in chunk_ids],
        )

    def _by(self, producer: Producer) -> int:
        return self._producers[producer]

    def _place(self, each: Relation | Claim) -> tuple[int | None, int | None]:
        if each.row is None:
            return None, None
        return self._tables[each.row.table], each.row.number
