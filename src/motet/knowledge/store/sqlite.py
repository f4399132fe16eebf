"""The knowledge in a SQLite file: FTS5, and vectors packed by version."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from motet.core.store.sessions import Session, Value, quoted
from motet.knowledge.analysis import any_of, term_expression
from motet.knowledge.store.dialect import Engine
from motet.knowledge.store.rows import PLACE, row_table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from motet.knowledge.store.dialect import Packed


class SqliteDialect:
    """Implements `Dialect`."""

    engine: Engine = "sqlite"

    def among(self, values: Sequence[int] | Sequence[str]) -> tuple[str, tuple[Value, ...]]:
        """Return what stands behind `IN`, and the values of its placeholders."""
        return "(SELECT value FROM json_each(?))", (json.dumps([*values]),)

    def index(self, session: Session, texts: Iterable[tuple[int, str]]) -> None:
        """Add the texts of chunks to full text."""
        session.executemany("INSERT INTO fulltext (rowid, body) VALUES (?, ?)", texts)

    def unindex(self, session: Session, version_id: int) -> None:
        """Take a version's chunks out of full text."""
        chunks = "SELECT id FROM chunks WHERE version_id = ?"
        session.execute(f"DELETE FROM fulltext WHERE rowid IN ({chunks})", (version_id,))

    def add_vectors(
        self,
        session: Session,
        version_id: int,
        embedder: str,
        chunks: NDArray[np.int64],
        data: NDArray[np.float16],
    ) -> None:
        """Keep the vectors of a version in one row."""
        session.execute(
            "INSERT INTO vectors (version_id, embedder, chunks, data) VALUES (?, ?, ?, ?)",
            (version_id, embedder, chunks.tobytes(), data.tobytes()),
        )

    def vectors(
        self, session: Session, embedder: str, version_ids: Sequence[int]
    ) -> Iterator[Packed]:
        """Return the vectors of versions, by version."""
        import numpy as np

        some, values = self.among(version_ids)
        sql = f"""SELECT version_id, chunks, data FROM vectors
                  WHERE embedder = ? AND length(chunks) > 0 AND version_id IN {some}
                  ORDER BY version_id"""
        for version_id, ids, data in session.rows(sql, (embedder, *values)):
            chunks = np.frombuffer(ids, np.int64)
            yield version_id, chunks, np.frombuffer(data, np.float16).reshape(len(chunks), -1)

    def containing(self, term: str) -> tuple[str, tuple[Value, ...]]:
        """Return a query of the chunks (chunk_id) where a term stands."""
        sql = "SELECT rowid AS chunk_id FROM fulltext WHERE fulltext MATCH ?"
        return sql, (term_expression(term),)

    def matching(
        self, terms: Sequence[str], counts: Mapping[str, int]
    ) -> tuple[str, tuple[Value, ...]]:
        """Return a query of (chunk_id, score) of the chunks where any of the terms stands."""
        sql = "SELECT rowid AS chunk_id, -rank AS score FROM fulltext WHERE fulltext MATCH ?"
        return sql, (any_of(terms),)

    def create_rows(self, session: Session, table_id: int, columns: Sequence[str]) -> None:
        """Make the table that holds the rows of a table."""
        names = ", ".join(quoted(each) for each in columns)
        session.execute(
            f'CREATE TABLE {row_table(table_id)} ("#number" INTEGER PRIMARY KEY, '
            f'"#start" INTEGER, "#end" INTEGER, {names})'
        )

    def add_rows(
        self, session: Session, table_id: int, width: int, rows: Iterable[Sequence[Value]]
    ) -> None:
        """Add rows: our own columns, then `width` values."""
        marks = ", ".join("?" * (len(PLACE) + width))
        session.executemany(f"INSERT INTO {row_table(table_id)} VALUES ({marks})", rows)

    def drop_rows(self, session: Session, table_id: int, width: int) -> None:
        """Drop the table that holds the rows of a table of `width` columns."""
        session.execute(f"DROP TABLE {row_table(table_id)}")

    def last_number(self, session: Session, table: str, column: str) -> int:
        """Return the last number that the database gave in a table."""
        found = session.rows("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,))
        return int(found[0][0]) if found else 0

    def number_after(self, session: Session, table: str, column: str, number: int) -> None:
        """Let the next number that the database gives in a table be greater."""
        sql = "SELECT 1 FROM sqlite_schema WHERE name = ? AND sql LIKE '%AUTOINCREMENT%'"
        if not session.rows(sql, (table,)):
            return  # numbered by the greatest that is there
        last = max(number, self.last_number(session, table, column))
        session.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        session.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last))
