"""A query carried out clause by clause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.clock import tick
from motet.core.store.sessions import late
from motet.knowledge.graph.conditions import Conditions
from motet.knowledge.graph.cypher.elements import Elements
from motet.knowledge.graph.cypher.evaluation import Evaluator
from motet.knowledge.graph.cypher.lexer import mistake
from motet.knowledge.graph.cypher.matching import MAXIMUM_ROWS, Bound, Matcher, too_many
from motet.knowledge.graph.cypher.projecting import count, project
from motet.knowledge.graph.cypher.syntax import Match, Projection, Query, Unwind
from motet.knowledge.graph.cypher.values import Value
from motet.knowledge.graph.cypher.walking import aggregates, chain_names, free_names

if TYPE_CHECKING:
    from motet.core.json import JSON
    from motet.core.store.sessions import Session


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a query under the names of their columns.

    Nodes are `{"node": uid, "label", "name", "properties"}`; relations `{"relation": type,
    "source": uid, "target": uid, "derived", "evidence"}`; paths `{"nodes", "relations"}`.
    Numbers that JSON has not are texts: Infinity, -Infinity, NaN.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        return {"columns": list(self.columns), "rows": [list(each) for each in self.rows]}


class Execution:
    """Carries a query out on one snapshot of the store, within `seconds`."""

    def __init__(
        self,
        query: Query,
        parameters: Mapping[str, Value],
        session: Session,
        conditions: Conditions,
        seconds: float,
    ) -> None:
        self._query = query
        self._until = tick() + seconds
        self._seconds = seconds
        self._elements = Elements(session, conditions)
        self._matcher = Matcher(query.text, session, conditions, self._elements, self._check)
        self._evaluator = Evaluator(
            query.text, parameters, self._elements, self._matcher.exists, self._check
        )
        self._matcher.evaluator = self._evaluator

    def _check(self) -> None:
        if tick() > self._until:
            raise late(self._seconds)

    def run(self) -> Answer:
        """Return the answer. Raises `UsageError`, and `TimedOut` where it takes too long."""
        rows = [Bound({})]
        names: list[str] = []
        for place, clause in enumerate(self._query.clauses):
            self._check()
            if isinstance(clause, Projection):
                rows, names = project(self._query.text, clause, rows, names, self._matcher)
            elif isinstance(clause, Unwind):
                rows = self._unwound(clause, rows, names)
                names = [*names, clause.variable]
            else:
                rows = self._matched(place, clause, rows, names)
                found = [n for chain in clause.chains for n in chain_names(chain)]
                names = [*names, *(n for n in dict.fromkeys(found) if n not in names)]
        return self._answer(rows, names)

    def _answer(self, rows: Sequence[Bound], names: Sequence[str]) -> Answer:
        values = [[row.values[name] for name in names] for row in rows for _ in range(row.times)]
        self._elements.prefetch_shown(values)
        shown = (tuple(self._elements.shown(each) for each in row) for row in values)
        return Answer(tuple(names), tuple(shown))

    def _matched(
        self, place: int, clause: Match, rows: Sequence[Bound], names: Sequence[str]
    ) -> list[Bound]:
        later = self._query.clauses[place + 1 :]
        projection = next(each for each in later if isinstance(each, Projection))
        wanted = _names(later, clause)
        aggregating = any(aggregates(each.value) for each in projection.items)
        return self._matcher.match(
            clause,
            rows,
            names,
            wanted=wanted,
            grouped=aggregating or projection.distinct,
            limit=self._limit(place, clause, projection),
        )

    def _limit(self, place: int, clause: Match, projection: Projection) -> int | None:
        """Return how many rows suffice, where the first ones do."""
        alone = place == 0 and len(self._query.clauses) == 2 and not clause.optional
        whole = not projection.order and not projection.distinct and projection.where is None
        if not (alone and whole and projection.limit is not None):
            return None
        if any(aggregates(each.value) for each in projection.items):
            return None
        skipped = count(self._query.text, projection.skip, self._evaluator, "SKIP") or 0
        return skipped + (count(self._query.text, projection.limit, self._evaluator, "LIMIT") or 0)

    def _unwound(self, clause: Unwind, rows: Sequence[Bound], names: Sequence[str]) -> list[Bound]:
        if clause.variable in names:
            raise mistake(self._query.text, 0, f"{clause.variable} stands for something already")
        self._matcher.prefetch(rows, clause.source)
        source = self._evaluator.compiled(clause.source, names)
        found: list[Bound] = []
        for row in rows:
            value = source(row.values)
            items = [] if value is None else value if isinstance(value, list) else [value]
            found += [Bound({**row.values, clause.variable: each}, row.times) for each in items]
            if len(found) > MAXIMUM_ROWS:
                raise too_many()
        return found


def _names(later: Sequence[object], clause: Match) -> set[str]:
    """Return the variables that later clauses take up."""
    found: set[str] = set()
    for each in later:
        if isinstance(each, Match):
            chains = (n for chain in each.chains for n in chain_names(chain))
            found |= {*chains, *free_names((each.chains, each.where))}
            continue
        found |= free_names(each)
        if isinstance(each, Projection):
            if each.star:
                names = (n for chain in clause.chains for n in chain_names(chain))
                found |= {name for name in names if not name.startswith(" ")}
            break
    return found
