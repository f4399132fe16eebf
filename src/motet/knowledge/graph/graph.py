"""The graph of a store as a viewer sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from motet.core.clock import now
from motet.knowledge.graph.conditions import Conditions
from motet.knowledge.graph.cypher.execution import Answer, Execution
from motet.knowledge.graph.cypher.parser import parse
from motet.knowledge.graph.neighbours import Neighbour, Way, neighbours
from motet.knowledge.provenance.viewer import Sights, Viewer

if TYPE_CHECKING:
    from motet.knowledge.graph.cypher.values import Value
    from motet.knowledge.store import Store

SECONDS = 20.0
"""How long a query may take."""
MOST_NEIGHBOURS = 10_000


class Graph:
    """Entities and relations of a store: Cypher over them, and their neighbours."""

    def __init__(self, store: Store, viewer: Viewer = Viewer()) -> None:  # noqa: B008
        self._store = store
        self._viewer = viewer
        self._sights = Sights(store)

    def _conditions(self, at: float | None) -> Conditions:
        moment = now() if at is None else at
        return Conditions(self._store.scope, self._sights.of(self._viewer), moment)

    def cypher(
        self,
        query: str,
        parameters: Mapping[str, Value] | None = None,
        *,
        at: float | None = None,
        seconds: float = SECONDS,
    ) -> Answer:
        """Answer a query of the reading half of openCypher.

        `at` is the moment whose facts count, in seconds since 1970 (now). Raises `UsageError`
        with line and column, and `TimedOut` after `seconds`.
        """
        parsed = parse(query)
        conditions = self._conditions(at)
        with self._store.read(seconds) as session:
            return Execution(parsed, parameters or {}, session, conditions, seconds).run()

    def neighbours(
        self,
        uid: str,
        *,
        hops: int = 1,
        types: Sequence[str] = (),
        first_party: bool = False,
        way: Way = "both",
        limit: int = MOST_NEIGHBOURS,
        seconds: float = SECONDS,
    ) -> list[Neighbour]:
        """Return who is within `hops` relations of an entity, the nearest first, then by uid.

        `types` are the relations to follow (all), spelled as stored; `first_party` leaves out
        derived ones. Raises `TimedOut`.
        """
        conditions = self._conditions(None)
        with self._store.read(seconds) as session:
            return neighbours(
                session,
                conditions,
                uid,
                hops=hops,
                types=types,
                first_party=first_party,
                way=way,
                limit=limit,
            )
