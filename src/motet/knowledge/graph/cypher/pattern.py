"""Patterns of one MATCH as a graph of variables, and the conditions that SQL can check itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from motet.knowledge.graph.cypher.lexer import mistake
from motet.knowledge.graph.cypher.syntax import (
    Binary,
    Call,
    Chain,
    Direction,
    Expression,
    HasLabels,
    ListOf,
    Literal_,
    Parameter,
    Property,
    Quantifier,
    RelationPattern,
    Unary,
    Variable,
)
from motet.knowledge.graph.cypher.values import Value

MAXIMUM_LISTED = 500
"""Values after IN that SQL is given; longer lists are looked through here."""
_COLUMNS = {"uid": 100, "key": 90, "name": 90, "label": 10}
"""Columns of entities that SQL compares, and how much each tells."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation of a pattern between two variables; `steps` where it may stand for several."""

    name: str
    left: str
    right: str
    direction: Direction
    types: tuple[str, ...]
    steps: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Path:
    """A named path: the variable it begins at and its edges in order."""

    name: str
    start: str
    edges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """All patterns of one MATCH: variables of nodes, edges, paths."""

    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]
    paths: tuple[Path, ...]

    @property
    def names(self) -> set[str]:
        """The variables that it binds."""
        edges = (each.name for each in self.edges)
        return {*self.nodes, *edges, *(each.name for each in self.paths)}


@dataclass(frozen=True, slots=True)
class Restriction:
    """A condition on one variable's row, `{0}` standing for its table; `weight` says how telling.

    `values` belong to its `{1}`, `{2}`...
    """

    variable: str
    sql: str
    values: tuple[str | int, ...]
    weight: int


def pattern_of(query: str, chains: Sequence[Chain]) -> tuple[Pattern, list[Expression]]:
    """Return the graph of patterns, and what labels and property maps ask, as conditions.

    Raises `UsageError` where a relation's name stands twice.
    """
    nodes: dict[str, None] = {}
    edges: dict[str, Edge] = {}
    paths: list[Path] = []
    conditions: list[Expression] = []
    for chain in chains:
        for node in chain.nodes:
            nodes.setdefault(node.variable)
            of = Variable(node.variable, 0)
            if node.labels:
                conditions.append(HasLabels(of, node.labels))
            conditions += [Binary("=", Property(of, n), v, 0) for n, v in node.properties]
        for place, relation in enumerate(chain.relations):
            if relation.variable in edges or relation.variable in nodes:
                message = f"{relation.variable} stands for two things"
                raise mistake(query, relation.at, message)
            left, right = chain.nodes[place].variable, chain.nodes[place + 1].variable
            edges[relation.variable] = Edge(
                relation.variable, left, right, relation.direction, relation.types, relation.steps
            )
            conditions += _of_relation(relation)
        if chain.path is not None:
            names = tuple(each.variable for each in chain.relations)
            paths.append(Path(chain.path, chain.nodes[0].variable, names))
    return Pattern(tuple(nodes), tuple(edges.values()), tuple(paths)), conditions


def _of_relation(relation: RelationPattern) -> list[Expression]:
    of = Variable(relation.variable, relation.at)
    if relation.steps is None:
        return [Binary("=", Property(of, n), v, relation.at) for n, v in relation.properties]
    each = Variable(f"{relation.variable} each", relation.at)
    return [
        Quantifier("all", each.name, of, Binary("=", Property(each, n), v, relation.at))
        for n, v in relation.properties
    ]


