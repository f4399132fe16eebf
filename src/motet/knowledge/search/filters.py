"""From filters to the chunks they leave: found with SQL, kept until something changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from fnmatch import translate
from re import compile as compiled
from typing import TYPE_CHECKING

from motet.core.errors import UsageError
from motet.core.store.sessions import Session, Value
from motet.core.text import normalised
from motet.knowledge.provenance.viewer import Sight
from motet.knowledge.search.query import DOCUMENTS, NONE, Filters, RowsMatching
from motet.knowledge.search.restriction import Restriction, table
from motet.knowledge.store.rows import row_table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.knowledge.store import Store

KEPT = 64
"""Restrictions that are kept; the one used least recently goes first."""
FEW_SHARE = 0.05
FEW_VERSIONS = 1000
"""With fewer versions than both, the text index is told them by name."""
ALL = Restriction()

_FROM = """FROM chunks c JOIN versions v ON v.id = c.version_id
           JOIN sources s ON s.id = v.source_id WHERE s.scope = ?"""


class Restrictions:
    """The restrictions that filters mean in a store. Safe to use from several threads."""

    def __init__(self, store: Store, rows: RowsMatching | None) -> None:
        self._store = store
        self._rows = rows
        self._lock = threading.Lock()
        self._kept: OrderedDict[object, tuple[Sight, Restriction]] = OrderedDict()

    def of(self, session: Session, sequence: int, filters: Filters, sight: Sight) -> Restriction:
        """Return what filters leave of what somebody may see, at the change `sequence`.

        Raises `UsageError` for a predicate that no table takes.
        """
        if filters == NONE and not len(sight.hidden):
            return ALL
        entities = self._entities(session, filters)
        stamp = _stamp(session) if entities is not None or filters.labels else 0
        key = (filters, id(sight), sequence, entities, stamp)
        with self._lock:
            if (found := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return found[1]
        made = self._made(session, filters, sight, entities)
        with self._lock:
            self._kept[key] = sight, made  # held, its id is nobody else's
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made

    def _made(
        self, session: Session, filters: Filters, sight: Sight, entities: tuple[int, ...] | None
    ) -> Restriction:
        import numpy as np

        last = int(session.rows("SELECT coalesce(max(id), 0) FROM versions")[0][0]) + 1
        versions = self._versions(session, filters)
        allowed = np.ones(last, bool) if versions is None else table(_ids(versions), last)
        allowed[sight.hidden[sight.hidden < last]] = False
        chunks = self._chunks(session, filters, entities)
        whole = int(session.rows(f"SELECT count(*) {_FROM}", (self._store.scope,))[0][0])
        few = None
        left = whole
        if versions is not None:
            some, values = self._store.among(versions)
            count = f"SELECT count(*) FROM chunks WHERE version_id IN {some}"
            left = int(session.rows(count, values)[0][0])
            if len(versions) <= FEW_VERSIONS and left < FEW_SHARE * whole:
                few = tuple(versions)
        shown = None
        if chunks is not None:
            left = min(left, len(chunks))
            shown = table(chunks, int(chunks.max(initial=0)) + 1)
        return Restriction(allowed, shown, left / max(whole, 1), few)

    # Versions

    def _versions(self, session: Session, filters: Filters) -> list[int] | None:
        """Return the versions that pass what a whole source passes or not; None: all do."""
        conditions: list[str] = []
        values: list[Value] = [self._store.scope]
        if filters.kinds == ("memory",):
            conditions.append("s.kind = 'memory'")
        if filters.media:
            conditions.append(" OR ".join(["lower(v.media_type) LIKE ?"] * len(filters.media)))
            values += [_pattern(each) for each in filters.media]
        if filters.as_of is not None:
            conditions.append("s.given_at IS NULL OR s.given_at <= ?")
            conditions.append(_HELD)
            values += [filters.as_of] * 3
        if filters.known_at is not None:
            conditions.append("s.updated <= ?")
            values.append(filters.known_at)
        if filters.given:
            conditions.append(
                "s.kind <> 'memory' OR NOT EXISTS (SELECT 1 FROM claims k "
                "WHERE k.version_id = v.id AND k.given = 0)"
            )
        if not filters.sources and not conditions:
            return None
        held = "".join(f" AND ({each})" for each in conditions)
        sql = f"""SELECT v.id, s.source FROM versions v JOIN sources s ON s.id = v.source_id
                  WHERE s.scope = ?{held} ORDER BY v.id"""
        found = session.rows(sql, values)
        if not filters.sources:
            return [version for version, _ in found]
        wanted = compiled("|".join(translate(each) for each in _globs(filters.sources)))
        return [version for version, source in found if wanted.match(source)]

    # Chunks

    def _chunks(
        self, session: Session, filters: Filters, entities: tuple[int, ...] | None
    ) -> NDArray[np.int64] | None:
        """Return the chunks that pass what only some chunks of a source pass; None: all do."""
        import numpy as np

        parts: list[NDArray[np.int64]] = []
        own = {*filters.kinds} & {*DOCUMENTS}
        if len(own) == 1:
            compared = "=" if "row" in own else "<>"
            kind = f"c.kind {compared} 'row' AND s.kind <> 'memory'"
            if "memory" in filters.kinds:
                kind = f"({kind} OR s.kind = 'memory')"
            parts.append(self._selected(session, kind, ()))
        if entities is not None:
            parts.append(self._mentioning(session, entities))
        if filters.labels:
            some, values = self._store.among([each.lower() for each in filters.labels])
            named = f"""c.id IN (SELECT m.chunk_id FROM mentions m
                        JOIN entities e ON e.id = m.entity_id WHERE e.label IN {some})"""
            parts.append(self._selected(session, named, values))
        if filters.where:
            matching = [self._matching(session, each) for each in filters.where]
            parts.append(np.unique(np.concatenate(matching)))
        if not parts:
            return None
        left = parts[0]
        for part in parts[1:]:
            left = np.intersect1d(left, part)
        return left

    def _selected(
        self, session: Session, condition: str, values: Sequence[Value]
    ) -> NDArray[np.int64]:
        sql = f"SELECT c.id {_FROM} AND {condition}"
        return _ids([each[0] for each in session.rows(sql, (self._store.scope, *values))])

    def _entities(self, session: Session, filters: Filters) -> tuple[int, ...] | None:
        """Return the ids of all names of the entities asked for; None where none is."""
        if not filters.entities:
            return None
        keys, values = self._store.among([normalised(each) for each in filters.entities])
        uids, others = self._store.among([*filters.entities])
        sql = f"""SELECT id FROM entities WHERE scope = ? AND canonical IN (
                      SELECT canonical FROM entities
                      WHERE scope = ? AND (key IN {keys} OR uid IN {uids})) ORDER BY id"""
        scope = self._store.scope
        return tuple(each[0] for each in session.rows(sql, (scope, scope, *values, *others)))

    def _mentioning(self, session: Session, entities: tuple[int, ...]) -> NDArray[np.int64]:
        """Return the chunks that mention an entity or show a row that is one."""
        import numpy as np

        some, values = self._store.among(entities)
        mentions = session.rows(
            f"SELECT DISTINCT chunk_id FROM mentions WHERE entity_id IN {some}", values
        )
        links = session.rows(
            f"SELECT DISTINCT table_id, number FROM links WHERE entity_id IN {some}", values
        )
        return np.union1d(_ids([each[0] for each in mentions]), self._shown(session, links))

    def _matching(self, session: Session, predicate: str) -> NDArray[np.int64]:
        if self._rows is None:
            raise UsageError("there are no tables to filter by", where=predicate)
        return self._shown(session, [*self._rows(session, predicate)])

    def _shown(self, session: Session, rows: Sequence[Sequence[int]]) -> NDArray[np.int64]:
        """Return the chunks that show rows of tables, given as (table id, number)."""
        import numpy as np

        tables: dict[int, list[int]] = {}
        for number_of, number in rows:
            tables.setdefault(number_of, []).append(number)
        found = [_ids([])]
        for number_of, numbers in tables.items():
            some, values = self._store.among(numbers)
            places = session.rows(
                f'SELECT "#start", "#end" FROM {row_table(number_of)} '
                f'WHERE "#number" IN {some} ORDER BY "#start"',
                values,
            )
            chunks = session.rows(
                """SELECT c.start, c.id FROM chunks c JOIN tables t ON t.version_id = c.version_id
                   WHERE t.id = ? AND c.kind = 'row'""",
                (number_of,),
            )
            found.append(_inside(places, chunks))
        return np.concatenate(found)


# A memory holds at a time if it says nothing, or something that held then.
_HELD = """s.kind <> 'memory' OR NOT EXISTS (SELECT 1 FROM claims k WHERE k.version_id = v.id)
           OR EXISTS (SELECT 1 FROM claims k WHERE k.version_id = v.id
                      AND (k.valid_from IS NULL OR k.valid_from <= ?)
                      AND (k.valid_to IS NULL OR k.valid_to > ?))"""


def _stamp(session: Session) -> int:
    """Return a number that grows when something is mentioned anew, without a new version."""
    return int(session.rows("SELECT coalesce(max(id), 0) FROM mentions")[0][0])


def _pattern(media_type: str) -> str:
    return media_type.lower().replace("*", "%")


def _globs(sources: Sequence[str]) -> list[str]:
    """Return the globs, with a folder's name standing for what it holds."""
    return [*sources, *(f"{each.rstrip('/')}/*" for each in sources if each)]


def _ids(found: Sequence[int]) -> NDArray[np.int64]:
    import numpy as np

    return np.array(found, np.int64)


def _inside(places: Sequence[Sequence[int]], chunks: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Return the chunks, given as (start, id), that start inside a place (start, end)."""
    import numpy as np

    if not places or not chunks:
        return _ids([])
    starts, ends = np.array(places, np.int64).T
    offsets, ids = np.array(chunks, np.int64).T
    at = np.searchsorted(starts, offsets, side="right") - 1
    inside: NDArray[np.int64] = ids[(at >= 0) & (offsets < ends[at])]
    return inside
