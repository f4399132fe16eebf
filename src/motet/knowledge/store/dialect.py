"""Where SQLite and PostgreSQL differ for the knowledge: full text, vectors, lists of values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from motet.core.store.sessions import Session, Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Engine = Literal["sqlite", "postgres"]


class Dialect(Protocol):
    """What one kind of database does in its own way, always inside the caller's transaction."""

    @property
    def engine(self) -> Engine:
        """The kind of database."""
        ...

    def among(self, values: Sequence[int] | Sequence[str]) -> tuple[str, tuple[Value, ...]]:
        """Return what stands behind `IN`, and the values of its placeholders."""
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
        self, session: Session, version_id: int, embedder: str
    ) -> tuple[NDArray[np.int64], NDArray[np.float16]] | None:
        """Return the chunk ids (n,) and vectors (n, d) of a version; None where there are none."""
        ...

    def create_rows(self, session: Session, table_id: int, columns: Sequence[str]) -> None:
        """Make the table that holds the rows of a table, with "#number", "#start" and "#end"."""
        ...
