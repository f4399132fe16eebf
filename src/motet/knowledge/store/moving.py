"""Moving a whole store from one place to another, in either direction, losing nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING

from motet.core.errors import StoreError, UsageError
from motet.core.store.sessions import Row, Session, Value
from motet.knowledge.analysis import index_text
from motet.knowledge.prepare import shown
from motet.knowledge.store.catalogue import Kept, catalogue
from motet.knowledge.store.rows import PLACE, row_table
from motet.knowledge.store.store import Store

if TYPE_CHECKING:
    from motet.knowledge.store.dialect import Packed

PAGE = 500
"""Rows that are in memory at once."""
_OWN = "('indexed', 'terms')"
"""Numbers that PostgreSQL's full text keeps of itself."""
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: rows by table, and a digest of all of them that both places have."""

    rows: Mapping[str, int]
    digest: str

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


class Moving:
    """Copies a store into an empty one in one transaction, and compares the two before the commit.

    The old one is left as it is; nobody can write to it meanwhile. A move that is cut off
    leaves the new place empty, and can be run again.
    """

    def __init__(
        self,
        old: Store,
        new: Store,
        renamed: Callable[[str], str] = str,
        report: Report | None = None,
    ) -> None:
        """`renamed` gives the new name of a scope; `report` is told (rows done, rows in all)."""
        self._old = old
        self._new = new
        self._renamed = renamed
        self._report = report
        self._tables = catalogue()
        self._done = 0
        self._all = 0

    def run(self) -> Moved:
        """Move. Raises `UsageError` where the new place holds something, `StoreError`."""
        if str(self._old.place) == str(self._new.place):
            raise UsageError("this is where the knowledge is already", where=self._new.name)
        with self._old.write() as old, self._new.write() as new:
            self._refuse(new)
            self._all = sum(self._counts(old).values())
            sent = self._copied(old, new)
            arrived = self._arrived(new)
            counts = self._counts(new)
            if counts != self._counts(old) or sent.total != arrived.total:
                raise StoreError(
                    "what arrived is not what was sent; nothing was moved", where=self._new.name
                )
        return Moved(counts, f"{arrived.total:064x}")

    def _refuse(self, new: Session) -> None:
        held = sorted(name for name, count in self._counts(new).items() if count)
        if held:
            raise UsageError(
                "the new place holds knowledge already",
                where=self._new.name,
                hint=f"name an empty one; there are rows in {', '.join(held[:3])}",
            )

    def _counts(self, session: Session) -> dict[str, int]:
        names = [*(each.name for each in self._tables if each.name != "numbers"), "vectors"]
        return {name: session.rows(f"SELECT count(*) FROM {name}")[0][0] for name in names}

    # What is sent

    def _copied(self, old: Session, new: Session) -> _Digest:
        digest = _Digest()
        new.execute("DELETE FROM numbers")
        for table in self._tables:
            self._copy(old, new, table, digest)
        for version, embedder, packed in _vectors(self._old, old):
            digest.add_vectors(version, embedder, packed)
            self._new.dialect.add_vectors(new, version, embedder, *packed[1:])
            self._tell(1)
        for number, columns in _row_tables(old):
            table = _rows_of(number, columns)
            self._new.dialect.create_rows(new, number, columns)
            for page in _pages(old, table):
                rows = [_as_new(row) for row in page]
                digest.add(table.name, rows)
                self._new.dialect.add_rows(new, number, len(columns), rows)
        return digest

    def _copy(self, old: Session, new: Session, table: Kept, digest: _Digest) -> None:
        scope = table.columns.index("scope") if "scope" in table.columns else None
        marks = ", ".join("?" * len(table.columns))
        sql = f"INSERT INTO {table.name} ({table.listed}) VALUES ({marks})"
        for page in _pages(old, table):
            rows = [_as_new(row) for row in page]
            if scope is not None:
                rows = [(*r[:scope], self._renamed(str(r[scope])), *r[scope + 1 :]) for r in rows]
            digest.add(table.name, rows)
            new.executemany(sql, rows)
            if table.name == "chunks":
                self._new.dialect.index(new, _readings(table, rows))
            self._tell(len(rows))
        if table.numbered is not None:
            ((most,),) = old.rows(f"SELECT max({table.numbered}) FROM {table.name}")
            last = self._old.dialect.last_number(old, table.name, table.numbered)
            self._new.dialect.number_after(new, table.name, table.numbered, max(last, most or 0))

    def _tell(self, rows: int) -> None:
        self._done += rows
        if self._report is not None:
            self._report(self._done, self._all)

    # What arrived

    def _arrived(self, new: Session) -> _Digest:
        digest = _Digest()
        for table in self._tables:
            for page in _pages(new, table):
                digest.add(table.name, page)
        for version, embedder, packed in _vectors(self._new, new):
            digest.add_vectors(version, embedder, packed)
        for number, columns in _row_tables(new):
            table = _rows_of(number, columns)
            for page in _pages(new, table):
                digest.add(table.name, page)
        return digest


class _Digest:
    """The sum of the rows' hashes: the same in whatever order rows come."""

    def __init__(self) -> None:
        self.total = 0

    def add(self, table: str, rows: Sequence[Row]) -> None:
        for row in rows:
            self._add(repr((table, *row)).encode())

    def add_vectors(self, version: int, embedder: str, packed: Packed) -> None:
        _, chunks, data = packed
        order = chunks.argsort()
        self._add(repr((version, embedder)).encode() + chunks[order].tobytes())
        self._add(repr((version, embedder)).encode() + data[order].tobytes())

    def _add(self, data: bytes) -> None:
        self.total = (self.total + int.from_bytes(sha256(data).digest(), "big")) % (1 << 256)


