"""Chunks of a version as they are stored, to be read again, and what they said to be replaced."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from motet.core.graph import Entity, Mention, Producer
from motet.core.passages import Segment
from motet.core.text import normalised
from motet.knowledge.chunks import Chunk
from motet.knowledge.entities.cells import CELLS
from motet.knowledge.entities.extraction import OPERATORS, Piece, Setting
from motet.knowledge.entities.forms import Declared, NameKind
from motet.knowledge.entities.naming import ALIAS, SEEN, UNDECLARED
from motet.knowledge.entities.places import RowPlaces

if TYPE_CHECKING:
    from motet.core.store.sessions import Session, Value
    from motet.knowledge.store.dialect import Dialect
    from motet.knowledge.store.support import Supported

_TABLES = ("mentions", "evidence", "claims")


class Stored:
    """Some chunks of a version."""

    def __init__(
        self, session: Session, dialect: Dialect, version_id: int, chunk_ids: Sequence[int]
    ) -> None:
        self.version_id = version_id
        self._session = session
        self._dialect = dialect
        self._chunks, self._values = dialect.among(chunk_ids)
        self._ours = _ours(session, dialect)
        sql = "SELECT id FROM tables WHERE version_id = ? ORDER BY id"
        self.tables = [row[0] for row in session.rows(sql, (version_id,))]

    def setting(self) -> Setting:
        """Return what the chunks belong to."""
        sql = """SELECT s.source, v.title, v.media_type FROM versions v
                 JOIN sources s ON s.id = v.source_id WHERE v.id = ?"""
        ((source, title, media_type),) = self._session.rows(sql, (self.version_id,))
        return Setting(source, title, media_type)

    def declared(self) -> list[Declared]:
        """Return the names that the version declares."""
        sql = f"""SELECT e.label, e.key, n.form, n.kind FROM names n
                  JOIN entities e ON e.id = n.entity_id
                  WHERE n.version_id = ? AND n.kind NOT IN {UNDECLARED}"""
        return [
            Declared(Entity(label, key), form, cast(NameKind, kind))
            for label, key, form, kind in self._session.rows(sql, (self.version_id,))
        ]

    def pieces(self, places: RowPlaces) -> dict[int, Piece]:
        """Return the chunks by id."""
        return self._pieces(f"id IN {self._chunks}", self._values, places)

    def prose(self) -> list[Piece]:
        """Return all chunks of the version that are no rows."""
        condition = "version_id = ? AND segments IS NULL"
        return [*self._pieces(condition, (self.version_id,), RowPlaces(())).values()]

    def _pieces(
        self, condition: str, values: Sequence[Value], places: RowPlaces
    ) -> dict[int, Piece]:
        sql = f"""SELECT id, text, kind, page, start, "end", context, body, segments FROM chunks
                  WHERE {condition} ORDER BY id"""
        rows = self._session.rows(sql, values)
        ((first,),) = self._session.rows(
            "SELECT min(id) FROM chunks WHERE version_id = ?", (self.version_id,)
        )
        chunks = {
            chunk_id: Chunk(kind, page, start, end, context, body, _segments(packed))
            for chunk_id, _, kind, page, start, end, context, body, packed in rows
        }
        return {
            row[0]: Piece(chunks[row[0]], row[1], row[0] == first, places.of(chunks[row[0]]))
            for row in rows
        }

    def places(self) -> RowPlaces:
        """Return where the rows of the version's tables stand."""
        from motet.knowledge.store.rows import row_table

        sql = 'SELECT "#start", "#end" FROM {} ORDER BY "#number"'
        tables = (self._session.rows(sql.format(row_table(each))) for each in self.tables)
        return RowPlaces([(start, end) for start, end in rows] for rows in tables)

    def seen(self, pieces: Mapping[int, Piece]) -> Counter[tuple[Entity, str, str]]:
        """Count how the mentions that stand there now are written."""
        sql = f"""SELECT m.chunk_id, e.label, e.key, m.start, m."end", p.operator, p.version
                  FROM mentions m JOIN entities e ON e.id = m.entity_id
                  JOIN producers p ON p.id = m.producer_id WHERE {self._condition("m")}"""
        counted: Counter[tuple[Entity, str, str]] = Counter()
        rows = self._session.rows(sql, (*self._values, *self._ours[1]))
        for chunk_id, label, key, start, end, operator, version in rows:
            producer = Producer(operator, version)
            mention = Mention(Entity(label, key), start, end, 1.0, producer)
            counted.update(seen(pieces[chunk_id], [mention]))
        return counted

    def withdraw(self) -> Supported:
        """Delete what the chunks said; return what may have lost its support by it."""
        from motet.knowledge.store.support import Supported

        values = (*self._values, *self._ours[1])
        entities: set[int] = set()
        for table in ("mentions", "claims"):
            sql = f"SELECT DISTINCT t.entity_id FROM {table} t WHERE {self._condition('t')}"
            entities.update(each[0] for each in self._session.rows(sql, values))
        sql = f"""SELECT DISTINCT r.id, r.subject, r.object FROM relations r
                  JOIN evidence t ON t.relation_id = r.id WHERE {self._condition("t")}"""
        relations = self._session.rows(sql, values)
        entities.update(each for row in relations for each in row[1:])
        for table in _TABLES:
            condition = self._condition(table)
            self._session.execute(f"DELETE FROM {table} WHERE {condition}", values)
        return Supported(sorted(entities), [each[0] for each in relations])

    def settled(self) -> None:
        """Take the marks off the chunks."""
        sql = f"DELETE FROM stale WHERE chunk_id IN {self._chunks}"
        self._session.execute(sql, self._values)

    def _condition(self, table: str) -> str:
        version = f"{table}.version_id = {int(self.version_id)}"
        chunks = f"{table}.chunk_id IN {self._chunks}"
        return f"{version} AND {chunks} AND {table}.producer_id IN {self._ours[0]}"


def seen(piece: Piece, found: Iterable[Mention]) -> Counter[tuple[Entity, str, str]]:
    """Count how a text writes what it mentions; cells of rows are counted with their table."""
    counted: Counter[tuple[Entity, str, str]] = Counter()
    offset = piece.chunk.start
    for each in found:
        if each.start < each.end and each.producer != CELLS:
            written = piece.text[each.start - offset : each.end - offset]
            kind = SEEN if normalised(written) == each.entity.key else ALIAS
            counted[each.entity, kind, " ".join(written.split())] += 1
    return counted


def _ours(session: Session, dialect: Dialect) -> tuple[str, tuple[Value, ...]]:
    some, values = dialect.among(sorted(OPERATORS))
    rows = session.rows(f"SELECT id FROM producers WHERE operator IN {some}", values)
    return dialect.among([each[0] for each in rows])


def _segments(packed: str | None) -> tuple[Segment, ...] | None:
    if packed is None:
        return None
    numbers: list[tuple[int, int, int, int]] = json.loads(packed)
    return tuple(Segment(*each) for each in numbers)
