"""The tables of a scope as named, typed views."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from motet.core.errors import UsageError
from motet.core.store.sessions import quoted
from motet.knowledge.store.rows import row_table
from motet.knowledge.tables.typing import ColumnType, declared, inferred

if TYPE_CHECKING:
    from motet.core.store.sessions import Row, Session
    from motet.knowledge.provenance.viewer import Viewer
    from motet.knowledge.store import Store

_LISTED = """SELECT t.id, t.version_id, s.source, v.version, t.name, t.columns, t.types
             FROM tables t JOIN versions v ON v.id = t.version_id
             JOIN sources s ON s.id = v.source_id WHERE s.scope = ? AND {seen} ORDER BY t.id"""


@dataclass(frozen=True, slots=True)
class TableView:
    """A table under the name that it is best asked by; `others` are names that mean it too."""

    name: str
    others: tuple[str, ...]
    table_id: int
    source: str
    version: str
    columns: tuple[tuple[str, ColumnType], ...]

    def schema(self) -> dict[str, str]:
        """Return the columns with their SQL types; names compare without case."""
        return {name.lower(): _SQL_TYPES[kind] for name, kind in self.columns}

    def select(self) -> str:
        """Return the SELECT, in SQLite's words, that is this view."""
        columns = ['"#number", "#start", "#end"']
        for name, kind in self.columns:
            value = quoted(name)
            if kind != "text":
                value = f"NULLIF(TRIM({value}), '')"
            columns.append(f"CAST({value} AS {_SQL_TYPES[kind]}) AS {quoted(name.lower())}")
        return f"SELECT {', '.join(columns)} FROM {row_table(self.table_id)}"


_SQL_TYPES: Mapping[ColumnType, str] = {"integer": "BIGINT", "real": "DOUBLE", "text": "TEXT"}


class Names:
    """Finds tables by their names, without case."""

    def __init__(self, views: Sequence[TableView], shared: Mapping[str, Sequence[str]]) -> None:
        self.views = views
        self._shared = shared
        self._by_name = {name.lower(): v for v in views for name in (v.name, *v.others)}

    def find(self, name: str) -> TableView:
        """Return a table. Raises `UsageError` where none is called so, or several are."""
        found = self._by_name.get(name.lower())
        if found is not None:
            return found
        several = self._shared.get(name.lower())
        if several:
            shown = ", ".join(quoted(each) for each in several)
            raise UsageError(f"{len(several)} tables are called {name}", hint=f"name one: {shown}")
        from difflib import get_close_matches

        near = get_close_matches(name.lower(), self._by_name, n=1)
        known = ", ".join(quoted(each.name) for each in self.views[:12]) or "none yet"
        hint = f"nearest: {quoted(near[0])}" if near else f"tables: {known}"
        raise UsageError(f"no table is called {name}", hint=hint)


class Catalogue:
    """Lists the tables of a store. Types are told once for each table and kept.

    Safe to use from several threads.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._types: dict[tuple[int, int], list[ColumnType]] = {}
        self._lock = threading.Lock()

    def names(self, session: Session, viewer: Viewer) -> Names:
        """Return the tables that a viewer may see."""
        seen, values = viewer.condition()
        rows = session.rows(_LISTED.format(seen=seen), (self._store.scope, *values))
        called = [_names(source, table) for _, _, source, _, table, _, _ in rows]
        meant: dict[str, list[int]] = {}
        for place, names in enumerate(called):
            for name in names:
                meant.setdefault(name.lower(), []).append(place)
        views = [
            self._view(session, row, _own(names, meant, row[0]))
            for row, names in zip(rows, called, strict=True)
        ]
        shared = {
            name: [views[place].name for place in places]
            for name, places in meant.items()
            if len(places) > 1
        }
        return Names(views, shared)

    def _view(self, session: Session, row: Row, names: Sequence[str]) -> TableView:
        table_id, version_id, source, version, _, columns, types = row
        held: list[str] = json.loads(columns)
        with self._lock:
            known = self._types.get((table_id, version_id))
        if known is None:
            known = self._told(session, table_id, held, types)
            with self._lock:
                self._types[table_id, version_id] = known
        pairs = tuple(zip(held, known, strict=True))
        return TableView(names[0], tuple(names[1:]), table_id, source, version, pairs)

    def _told(
        self, session: Session, table_id: int, columns: Sequence[str], types: str | None
    ) -> list[ColumnType]:
        if types is not None:
            return [declared(each) for each in json.loads(types)]
        listed = ", ".join(quoted(each) for each in columns)
        rows = session.rows(f"SELECT {listed} FROM {row_table(table_id)}")
        return inferred(rows, len(columns))


def _names(source: str, table: str) -> list[str]:
    """Return what a table may be called, the shortest first: stem, file, path, each with it."""
    path = PurePosixPath(source)
    stem = path.name.split(".")[0] or path.name
    if not table or table.lower() in (stem.lower(), path.name.lower()):
        return list(dict.fromkeys((stem, path.name, source)))
    several = (table, f"{stem}_{table}", f"{path.name}#{table}", f"{source}#{table}")
    return list(dict.fromkeys(several))


def _own(names: Sequence[str], meant: Mapping[str, Sequence[int]], table_id: int) -> list[str]:
    """Return the names that mean this table alone; one with its number where there is none."""
    own = [each for each in names if len(meant[each.lower()]) == 1]
    return own or [f"{names[-1]}#{table_id}"]
