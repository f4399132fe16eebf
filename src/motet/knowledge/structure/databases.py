"""Tables of databases as sources: one source for each table, read live, rows cited by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from motet.core.errors import ExtractionError, StoreError, UsageError
from motet.core.ids import sha256
from motet.core.store.foreign import ForeignDatabase, Snapshot, foreign
from motet.core.store.sessions import is_url
from motet.knowledge.discover import Found
from motet.knowledge.extract.grid import shown, write_grid
from motet.knowledge.prepare import prepared
from motet.knowledge.provenance.policy import UNBOUND, Policy
from motet.knowledge.workers import Reading

if TYPE_CHECKING:
    from motet.core.documents import Extracted

SQLITE = "application/vnd.sqlite3"
POSTGRES = "application/sql"
SEPARATOR = "#"


@dataclass(frozen=True, slots=True)
class Database:
    """A declared database: a URL or a path from the base; `only` are patterns of its tables."""

    place: str
    only: tuple[str, ...] = ()
    policy: Policy = UNBOUND

    @property
    def media_type(self) -> str:
        """What its tables are kept as."""
        return POSTGRES if is_url(self.place) else SQLITE


class Databases:
    """The tables of the declared databases, listed and read as files are."""

    def __init__(self, declared: Sequence[Database], base: Path) -> None:
        for each in declared:
            if each.policy.expires is not None:
                raise UsageError(
                    "a database is read live, so what it holds does not expire here",
                    where="knowledge: database",
                    hint="drop `expires`",
                )
        self._base = base
        self._declared = declared

    def found(self) -> tuple[list[Found], list[tuple[str, str]]]:
        """Return the tables as sources, and what cannot be reached as (name, reason)."""
        tables: dict[str, Found] = {}
        unreached: list[tuple[str, str]] = []
        for database in self._declared:
            home = self._open(database)
            try:
                with home.snapshot() as snapshot:
                    for each in self._tables(database, home.name, snapshot):
                        tables.setdefault(each.source, each)
            except StoreError as error:
                unreached.append((home.name, error.message))
        return [*tables.values()], unreached

    def read(
        self, tables: Sequence[Found], same: Callable[[Found, str], bool]
    ) -> Iterator[Reading]:
        """Yield what each table holds or why not, those of one database from one snapshot."""
        by_name = {self._open(each).name: each for each in self._declared}
        for name, group in groupby(tables, key=lambda each: each.source.partition(SEPARATOR)[0]):
            members, database = [*group], by_name[name]
            waiting = list(members)
            try:
                with self._open(database).snapshot() as snapshot:
                    while waiting:
                        yield _reading(snapshot, waiting[0], database.media_type, same)
                        waiting.pop(0)
            except StoreError as error:
                for each in waiting:
                    yield Reading(each, "", 0, ExtractionError(error.message, where=each.source))

    def _open(self, database: Database) -> ForeignDatabase:
        return foreign(database.place, self._base, Path(database.place).as_posix())

    def _tables(self, database: Database, name: str, snapshot: Snapshot) -> Iterator[Found]:
        for table in snapshot.tables():
            if not database.only or any(fnmatchcase(table.name, each) for each in database.only):
                source = f"{name}{SEPARATOR}{table.name}"
                path = Path(database.place) if not is_url(database.place) else Path()
                yield Found(
                    source, path, table.stamp, 0, root=name, policy=database.policy, kind="database"
                )


def _reading(
    snapshot: Snapshot, table: Found, media_type: str, same: Callable[[Found, str], bool]
) -> Reading:
    name = table.source.partition(SEPARATOR)[2]
    try:
        document = _document(snapshot, name, media_type)
        data = document.text.encode("utf-8", "backslashreplace")
        version = sha256(data)
        if same(table, version):
            return Reading(table, version, len(data), None)
        return Reading(table, version, len(data), prepared(document, name))
    except ExtractionError as error:
        return Reading(table, "", 0, ExtractionError(error.message, where=table.source))


def _document(snapshot: Snapshot, table: str, media_type: str) -> Extracted:
    selection = snapshot.select(table)
    if selection.ordered:
        return write_grid(media_type, table, selection.columns, selection.rows)
    # Without a key a database gives its rows in whatever order.
    rows = sorted([shown(value) for value in row] for row in selection.rows)
    return write_grid(media_type, table, selection.columns, rows)