class Restrictions:
    """Sorts conditions into those that SQL checks and the rest.

    `parameter` gives a parameter's value.
    """

    def __init__(self, pattern: Pattern, parameter: Callable[[Parameter], Value]) -> None:
        self._nodes = set(pattern.nodes)
        self._single = {each.name for each in pattern.edges if each.steps is None}
        self._several = {each.name for each in pattern.edges if each.steps is not None}
        self._parameter = parameter

    def sorted(
        self, conditions: Sequence[Expression]
    ) -> tuple[list[Restriction], list[Expression]]:
        """Return restrictions, and the conditions that are left."""
        checked: list[Restriction] = []
        left: list[Expression] = []
        for each in conditions:
            found = self._restriction(each)
            if found is None:
                left.append(each)
            else:
                checked.append(found)
        return checked, left

    def _restriction(self, condition: Expression) -> Restriction | None:
        if isinstance(condition, HasLabels):
            return self._label(condition)
        if isinstance(condition, Quantifier):
            return self._of_each(condition)
        derived = self._derived(condition, self._single)
        if derived is not None:
            return derived
        if isinstance(condition, Binary):
            return self._compared(condition)
        return None

    def _label(self, condition: HasLabels) -> Restriction | None:
        of = condition.of
        if not isinstance(of, Variable) or of.name not in self._nodes:
            return None
        wanted = tuple(each.lower() for each in condition.labels)
        if not all(each.isascii() for each in wanted):
            return None
        sql = " AND ".join(f"lower({{0}}.label) = {{{n}}}" for n in range(1, len(wanted) + 1))
        return Restriction(of.name, sql, wanted, 10)

    def _of_each(self, condition: Quantifier) -> Restriction | None:
        """Read `all(x IN r WHERE NOT x.derived)`: true of each relation that `r` stands for."""
        of = condition.source
        if condition.kind != "all" or not isinstance(of, Variable) or of.name not in self._several:
            return None
        found = self._derived(condition.where, {condition.variable})
        return None if found is None else Restriction(of.name, found.sql, (), 0)

    def _derived(self, condition: Expression, names: set[str]) -> Restriction | None:
        wanted = True
        if isinstance(condition, Unary) and condition.operator == "NOT":
            condition, wanted = condition.of, False
        elif isinstance(condition, Binary) and condition.operator == "=":
            value = self._static(condition.right)
            if not isinstance(value, bool):
                return None
            condition, wanted = condition.left, value
        if (
            isinstance(condition, Property)
            and condition.name == "derived"
            and isinstance(condition.of, Variable)
            and condition.of.name in names
        ):
            return Restriction(condition.of.name, f"{{0}}.derived = {int(wanted)}", (), 0)
        return None

    def _compared(self, condition: Binary) -> Restriction | None:
        left, right = condition.left, condition.right
        if condition.operator == "=" and not isinstance(left, (Property, Call)):
            left, right = right, left
        found = self._column(left)
        value = self._static(right)
        if found is None:
            return None
        variable, column, weight = found
        if condition.operator == "=" and isinstance(value, str):
            return Restriction(variable, f"{column} = {{1}}", (value,), weight)
        if condition.operator == "STARTS WITH" and isinstance(value, str):
            sql = f"substr({column}, 1, {len(value)}) = {{1}}"
            return Restriction(variable, sql, (value,), weight // 2)
        if condition.operator == "IN" and isinstance(value, list):
            return _listed(variable, column, value, weight - 5)
        return None

    def _column(self, expression: Expression) -> tuple[str, str, int] | None:
        of = expression.of if isinstance(expression, Property) else None
        name = expression.name if isinstance(expression, (Property, Call)) else ""
        if isinstance(expression, Call) and len(expression.arguments) == 1:
            of = expression.arguments[0]
            name = {"id": "uid", "elementid": "uid"}.get(name, name)
        if not isinstance(of, Variable):
            return None
        if of.name in self._nodes and name in _COLUMNS:
            return of.name, f"{{0}}.{name}", _COLUMNS[name]
        if of.name in self._single and name == "type":
            return of.name, "{0}.type", 0
        return None

    def _static(self, expression: Expression) -> Value:
        """Return the value of what is the same for every row; None where it is not."""
        if isinstance(expression, Literal_):
            return expression.value
        if isinstance(expression, Parameter):
            return self._parameter(expression)
        if isinstance(expression, ListOf):
            items = [self._static(each) for each in expression.items]
            return None if None in items else items
        return None


def _listed(variable: str, column: str, values: list[Value], weight: int) -> Restriction | None:
    texts = [each for each in values if isinstance(each, str)]
    if not texts or len(texts) > MAXIMUM_LISTED or len(texts) < len(values):
        return None
    marks = ", ".join(f"{{{n}}}" for n in range(1, len(texts) + 1))
    return Restriction(variable, f"{column} IN ({marks})", tuple(texts), weight)
