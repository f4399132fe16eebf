"""MATCH carried out: rows in, rows with what the pattern found out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.errors import UsageError
from motet.knowledge.graph.conditions import Conditions
from motet.knowledge.graph.cypher.elements import Elements
from motet.knowledge.graph.cypher.joins import MAXIMUM_ARMS, Joins, Statement
from motet.knowledge.graph.cypher.lexer import mistake
from motet.knowledge.graph.cypher.pattern import Restrictions, pattern_of
from motet.knowledge.graph.cypher.syntax import Chain, Exists, Expression, Match, Parameter
from motet.knowledge.graph.cypher.values import NodeAt, PathAt, RelationAt, Value, order_key
from motet.knowledge.graph.cypher.walking import (
    chain_names,
    conjuncts,
    existences,
    free_names,
)

if TYPE_CHECKING:
    from motet.core.store.sessions import Row, Session
    from motet.knowledge.graph.cypher.evaluation import Evaluated, Evaluator

MAXIMUM_ROWS = 500_000
"""Matches that one clause may have."""
SEEDS = 400
"""Rows that one statement continues from."""


@dataclass(slots=True)
class Bound:
    """A row on its way through the clauses; `times` is how often it is there."""

    values: dict[str, Value]
    times: int = 1


class Matcher:
    """Carries out patterns for one query."""

    def __init__(
        self,
        query: str,
        session: Session,
        conditions: Conditions,
        elements: Elements,
        check: Callable[[], None],
    ) -> None:
        self._query = query
        self._session = session
        self._conditions = conditions
        self._elements = elements
        self._check = check
        self._found: dict[tuple[int, object], bool] = {}
        self.evaluator: Evaluator

    def match(
        self,
        clause: Match,
        rows: Sequence[Bound],
        names: Collection[str],
        *,
        wanted: Collection[str],
        grouped: bool = False,
        limit: int | None = None,
    ) -> list[Bound]:
        """Return the rows that a MATCH gives; `wanted` are the variables used later.

        `grouped` lets equal rows stand as one, `limit` is how many rows suffice.
        """
        plain = [each for each in clause.chains if each.shortest is None]
        shortest = [each for each in clause.chains if each.shortest is not None]
        conditions = conjuncts(clause.where)
        known = set(names)
        found: list[Bound] = [
            Bound({**row.values, " row": n}, row.times) for n, row in enumerate(rows)
        ]
        limit = None if shortest else limit
        ends = {name for each in shortest for name in chain_names(each)}
        for chains in [plain, *([each] for each in shortest)]:
            if not chains:
                continue
            step = _Step(self, chains, conditions, known, final=chains[-1] is clause.chains[-1])
            kept = {*wanted, *ends} if chains is plain else wanted
            found = step.run(found, kept, grouped=grouped and not shortest, limit=limit)
            known |= step.pattern.names
            conditions = step.left
        if clause.optional:
            found = _with_missing(found, rows, known - set(names))
        for row in found:
            row.values.pop(" row", None)
        return found

    def exists(self, expression: Exists, row: Mapping[str, Value]) -> bool:
        """Return whether a pattern matches for a row."""
        self.look([row], expression)
        return self._found[self._key(expression, row)]

    def look(self, rows: Iterable[Mapping[str, Value]], expression: Exists) -> None:
        """Find out for many rows at once whether a pattern matches."""
        unknown = {
            key: row for row in rows if (key := self._key(expression, row)) not in self._found
        }
        if not unknown:
            return
        clause = Match(expression.chains, False, expression.where)
        keys = list(unknown)
        seeds = [Bound({**unknown[key], " seed": n}) for n, key in enumerate(keys)]
        names = set(seeds[0].values)
        found = self.match(clause, seeds, names, wanted=(), grouped=True)
        there = {row.values[" seed"] for row in found}
        self._found.update((key, n in there) for n, key in enumerate(keys))

    def _key(self, expression: Exists, row: Mapping[str, Value]) -> tuple[int, object]:
        names = sorted(free_names(expression) & row.keys())
        return id(expression), tuple(order_key(row[name]) for name in names)

    def prefetch(self, rows: Sequence[Bound], expressions: object) -> None:
        """Read for many rows at once what expressions will ask for."""
        for each in existences(expressions):
            self.look((row.values for row in rows), each)
        names = free_names(expressions)
        self._elements.prefetch(
            (row.values[name] for row in rows for name in names if name in row.values),
            expressions,
        )


class _Step:
    """One pattern graph of a MATCH, with the conditions that can be checked once it is there."""

    def __init__(
        self,
        matcher: Matcher,
        chains: Sequence[Chain],
        conditions: Sequence[Expression],
        names: Collection[str],
        *,
        final: bool,
    ) -> None:
        self._m = matcher
        self._shortest = chains[0].shortest
        self.pattern, own = pattern_of(matcher._query, chains)
        known = {*names, *self.pattern.names}
        self._several = {each.name for each in self.pattern.edges if each.steps is not None}
        ready = [each for each in conditions if final or free_names(each) <= known]
        self.left = [each for each in conditions if each not in ready]
        restrictions = Restrictions(self.pattern, self._parameter)
        self._checked, self._after = restrictions.sorted([*own, *ready])
        order = [*self.pattern.nodes, *(each.name for each in self.pattern.edges)]
        self._shared = [each for each in order if each in names]
        self._names = known
        self._refuse_bound(names)

    def _parameter(self, parameter: Parameter) -> Value:
        return self._m.evaluator.parameter(parameter.name, parameter.at)

    def _refuse_bound(self, names: Collection[str]) -> None:
        taken = [each.name for each in self.pattern.paths if each.name in names]
        taken += [each.name for each in self.pattern.edges if each.steps and each.name in names]
        if taken:
            raise mistake(self._m._query, 0, f"{taken[0]} stands for something already")

    def run(
        self, rows: Sequence[Bound], wanted: Collection[str], *, grouped: bool, limit: int | None
    ) -> list[Bound]:
        """Return the rows with what the pattern found, those that meet the conditions."""
        needed = {*wanted, *free_names(tuple(self._after)), *free_names(tuple(self.left))}
        found = self._bound(rows, needed, grouped=grouped, limit=None if self._after else limit)
        if not self._after:
            return found
        compiled = [self._m.evaluator.compiled(each, self._names) for each in self._after]
        self._m.prefetch(found, tuple(self._after))
        return [row for row in found if self._holds(compiled, row)]

    def _holds(self, conditions: Sequence[Evaluated], row: Bound) -> bool:
        self._m._check()
        return all(each(row.values) is True for each in conditions)

    def _bound(
        self, rows: Sequence[Bound], needed: Collection[str], *, grouped: bool, limit: int | None
    ) -> list[Bound]:
        wanted = self._wanted(needed)
        groups: dict[tuple[int, ...], list[Bound]] = {}
        for row in rows:
            key = self._ids(row)
            if key is not None:
                groups.setdefault(key, []).append(row)
        joins = Joins(self.pattern, self._checked, self._shared, wanted, self._m._conditions)
        full = len(wanted) == len(self.pattern.nodes) + len(self.pattern.edges) - len(self._shared)
        found: list[Bound] = []
        keys = list(groups)
        for start in range(0, len(keys), SEEDS):
            batch = keys[start : start + SEEDS]
            collapse = grouped and not full and not self._shortest
            for number, values, times in self._matches(joins, batch, collapse, limit):
                for row in groups[batch[number]]:
                    found.append(Bound({**row.values, **values}, row.times * times))
                if len(found) > MAXIMUM_ROWS:
                    raise too_many()
        return found

    def _wanted(self, needed: Collection[str]) -> list[str]:
        of_paths = {
            name
            for path in self.pattern.paths
            if path.name in needed
            for name in (path.start, *path.edges)
        }
        order = [*self.pattern.nodes, *(each.name for each in self.pattern.edges)]
        ends = {self.pattern.nodes[0], self.pattern.nodes[-1]} if self._shortest else set()
        edges = {each.name for each in self.pattern.edges} if self._shortest else set()
        wanted = {*needed, *of_paths, *ends, *edges}
        return [each for each in order if each in wanted and each not in self._shared]

    def _ids(self, row: Bound) -> tuple[int, ...] | None:
        """Return the ids of what the row has bound already; None where it is null."""
        found: list[int] = []
        for name in self._shared:
            value = row.values[name]
            if value is None:
                return None
            wanted = NodeAt if name in self.pattern.nodes else RelationAt
            if not isinstance(value, wanted):
                raise mistake(self._m._query, 0, f"{name} is used as a part of the graph")
            found.append(value.id)
        return tuple(found)

    def _matches(
        self, joins: Joins, seeds: Sequence[tuple[int, ...]], grouped: bool, limit: int | None
    ) -> Iterable[tuple[int, dict[str, Value], int]]:
        arms = joins.arms()
        if len(arms) > MAXIMUM_ARMS:
            hint = "bound what * stands for, as in *1..3"
            raise UsageError("the lengths of the paths can be combined in too many ways", hint=hint)
        if self._shortest:
            yield from self._shortest_matches(joins, seeds, arms)
            return
        single = limit is not None and len(arms) == 1 and not grouped
        most = min(limit, MAXIMUM_ROWS) if single and limit is not None else MAXIMUM_ROWS + 1
        statement = joins.statement(seeds, arms, grouped=grouped, limit=most, ordered=single)
        for row in self._rows(statement):
            yield row[0], self._values(statement, row, seeds), row[-1]

    def _rows(self, statement: Statement) -> list[Row]:
        self._m._check()
        found = self._m._session.rows(statement.sql, statement.values)
        if len(found) > MAXIMUM_ROWS:
            raise too_many()
        return sorted(found, key=lambda row: tuple(-1 if each is None else each for each in row))

    def _shortest_matches(
        self, joins: Joins, seeds: Sequence[tuple[int, ...]], arms: Sequence[dict[str, int]]
    ) -> Iterable[tuple[int, dict[str, Value], int]]:
        """Look for longer paths only between ends that shorter ones did not join."""
        edge = self.pattern.edges[0].name
        done: dict[tuple[object, ...], int] = {}
        for arm in sorted(arms, key=lambda each: each.get(edge, 1)):
            length = arm.get(edge, 1)
            statement = joins.statement(
                seeds, [arm], grouped=False, limit=MAXIMUM_ROWS + 1, ordered=False
            )
            for row in self._rows(statement):
                values = self._values(statement, row, seeds)
                ends = (row[0], *(values.get(each) for each in self.pattern.nodes))
                before = done.setdefault(ends, length)
                if before < length or (self._shortest == "one" and before == -length):
                    continue
                if self._shortest == "one":
                    done[ends] = -length
                yield row[0], values, row[-1]
            if len(self._shared) >= len(self.pattern.nodes) and len(done) == len(seeds):
                return

    def _values(
        self, statement: Statement, row: Row, seeds: Sequence[tuple[int, ...]]
    ) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for name, (at, width, is_node) in statement.columns.items():
            if is_node:
                values[name] = NodeAt(row[at])
            elif name in self._several:
                ids = [each for each in row[at : at + width] if each is not None]
                values[name] = [RelationAt(each) for each in ids]
            else:
                values[name] = RelationAt(row[at])
        for path in self.pattern.paths:
            if all(each in values for each in path.edges):
                values[path.name] = self._path(path.start, path.edges, values, row, seeds)
        return values

    def _path(
        self,
        start: str,
        edges: Sequence[str],
        values: dict[str, Value],
        row: Row,
        seeds: Sequence[tuple[int, ...]],
    ) -> PathAt:
        node = values.get(start) or NodeAt(seeds[row[0]][self._shared.index(start)])
        relations: list[RelationAt] = []
        for each in edges:
            found = values[each]
            relations += found if isinstance(found, list) else [found]
        return self._m._elements.path(node, relations)


def _with_missing(
    found: Sequence[Bound], rows: Sequence[Bound], names: Collection[str]
) -> list[Bound]:
    """Give each row that found nothing one row of nulls, in the order of the rows."""
    kept: dict[int, list[Bound]] = {n: [] for n in range(len(rows))}
    for row in found:
        kept[row.values[" row"]].append(row)
    missing = dict.fromkeys(names)
    return [
        each
        for n, row in enumerate(rows)
        for each in (kept[n] or [Bound({**row.values, **missing}, row.times)])
    ]


def too_many() -> UsageError:
    """Return the error that a clause has too many rows."""
    return UsageError(
        f"the query matches more than {MAXIMUM_ROWS:,} times",
        hint="name more of what it looks for, or count instead of listing",
    )
