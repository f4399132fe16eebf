"""Entities and relations are shared by versions: they go with their last support."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from motet.core.store.sessions import Session, Value
from motet.knowledge.entities.naming import Named, declared_by, rename, reread
from motet.knowledge.resolve.leaving import unsettle
from motet.knowledge.store.dialect import Dialect

_ENTITIES = """
    SELECT entity_id FROM mentions WHERE version_id = ?1
    UNION SELECT entity_id FROM links WHERE version_id = ?1
    UNION SELECT entity_id FROM claims WHERE version_id = ?1
    UNION SELECT entity_id FROM names WHERE version_id = ?1
    UNION SELECT r.subject FROM relations r JOIN evidence e ON e.relation_id = r.id
          WHERE e.version_id = ?1
    UNION SELECT r.object FROM relations r JOIN evidence e ON e.relation_id = r.id
          WHERE e.version_id = ?1"""
_RELATIONS = "SELECT DISTINCT relation_id FROM evidence WHERE version_id = ?"
_UNSUPPORTED = """
    NOT EXISTS (SELECT 1 FROM mentions m WHERE m.entity_id = e.id)
    AND NOT EXISTS (SELECT 1 FROM links l WHERE l.entity_id = e.id)
    AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.entity_id = e.id)
    AND NOT EXISTS (SELECT 1 FROM names n WHERE n.entity_id = e.id)
    AND NOT EXISTS (SELECT 1 FROM relations r WHERE r.subject = e.id)
    AND NOT EXISTS (SELECT 1 FROM relations r WHERE r.object = e.id)"""


@dataclass(frozen=True, slots=True)
class Supported:
    """The ids of entities and relations that versions about to go support.

    `names` are those that the versions declare, which may stand in the chunks of others.
    """

    entities: Collection[int] = ()
    relations: Collection[int] = ()
    names: Collection[Named] = ()

    @staticmethod
    def by(session: Session, version_id: int) -> Supported:
        """Return what a version supports, before it goes."""
        return Supported(
            [each[0] for each in session.rows(_ENTITIES, (version_id,))],
            [each[0] for each in session.rows(_RELATIONS, (version_id,))],
            declared_by(session, version_id),
        )

    def renamed(
        self, session: Session, dialect: Dialect, scope: str, version_id: int | None
    ) -> None:
        """Mark the chunks that a new version's names, or the lack of the old ones, concern.

        Call it before `release`. `version_id` is None where no version came.
        """
        reread(session, dialect, scope, self.names, version_id)

    def release(self, session: Session, dialect: Dialect) -> None:
        """Delete what nothing supports any more, and say anew what is derived or called how."""
        if self.relations:
            some, values = dialect.among([*self.relations])
            evidence = "SELECT 1 FROM evidence e WHERE e.relation_id = relations.id"
            session.execute(
                f"DELETE FROM relations WHERE id IN {some} AND NOT EXISTS ({evidence})", values
            )
            session.execute(
                f"""UPDATE relations SET derived =
                    CASE WHEN EXISTS ({evidence} AND e.given = 1) THEN 0 ELSE 1 END
                    WHERE id IN {some}""",
                values,
            )
        if self.entities:
            _delete_entities(session, dialect, self.entities)
            rename(session, dialect, self.entities)


def _delete_entities(session: Session, dialect: Dialect, entities: Collection[int]) -> None:
    some, values = dialect.among([*entities])
    session.execute(f"UPDATE entities SET settled = 0 WHERE id IN {some}", values)
    sql = f"""SELECT e.id, e.canonical, e.scope FROM entities e
              WHERE e.id IN {some} AND {_UNSUPPORTED}"""
    gone = session.rows(sql, values)
    if not gone:
        return
    ids = [each[0] for each in gone]
    unsettle(session, dialect, gone[0][2], ids)
    some, values = dialect.among(ids)
    for entity, canonical, _ in gone:
        if entity == canonical:
            _stand_in(session, entity, some, values)
    session.execute(f"DELETE FROM entities WHERE id IN {some}", values)


def _stand_in(session: Session, gone: int, some: str, values: tuple[Value, ...]) -> None:
    """Let the oldest of those that stay stand for a cluster whose canonical entity goes."""
    sql = f"SELECT min(id) FROM entities WHERE canonical = ? AND id NOT IN {some}"
    ((next_one,),) = session.rows(sql, (gone, *values))
    if next_one is not None:
        session.execute("UPDATE entities SET canonical = ? WHERE canonical = ?", (next_one, gone))
        session.execute("UPDATE relations SET source = ? WHERE source = ?", (next_one, gone))
        session.execute("UPDATE relations SET target = ? WHERE target = ?", (next_one, gone))
