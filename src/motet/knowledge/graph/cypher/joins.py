"""A pattern as one SQL query: joins along relations in an order that starts where it tells most."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from motet.knowledge.graph.conditions import Conditions
from motet.knowledge.graph.cypher.pattern import Edge, Pattern, Restriction

MAXIMUM_ARMS = 128
"""Combinations of lengths that one MATCH may stand for."""


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with its values, and the columns each wanted variable has: (first, number, is node).

    The first column is the number of the seed, the last how often the row is there.
    """

    sql: str
    values: tuple[str | int, ...]
    columns: Mapping[str, tuple[int, int, bool]]


@dataclass(frozen=True, slots=True)
class _Step:
    """One relation of an arm; `edge` None where two variables are the same node."""

    edge: Edge | None
    left: str
    right: str


class Joins:
    """Writes the SQL of a pattern. `bound` are variables that the seeds give, in their order."""

    def __init__(
        self,
        pattern: Pattern,
        restrictions: Sequence[Restriction],
        bound: Sequence[str],
        wanted: Sequence[str],
        conditions: Conditions,
    ) -> None:
        self.pattern = pattern
        self.bound = bound
        self.conditions = conditions
        self.restrictions: dict[str, list[Restriction]] = {}
        for each in restrictions:
            self.restrictions.setdefault(each.variable, []).append(each)
        self.values: list[str | int] = []
        self.columns = self._columns(wanted)

    def _columns(self, wanted: Sequence[str]) -> dict[str, tuple[int, int, bool]]:
        widths = {each.name: (each.steps or (1, 1))[1] for each in self.pattern.edges}
        found: dict[str, tuple[int, int, bool]] = {}
        at = 1
        for name in wanted:
            width = widths.get(name, 1)
            found[name] = (at, width, name not in widths)
            at += width
        return found

    def arms(self) -> list[dict[str, int]]:
        """Return every combination of lengths that the edges may have."""
        ranges = {
            each.name: range(each.steps[0], each.steps[1] + 1)
            for each in self.pattern.edges
            if each.steps is not None
        }
        lengths = itertools.product(*ranges.values())
        found = itertools.islice(lengths, MAXIMUM_ARMS + 1)
        return [dict(zip(ranges, each, strict=True)) for each in found]

    def statement(
        self,
        seeds: Sequence[Sequence[int]],
        arms: Sequence[Mapping[str, int]],
        *,
        grouped: bool,
        limit: int,
        ordered: bool,
    ) -> Statement:
        """Return the query for seeds (ids in order of `bound`); without seeds there is one."""
        self.values = []
        width = 1 + sum(each[1] for each in self.columns.values())
        body = " UNION ALL ".join(_Arm(self, lengths).sql() for lengths in arms)
        names = ", ".join(f"c{n}" for n in range(width))
        if grouped:
            body = f"SELECT {names}, count(*) FROM ({body}) AS found GROUP BY {names}"
        elif ordered:
            body = f"{body} ORDER BY {names}"
        given = ""
        if self.bound:
            heads = ", ".join(["n", *(f"v{n}" for n in range(len(self.bound)))])
            rows = (
                f"({', '.join(str(int(each)) for each in (number, *ids))})"
                for number, ids in enumerate(seeds)
            )
            given = f"WITH seed ({heads}) AS (VALUES {', '.join(rows)}) "
        return Statement(f"{given}{body} LIMIT {limit}", tuple(self.values), self.columns)

    def value(self, value: str | int) -> str:
        """Return the placeholder of a value."""
        self.values.append(value)
        return f"?{len(self.values)}"


