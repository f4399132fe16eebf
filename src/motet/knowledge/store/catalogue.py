"""The tables that every store of knowledge has alike, as the schema makes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from graphlib import TopologicalSorter

import apsw

from motet.core.store.sessions import quoted
from motet.knowledge.schema import MIGRATIONS

_NUMBERED = re.compile(r"\bid INTEGER PRIMARY KEY\b|\bAUTOINCREMENT\b")
_OWN = ("vectors", "fulltext", "sqlite_")
"""How the names of tables begin that each database has in its own way."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A table: its columns, those of its primary key, and the one that the store numbers."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    numbered: str | None

    @property
    def listed(self) -> str:
        """The columns as SQL lists them."""
        return ", ".join(quoted(each) for each in self.columns)

    def page(self, where: str | None, *, after: bool) -> str:
        """Return a query of the next rows in the order of the key; `after` those of a key."""
        key = ", ".join(quoted(each) for each in self.key)
        conditions = [where] if where else []
        if after:
            conditions.append(f"({key}) > ({', '.join('?' * len(self.key))})")
        only = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"SELECT {self.listed} FROM {self.name} {only} ORDER BY {key} LIMIT ?"


def catalogue() -> list[Kept]:
    """Return the tables, each after those that it refers to."""
    db = apsw.Connection(":memory:")
    for migration in MIGRATIONS:
        if isinstance(migration.apply, str):
            db.execute(migration.apply).fetchall()
        else:
            migration.apply(db)
    made = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
    found = {str(n): _kept(db, str(n), str(sql)) for n, sql in made if not str(n).startswith(_OWN)}
    needs: TopologicalSorter[str] = TopologicalSorter()
    for name in sorted(found):
        keys = db.execute(f"PRAGMA foreign_key_list({name})").fetchall()
        needs.add(name, *(str(key[2]) for key in keys if key[2] != name))
    db.close()
    return [found[name] for name in needs.static_order()]


def _kept(db: apsw.Connection, name: str, sql: str) -> Kept:
    columns, key = [], {}
    for _, column, _, _, _, place in db.execute(f"PRAGMA table_info({name})").fetchall():
        columns.append(str(column))
        if place:
            key[place] = str(column)
    ordered = tuple(key[place] for place in sorted(key))
    numbered = ordered[0] if _NUMBERED.search(sql) else None
    return Kept(name, tuple(columns), ordered, numbered)
