"""The knowledge in a SQLite file: FTS5, and vectors packed by version."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from motet.core.store.sessions import Session, Value, quoted
from motet.knowledge.store.dialect import Engine
from motet.knowledge.store.rows import row_table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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
        self, session: Session, version_id: int, embedder: str
    ) -> tuple[NDArray[np.int64], NDArray[np.float16]] | None:
        """Return the chunk ids (n,) and vectors (n, d) of a version."""
        import numpy as np

        sql = "SELECT chunks, data FROM vectors WHERE version_id = ? AND embedder = ?"
        found = session.rows(sql, (version_id, embedder))
        if not found or not found[0][0]:
            return None
        chunks = np.frombuffer(found[0][0], np.int64)
        return chunks, np.frombuffer(found[0][1], np.float16).reshape(len(chunks), -1)

    def create_rows(self, session: Session, table_id: int, columns: Sequence[str]) -> None:
        """Make the table that holds the rows of a table."""
        names = ", ".join(quoted(each) for each in columns)
        session.execute(
            f'CREATE TABLE {row_table(table_id)} ("#number" INTEGER PRIMARY KEY, '
            f'"#start" INTEGER, "#end" INTEGER, {names})'
        )
