"""Where SQLite and PostgreSQL differ for the knowledge: full text, vectors, lists of values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from motet.core.store.sessions import Session, Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Packed = tuple[int, NDArray[np.int64], NDArray[np.float16]]
    """A version's id, the ids of its chunks that have vectors (n,), and these (n, d)."""

Engine = Literal["sqlite", "postgres"]


class Dialect(Protocol):
    """What one kind of database does in its own way, always inside the caller's transaction."""

    @property
    def engine(self) -> Engine:
        """The kind of database."""
        ...

    def among(self, values: Sequence[int] | Sequence[str]) -> tuple[str, tuple[Value, ...]]:
        """Return what stands behind `IN`, not `NOT IN`, and the values of its placeholders."""
        ...

    def index(self, session: Session, texts: Iterable[tuple[int, str]]) -> None:
        """Add the texts of chunks, as (chunk id, text as `index_text` gives it), to full text."""
        ...

    def unindex(self, session: Session, version_id: int) -> None:
        """Take a version's chunks out of full text, before they are deleted."""
        ...

    def add_vectors(
        self,
        session: Session,
        version_id: int,
        embedder: str,
        chunks: NDArray[np.int64],
        data: NDArray[np.float16],
    ) -> None:
        """Keep the vectors of a version: `data[i]` of shape (n, d) is of `chunks[i]`."""
        ...

    def vectors(
        self, session: Session, embedder: str, version_ids: Sequence[int]
    ) -> Iterator[Packed]:
        """Return the vectors of versions, by version; nothing of a version that has none."""
        ...

    def containing(self, term: str) -> tuple[str, tuple[Value, ...]]:
        """Return a query of the chunks (chunk_id) where a term stands, with its values."""
        ...

    def matching(
        self, terms: Sequence[str], counts: Mapping[str, int]
    ) -> tuple[str, tuple[Value, ...]]:
        """Return a query of (chunk_id, score) of the chunks where any of the terms stands.

        The score is BM25, more is better; `counts` says in how many chunks each term stands.
        """
        ...

    def create_rows(self, session: Session, table_id: int, columns: Sequence[str]) -> None:
        """Make the table that holds the rows of a table, with "#number", "#start" and "#end"."""
        ...

    def add_rows(
        self, session: Session, table_id: int, width: int, rows: Iterable[Sequence[Value]]
    ) -> None:
        """Add rows: our own columns, then `width` values."""
        ...

    def drop_rows(self, session: Session, table_id: int, width: int) -> None:
        """Drop the table that holds the rows of a table of `width` columns."""
        ...

    def last_number(self, session: Session, table: str, column: str) -> int:
        """Return the last number that the database gave in a table; 0 when it gave none."""
        ...

    def number_after(self, session: Session, table: str, column: str, number: int) -> None:
        """Let the next number that the database gives in a table be greater."""
        ...
