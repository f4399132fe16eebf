"""Who must be resolved again when entities go."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from motet.knowledge.resolve.blocks import LIMIT, StoredBlocks
from motet.knowledge.resolve.lists import among_texts

if TYPE_CHECKING:
    from motet.core.store.sessions import Session
    from motet.knowledge.store.dialect import Dialect


def unsettle(session: Session, dialect: Dialect, scope: str, gone: Collection[int]) -> None:
    """Mark who was joined with entities about to be deleted, or is compared once they are gone."""
    some, values = dialect.among(sorted(gone))
    sql = f"""UPDATE entities SET settled = 0 WHERE canonical IN
              (SELECT canonical FROM entities WHERE id IN {some})"""
    session.execute(sql, values)
    some, values = among_texts(dialect, _turning(session, dialect, scope, gone))
    sql = f"""UPDATE entities SET settled = 0 WHERE id IN
              (SELECT entity_id FROM blocks WHERE scope = ? AND key IN {some})"""
    session.execute(sql, (scope, *values))


def _turning(session: Session, dialect: Dialect, scope: str, gone: Collection[int]) -> list[str]:
    """Return the keys of blocks that are over the limit only with those that go."""
    some, values = dialect.among(sorted(gone))
    sql = f"SELECT key, count(*) FROM blocks WHERE entity_id IN {some} GROUP BY key"
    leave = {key: int(count) for key, count in session.rows(sql, values)}
    most = LIMIT + max(leave.values(), default=0) + 1
    sizes = StoredBlocks(session, dialect, scope).sizes(leave, most)
    return sorted(k for k, count in leave.items() if sizes[k] > LIMIT >= sizes[k] - count)