def _pages(session: Session, table: Kept) -> Iterator[list[Row]]:
    """Yield the rows of a table in the order of its key."""
    own = f"name NOT IN {_OWN}" if table.name == "numbers" else None
    places = [table.columns.index(each) for each in table.key]
    page = session.rows(table.page(own, after=False), (PAGE,))
    while page:
        yield page
        last = [page[-1][place] for place in places]
        page = session.rows(table.page(own, after=True), (*last, PAGE))


def _as_new(row: Row) -> tuple[Value, ...]:
    return tuple(shown(each) if isinstance(each, str) else each for each in row)


def _readings(table: Kept, rows: Sequence[Row]) -> Iterator[tuple[int, str]]:
    """Yield chunks as full text takes them."""
    names = ("id", "context", "body", "text")
    number, context, body, text = (table.columns.index(each) for each in names)
    for row in rows:
        yield row[number], index_text(f"{row[context]}\n{row[body] or row[text]}")


def _row_tables(session: Session) -> Iterator[tuple[int, list[str]]]:
    for table, columns in session.rows("SELECT id, columns FROM tables ORDER BY id"):
        yield table, json.loads(columns)


def _rows_of(table: int, columns: Sequence[str]) -> Kept:
    return Kept(row_table(table), (*PLACE, *columns), PLACE[:1], None)


def _vectors(store: Store, session: Session) -> Iterator[tuple[int, str, Packed]]:
    """Yield the vectors of each version that was embedded, if only to none."""
    import numpy as np

    sql = "SELECT version_id, embedder FROM vectors ORDER BY version_id"
    versions = iter(session.rows(sql))
    while some := list(islice(versions, PAGE)):
        for embedder in sorted({each[1] for each in some}):
            ids = [each[0] for each in some if each[1] == embedder]
            found = {each[0]: each for each in store.dialect.vectors(session, embedder, ids)}
            for version in ids:
                empty = version, np.empty(0, np.int64), np.empty((0, 0), np.float16)
                yield version, embedder, found.get(version, empty)
