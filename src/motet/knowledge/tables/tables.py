"""Questions in SQL to the tables of a store, with the rows that answers come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.errors import StoreError, UsageError
from motet.core.store.sessions import Value
from motet.knowledge.provenance.viewer import Viewer
from motet.knowledge.store.rows import row_table
from motet.knowledge.tables.catalogue import Catalogue, TableView
from motet.knowledge.tables.statement import PLACE, Statement, prepared

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.core.store.sessions import Row, Session
    from motet.knowledge.store import Store

SECONDS = 20.0
MAXIMUM_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer; `type` is integer, real, text, truth or any."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a row of an answer stands: number from 1, characters of the source's text."""

    source: str
    version: str
    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Result:
    """Rows with their columns. `places` say which rows of a table they are, where they are some.

    `cut` says that there are more rows than are given.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    tables: tuple[str, ...]
    places: tuple[RowPlace, ...] | None
    cut: bool

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        places: JSON = None
        if self.places is not None:
            places = [
                {"source": p.source, "row": p.number, "start": p.start, "end": p.end}
                for p in self.places
            ]
        columns: list[JSON] = [{"name": c.name, "type": c.type} for c in self.columns]
        rows: list[JSON] = [[_shown(value) for value in row] for row in self.rows]
        tables: list[JSON] = [*self.tables]
        return {
            "columns": columns,
            "rows": rows,
            "tables": tables,
            "places": places,
            "cut": self.cut,
        }


class Tables:
    """The tables of a store as a viewer sees them. Safe to use from several threads."""

    def __init__(self, store: Store, viewer: Viewer = Viewer()) -> None:  # noqa: B008
        self._store = store
        self._viewer = viewer
        self._catalogue = Catalogue(store)

    def views(self) -> tuple[TableView, ...]:
        """Return every table with its names and the types of its columns."""
        with self._store.read() as session:
            return tuple(self._catalogue.names(session, self._viewer).views)

    def query(self, sql: str, *, limit: int = MAXIMUM_ROWS, seconds: float = SECONDS) -> Result:
        """Answer one SELECT over the tables, in SQLite's words whatever the store.

        Raises `UsageError` for anything that does more than read these tables, and `TimedOut`.
        """
        with self._store.read() as session:
            names = self._catalogue.names(session, self._viewer)
        statement = prepared(sql, names, self._store.engine, limit=limit + 1)
        tables = [row_table(view.table_id) for view in statement.tables]
        try:
            with self._store.restricted(tables, seconds) as session:
                rows = session.rows(statement.sql)
        except StoreError as error:
            raise UsageError(error.message, hint="see the types of the columns") from error
        return _result(statement, rows, limit)

    def rows_matching(self, session: Session, predicate: str) -> list[tuple[int, int]]:
        """Return (table id, row number) where `table: condition` holds.

        Raises `UsageError` where there is no such table or the condition cannot be read.
        """
        table, colon, condition = predicate.partition(":")
        if not colon or not condition.strip():
            hint = "write the table, a colon and a condition, as in parts.csv: price < 10"
            raise UsageError("the predicate names no table", where=predicate, hint=hint)
        names = self._catalogue.names(session, self._viewer)
        view = names.find(table.strip().strip('"'))
        name = view.name.replace('"', '""')
        sql = f'SELECT 1 AS one FROM "{name}" WHERE {condition}'
        statement = prepared(sql, names, self._store.engine, limit=2**31)
        if statement.single is None:
            raise UsageError("the condition is about more than the table", where=predicate)
        return [(view.table_id, row[1]) for row in session.rows(statement.sql)]


def _result(statement: Statement, rows: list[Row], limit: int) -> Result:
    columns = tuple(Column(name, kind) for name, kind in statement.columns)
    width = len(columns)
    places = None
    if statement.single is not None:
        view = statement.single
        places = tuple(
            RowPlace(view.source, view.version, *row[width : width + len(PLACE)])
            for row in rows[:limit]
        )
    values = tuple(
        tuple(_typed(v, c.type) for v, c in zip(row, columns, strict=False)) for row in rows[:limit]
    )
    names = tuple(view.name for view in statement.tables)
    return Result(columns, values, names, places, len(rows) > limit)


def _typed(value: Value, kind: str) -> Value:
    """Return a value as the column's type has it, whichever database gave it."""
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "truth" and isinstance(value, bool):
        return int(value)
    return value


def _shown(value: Value) -> JSON:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