class _Arm:
    """The joins for one combination of lengths."""

    def __init__(self, joins: Joins, lengths: Mapping[str, int]) -> None:
        self._joins = joins
        self._tables: list[str] = []
        self._wheres: list[str] = []
        self._places: dict[str, str] = {}
        self._relations: dict[str, list[str]] = {}
        self._used: list[tuple[str, Edge]] = []
        self._numbers = itertools.count(1)
        self._edges = {each.name for each in joins.pattern.edges}
        self._steps = [s for each in joins.pattern.edges for s in _steps(each, lengths)]
        for each in joins.pattern.edges:
            self._relations[each.name] = []

    def sql(self) -> str:
        """Return the SELECT of this arm."""
        self._seed()
        while self._steps:
            step = self._next()
            if step is None:
                self._start()
            else:
                self._steps.remove(step)
                self._follow(step)
        for name in self._joins.pattern.nodes:
            if name not in self._places:
                self._anchor(name)
        self._distinguish()
        tables = " CROSS JOIN ".join(self._tables) or "(SELECT 1 AS one) AS nothing"
        wheres = f" WHERE {' AND '.join(self._wheres)}" if self._wheres else ""
        return f"SELECT {self._selected()} FROM {tables}{wheres}"

    def _selected(self) -> str:
        found = ["seed.n" if self._joins.bound else "0"]
        for name, (_, width, is_node) in self._joins.columns.items():
            if is_node:
                found.append(self._places[name])
                continue
            relations = [f"{each}.id" for each in self._relations[name]]
            found += [*relations, *["CAST(NULL AS bigint)"] * (width - len(relations))]
        found.append("1")
        names = [*(f"c{n}" for n in range(len(found) - 1)), "times"]
        return ", ".join(f"{e} AS {n}" for e, n in zip(found, names, strict=True))

    def _seed(self) -> None:
        if self._joins.bound:
            self._tables.append("seed")
        for place, name in enumerate(self._joins.bound):
            if name not in self._edges:
                self._bind(name, f"seed.v{place}")

    def _next(self) -> _Step | None:
        """Return the step to take: one that checks rather than finds, else one that is reached."""
        reached = [s for s in self._steps if s.left in self._places or s.right in self._places]
        for step in reached:
            if step.left in self._places and step.right in self._places:
                return step
        return reached[0] if reached else None

    def _start(self) -> None:
        names = [name for step in self._steps for name in (step.left, step.right)]
        best = max(dict.fromkeys(names), key=self._weight)
        step = self._steps[0]
        if self._weight(best) or step.edge is None or step.edge.direction == "both":
            self._anchor(best)
            return
        self._steps.remove(step)
        table = self._relation(step.edge)
        self._wheres.append(f"{table}.scope = {self._joins.value(self._joins.conditions.scope)}")
        ends = ("source", "target") if step.edge.direction == "out" else ("target", "source")
        self._bind(step.left, f"{table}.{ends[0]}")
        self._bind(step.right, f"{table}.{ends[1]}")

    def _weight(self, name: str) -> int:
        return max((each.weight for each in self._joins.restrictions.get(name, [])), default=0)

    def _anchor(self, name: str) -> None:
        table = f"e{next(self._numbers)}"
        self._tables.append(f"entities {table}")
        scope = self._joins.value(self._joins.conditions.scope)
        self._wheres += [f"{table}.scope = {scope}", f"{table}.canonical = {table}.id"]
        self._wheres.append(self._joins.conditions.entity(table))
        self._restrict(name, table)
        self._places[name] = f"{table}.id"

    def _bind(self, name: str, expression: str) -> None:
        """Say where a node's id stands; what is asked of the node is looked up."""
        if name in self._places:
            self._wheres.append(f"{self._places[name]} = {expression}")
            return
        self._places[name] = expression
        if name in self._joins.restrictions:
            table = f"e{next(self._numbers)}"
            self._tables.append(f"entities {table}")
            self._wheres.append(f"{table}.id = {expression}")
            self._restrict(name, table)

    def _restrict(self, name: str, table: str) -> None:
        for each in self._joins.restrictions.get(name, []):
            marks = (self._joins.value(value) for value in each.values)
            self._wheres.append(each.sql.format(table, *marks))

    def _relation(self, edge: Edge) -> str:
        """Join a relation and what is asked of it; return its table."""
        table = f"r{next(self._numbers)}"
        self._tables.append(f"relations {table}")
        self._relations[edge.name].append(table)
        self._used.append((table, edge))
        if edge.name in self._joins.bound:
            self._wheres.append(f"{table}.id = seed.v{self._joins.bound.index(edge.name)}")
        self._wheres += self._typed(edge, table)
        self._restrict(edge.name, table)
        self._wheres.append(self._joins.conditions.relation(table))
        return table

    def _typed(self, edge: Edge, table: str) -> list[str]:
        spelled = (
            form
            for each in edge.types
            for form in (each, each.lower(), each.lower().replace("_", " "))
        )
        marks = [self._joins.value(each) for each in dict.fromkeys(spelled)]
        if not marks:
            return []
        return [f"{table}.type IN ({', '.join(marks)})"]

    def _follow(self, step: _Step) -> None:
        here, there = step.left, step.right
        forward = step.left in self._places
        if not forward:
            here, there = there, here
        at = self._places[here]
        if step.edge is None:
            self._bind(there, at)
            return
        table = self._relation(step.edge)
        if step.edge.direction == "both":
            self._either_way(table, at, there)
            return
        outward = (step.edge.direction == "out") == forward
        begin, end = ("source", "target") if outward else ("target", "source")
        self._wheres.append(f"{table}.{begin} = {at}")
        self._bind(there, f"{table}.{end}")

    def _either_way(self, table: str, at: str, there: str) -> None:
        if there in self._places:
            to = self._places[there]
            self._wheres.append(
                f"(({table}.source = {at} AND {table}.target = {to})"
                f" OR ({table}.target = {at} AND {table}.source = {to}))"
            )
            return
        self._wheres.append(f"({table}.source = {at} OR {table}.target = {at})")
        other = f"CASE WHEN {table}.source = {at} THEN {table}.target ELSE {table}.source END"
        self._bind(there, other)

    def _distinguish(self) -> None:
        """Let no relation stand for two in one MATCH."""
        for (one, first), (other, second) in itertools.combinations(self._used, 2):
            types = {each.lower() for each in first.types}
            disjoint = types.isdisjoint(each.lower() for each in second.types)
            if not (first.types and second.types and disjoint):
                self._wheres.append(f"{one}.id <> {other}.id")


def _steps(edge: Edge, lengths: Mapping[str, int]) -> Iterator[_Step]:
    length = lengths.get(edge.name, 1)
    if length == 0:
        yield _Step(None, edge.left, edge.right)
    between = [edge.left, *(f"{edge.name} {n}" for n in range(1, length)), edge.right]
    for here, there in itertools.pairwise(between[: length + 1] if length else []):
        yield _Step(edge, here, there)
