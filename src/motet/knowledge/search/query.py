"""The one query: text, vector, graph, tables, provenance and time in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from motet.core.passages import RetrievalMode
from motet.core.store.sessions import Session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["document", "row", "memory"]
"""What a passage is: prose, a row of a table, or something remembered."""
KINDS: tuple[Kind, ...] = ("document", "row", "memory")
DOCUMENTS: tuple[Kind, ...] = ("document", "row")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a passage must be; several of a kind are alternatives, different kinds all hold.

    `sources` are globs over source names (`*` matches `/` too; a folder's name means what it
    holds), `media` types such as `text/csv` or `image/*`, `entities` names or ids of what it
    mentions, `labels` what is mentioned at all, `where` predicates over tables
    (`parts.csv: price < 10`). `given` leaves out what was derived. `as_of` asks what held at
    a time, `known_at` what was known then, in seconds since 1970.
    """

    sources: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = DOCUMENTS
    media: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    given: bool = False
    as_of: float | None = None
    known_at: float | None = None


NONE = Filters()


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """What is searched for. `mode` defaults to the best that there is.

    `vector`, a unit vector of shape (d,), stands for the text's own. `user` and `session` say
    whose memory may show, where memory is asked for; nobody else's ever does. `graph` also
    looks along the relations of entities. `explain` adds the explanation of each hit.
    """

    text: str
    vector: NDArray[np.float32] | None = None
    k: int = 10
    mode: RetrievalMode | None = None
    filters: Filters = NONE
    user: str | None = None
    session: str | None = None
    graph: bool = False
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """A chunk that the graph leads to; `path` is how, as (entity, relation, entity)."""

    chunk: int
    score: float
    path: tuple[tuple[str, str, str], ...] = ()


class GraphSignal(Protocol):
    """Ranks chunks by the entities they mention."""

    def rank(
        self, session: Session, text: str, seeds: Mapping[int, float], limit: int, *, given: bool
    ) -> Sequence[Reached]:
        """Return at most `limit` chunks, best first, found from what a question says.

        `seeds` are chunks that other signals found with their scores, 0 to 1. `given` keeps to
        first-party relations.
        """
        ...


RowsMatching = Callable[[Session, str], Iterable[tuple[int, int]]]
"""Returns the rows that a predicate over a table holds for, as (table id, number from 1)."""
