"""The tables of a store as discovery and the build read them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from motet.core.store.sessions import Row, Session, quoted
from motet.knowledge.entities.shapes import is_data
from motet.knowledge.store import Store
from motet.knowledge.store.rows import row_table
from motet.knowledge.structure.data import TableData
from motet.knowledge.structure.rows import PlacedRow, PlacedTable


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table of the current version of a source.

    `name` is the source, or `source#table` where the source holds several.
    """

    name: str
    source: str
    version_id: int
    table_id: int
    position: int
    columns: tuple[str, ...]


def stored_tables(session: Session, scope: str, version_id: int | None = None) -> list[StoredTable]:
    """Return the tables that came as data, by source and place; not those inside prose.

    `version_id` asks for those of one version alone.
    """
    only = "" if version_id is None else "AND v.id = ?"
    query = f"""
        SELECT s.source, v.id, v.media_type, t.id, t.name, t.columns
        FROM sources s JOIN versions v ON v.source_id = s.id JOIN tables t ON t.version_id = v.id
        WHERE s.scope = ? {only} ORDER BY s.source, t.id"""
    values = (scope,) if version_id is None else (scope, version_id)
    rows = [each for each in session.rows(query, values) if is_data(each[2])]
    found: list[StoredTable] = []
    for version_id in dict.fromkeys(row[1] for row in rows):
        members = [row for row in rows if row[1] == version_id]
        names = _names(members[0][0], [row[4] for row in members])
        for position, (name, row) in enumerate(zip(names, members, strict=True)):
            columns = tuple(json.loads(row[5]))
            found.append(StoredTable(name, row[0], version_id, row[3], position, columns))
    return found


def placed(session: Session, table: StoredTable) -> PlacedTable:
    """Return a table with its rows."""
    rows = [
        PlacedRow(number, start, end, tuple(values))
        for number, start, end, *values in _rows(session, table)
    ]
    return PlacedTable(table.name, table.position, table.columns, rows)


def data(session: Session, table: StoredTable) -> TableData:
    """Return a table's values."""
    rows = [tuple(row[3:]) for row in _rows(session, table)]
    return TableData(table.name, table.columns, rows)


def tables_of(store: Store) -> list[TableData]:
    """Return the values of all tables of a store's scope."""
    with store.read() as session:
        return [data(session, each) for each in stored_tables(session, store.scope)]


def _rows(session: Session, table: StoredTable) -> Sequence[Row]:
    columns = ", ".join(quoted(name) for name in ("#number", "#start", "#end", *table.columns))
    name = quoted(row_table(table.table_id))
    return session.rows(f'SELECT {columns} FROM {name} ORDER BY "#number"')


def _names(source: str, tables: Sequence[str]) -> Iterator[str]:
    """Name a source's tables apart: `book.xlsx#Stock`, a second one `book.xlsx#Stock (2)`."""
    taken: set[str] = set()
    for number, table in enumerate(tables, 1):
        base = f"{source}#{table or number}" if len(tables) > 1 else source
        name, suffix = base, 2
        while name in taken:
            name, suffix = f"{base} ({suffix})", suffix + 1
        taken.add(name)
        yield name
