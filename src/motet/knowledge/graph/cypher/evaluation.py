"""Expressions turned into functions of a row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from motet.core.errors import UsageError
from motet.knowledge.graph.cypher import functions
from motet.knowledge.graph.cypher.elements import Elements
from motet.knowledge.graph.cypher.lexer import mistake
from motet.knowledge.graph.cypher.syntax import (
    Binary,
    Call,
    Case,
    Comprehension,
    Exists,
    Expression,
    HasLabels,
    Index,
    IsNull,
    ListOf,
    Literal_,
    MapOf,
    Parameter,
    Property,
    Quantifier,
    Slice,
    Unary,
    Variable,
)
from motet.knowledge.graph.cypher.values import (
    NodeAt,
    RelationAt,
    Unfit,
    Value,
    all_true,
    any_true,
    computed,
    contained,
    is_number,
    kind,
    less,
    same,
)
from motet.knowledge.graph.cypher.walking import AGGREGATES

Bindings = Mapping[str, Value]
Evaluated = Callable[[Bindings], Value]
MatchesHere = Callable[[Exists, Bindings], bool]


class Evaluator:
    """Makes functions of expressions for one query with its parameters.

    `exists` says whether a pattern matches for a row; `check` ends what takes too long.
    """

    def __init__(
        self,
        query: str,
        parameters: Mapping[str, Value],
        elements: Elements,
        exists: MatchesHere,
        check: Callable[[], None],
    ) -> None:
        self._query = query
        self._parameters = parameters
        self._elements = elements
        self._exists = exists
        self._check = check

    def compiled(self, expression: Expression, names: Collection[str]) -> Evaluated:
        """Return the function of an expression in which `names` are known.

        Raises `UsageError` for names, parameters and functions that are not.
        """
        make = _MAKERS[type(expression)]
        return make(self, expression, names)

    def _all(self, several: Sequence[Expression], names: Collection[str]) -> list[Evaluated]:
        return [self.compiled(each, names) for each in several]

    def parameter(self, name: str, at: int) -> Value:
        """Return a parameter's value. Raises `UsageError` where there is none."""
        if name not in self._parameters:
            given = ", ".join(f"${each}" for each in sorted(self._parameters)) or "none"
            raise mistake(self._query, at, f"${name} has no value", f"given: {given}")
        return self._parameters[name]

    def _guarded(self, function: Evaluated, at: int) -> Evaluated:
        """Say where values did not fit."""

        def guarded(row: Bindings) -> Value:
            try:
                return function(row)
            except Unfit as error:
                raise mistake(self._query, at, str(error)) from None

        return guarded

    def literal(self, expression: Literal_, names: Collection[str]) -> Evaluated:
        """Make a constant."""
        return lambda row: expression.value

    def given(self, expression: Parameter, names: Collection[str]) -> Evaluated:
        """Make a constant of a parameter."""
        value = self.parameter(expression.name, expression.at)
        return lambda row: value

    def variable(self, expression: Variable, names: Collection[str]) -> Evaluated:
        """Look a name up."""
        name = expression.name
        if name not in names:
            raise _unknown(self._query, expression, names)
        return lambda row: row[name]

    def property(self, expression: Property, names: Collection[str]) -> Evaluated:
        """Look a property up."""
        of, name, elements = self.compiled(expression.of, names), expression.name, self._elements

        def found(row: Bindings) -> Value:
            value = of(row)
            if isinstance(value, (NodeAt, RelationAt)):
                return elements.property(value, name)
            if isinstance(value, dict):
                return value.get(name)
            if value is None:
                return None
            raise Unfit(f".{name} is asked of {kind(value)}")

        return self._guarded(found, _place(expression))

    def index(self, expression: Index, names: Collection[str]) -> Evaluated:
        """Look into a list, a map or an element."""
        of, index = self.compiled(expression.of, names), self.compiled(expression.index, names)

        def found(row: Bindings) -> Value:
            value, key = of(row), index(row)
            if value is None or key is None:
                return None
            if isinstance(value, list) and isinstance(key, int) and not isinstance(key, bool):
                return value[key] if -len(value) <= key < len(value) else None
            if isinstance(key, str) and isinstance(value, dict):
                return value.get(key)
            if isinstance(key, str) and isinstance(value, (NodeAt, RelationAt)):
                return self._elements.property(value, key)
            raise Unfit(f"{kind(value)} cannot be indexed by {kind(key)}")

        return self._guarded(found, _place(expression))

    def slice(self, expression: Slice, names: Collection[str]) -> Evaluated:
        """Take a part of a list."""
        of = self.compiled(expression.of, names)
        ends = [
            None if each is None else self.compiled(each, names)
            for each in (expression.low, expression.high)
        ]

        def found(row: Bindings) -> Value:
            value = of(row)
            places = [None if each is None else each(row) for each in ends]
            unknown = any(p is None and e is not None for p, e in zip(places, ends, strict=True))
            if value is None or unknown:
                return None
            if not isinstance(value, list):
                raise Unfit(f"a part is taken of a list, not of {kind(value)}")
            return value[places[0] : places[1]]

        return self._guarded(found, _place(expression))

    def list(self, expression: ListOf, names: Collection[str]) -> Evaluated:
        """Make a list."""
        items = self._all(expression.items, names)
        return lambda row: [each(row) for each in items]

    def map(self, expression: MapOf, names: Collection[str]) -> Evaluated:
        """Make a map."""
        items = [(name, self.compiled(each, names)) for name, each in expression.items]
        return lambda row: {name: each(row) for name, each in items}

    def unary(self, expression: Unary, names: Collection[str]) -> Evaluated:
        """Negate."""
        of, place = self.compiled(expression.of, names), _place(expression)
        if expression.operator == "NOT":

            def negated(row: Bindings) -> Value:
                value = _truth(of(row), "NOT")
                return None if value is None else not value

            return self._guarded(negated, place)

        def minus(row: Bindings) -> Value:
            value = of(row)
            if value is not None and not is_number(value):
                raise Unfit(f"- takes a number, not {kind(value)}")
            return None if value is None else -value

        return self._guarded(minus, place)

    def binary(self, expression: Binary, names: Collection[str]) -> Evaluated:
        """Compare, compute or join."""
        left, right = self._all((expression.left, expression.right), names)
        operator = expression.operator
        if operator in _LOGIC:
            join = _LOGIC[operator]
            lazy = {"AND": False, "OR": True}.get(operator)

            def joined(row: Bindings) -> Value:
                first = _truth(left(row), operator)
                if lazy is not None and first is lazy:
                    return first
                return join((first, _truth(right(row), operator)))

            return self._guarded(joined, expression.at)
        if operator in _COMPARED:
            compare = _COMPARED[operator]
            return self._guarded(lambda row: compare(left(row), right(row)), expression.at)
        return self._guarded(lambda row: computed(operator, left(row), right(row)), expression.at)

    def is_null(self, expression: IsNull, names: Collection[str]) -> Evaluated:
        """Ask whether something is unknown."""
        of, negated = self.compiled(expression.of, names), expression.negated
        return lambda row: (of(row) is None) != negated

    def has_labels(self, expression: HasLabels, names: Collection[str]) -> Evaluated:
        """Ask for labels, or a relation's type; case does not matter."""
        of = self.compiled(expression.of, names)
        wanted = [each.lower() for each in expression.labels]

        def found(row: Bindings) -> Value:
            value = of(row)
            if value is None:
                return None
            if isinstance(value, RelationAt):
                held = self._elements.relation(value).type
            elif isinstance(value, NodeAt):
                held = self._elements.node(value).label
            else:
                raise Unfit(f"a label is asked of {kind(value)}")
            return all(each == held.lower() for each in wanted)

        return self._guarded(found, _place(expression))

    def call(self, expression: Call, names: Collection[str]) -> Evaluated:
        """Call a function."""
        name, at, elements = expression.name, expression.at, self._elements
        arguments = self._all(expression.arguments, names)
        if name in AGGREGATES:
            hint = "aggregates stand in RETURN and WITH, not inside one another"
            raise mistake(self._query, at, f"{name} cannot stand here", hint)
        if name == "coalesce":
            return lambda row: next((v for a in arguments if (v := a(row)) is not None), None)
        if name in functions.ONE:
            self._counted(expression, 1, 1)
            of, one = arguments[0], functions.ONE[name]

            def applied(row: Bindings) -> Value:
                value = of(row)
                return None if value is None else one(elements, value)

            return self._guarded(applied, at)
        if name not in functions.MORE:
            hint = f"there are {', '.join(functions.NAMES)}"
            raise mistake(self._query, at, f"no function is called {name}", hint)
        least, most, several = functions.MORE[name]
        self._counted(expression, least, most)

        def called(row: Bindings) -> Value:
            values = [each(row) for each in arguments]
            return None if None in values else several(values)

        return self._guarded(called, at)

    def _counted(self, call: Call, least: int, most: int) -> None:
        if call.star or call.distinct or not least <= len(call.arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise mistake(self._query, call.at, f"{call.name} takes {wanted} values")

    def case(self, expression: Case, names: Collection[str]) -> Evaluated:
        """Choose."""
        subject = None if expression.subject is None else self.compiled(expression.subject, names)
        branches = [
            (self.compiled(condition, names), self.compiled(value, names))
            for condition, value in expression.branches
        ]
        otherwise = self.compiled(expression.otherwise or Literal_(None), names)

        def chosen(row: Bindings) -> Value:
            of = None if subject is None else subject(row)
            for condition, value in branches:
                found = condition(row)
                if found is True if subject is None else same(of, found) is True:
                    return value(row)
            return otherwise(row)

        return chosen

    def comprehension(self, expression: Comprehension, names: Collection[str]) -> Evaluated:
        """Filter and change a list."""
        name, source = expression.variable, self.compiled(expression.source, names)
        inner = {*names, name}
        where = self.compiled(expression.where or Literal_(True), inner)
        value = self.compiled(expression.value or Variable(name, 0), inner)

        def found(row: Bindings) -> Value:
            items = _items(source(row))
            if items is None:
                return None
            rows = self._with_each(row, name, items)
            return [value(each) for each in rows if where(each) is True]

        return self._guarded(found, _place(expression))

    def quantifier(self, expression: Quantifier, names: Collection[str]) -> Evaluated:
        """Ask of how many items of a list something is true."""
        name, source = expression.variable, self.compiled(expression.source, names)
        where = self.compiled(expression.where, {*names, name})

        def found(row: Bindings) -> Value:
            items = _items(source(row))
            if items is None:
                return None
            rows = self._with_each(row, name, items)
            return _quantified(expression.kind, [where(each) for each in rows])

        return self._guarded(found, _place(expression))

    def _with_each(
        self, row: Bindings, name: str, items: Sequence[Value]
    ) -> Iterator[dict[str, Value]]:
        for each in items:
            self._check()
            yield {**row, name: each}

    def matches(self, expression: Exists, names: Collection[str]) -> Evaluated:
        """Ask whether a pattern matches."""
        return lambda row: self._exists(expression, row)


def _unknown(query: str, variable: Variable, names: Collection[str]) -> UsageError:
    known = ", ".join(sorted(each for each in names if not each.startswith(" "))) or "nothing"
    return mistake(query, variable.at, f"{variable.name} is not defined", f"known here: {known}")


def _place(expression: Expression) -> int:
    """Return where the first part of an expression that knows its place stands."""
    at = getattr(expression, "at", None)
    if at is not None:
        return int(at)
    for part in ("of", "source", "left"):
        inner = getattr(expression, part, None)
        if inner is not None:
            return _place(inner)
    return 0


def _truth(value: Value, operator: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise Unfit(f"{operator} takes truth values, not {kind(value)}")


def _items(value: Value) -> list[Value] | None:
    if value is None or isinstance(value, list):
        return value
    raise Unfit(f"a list is needed, not {kind(value)}")


def _exclusive(pair: tuple[bool | None, bool | None]) -> bool | None:
    return None if None in pair else pair[0] != pair[1]


def _quantified(kind: str, found: list[bool | None]) -> bool | None:
    if kind == "all":
        return all_true(found)
    if kind == "any":
        return any_true(found)
    if kind == "none":
        opposite = any_true(found)
        return None if opposite is None else not opposite
    if found.count(True) > 1:
        return False
    return None if None in found else found.count(True) == 1


def _in(item: Value, among: Value) -> bool | None:
    if among is None:
        return None
    if not isinstance(among, list):
        raise Unfit(f"IN takes a list, not {kind(among)}")
    return contained(item, among)


def _texts(compare: Callable[[str, str], bool]) -> Callable[[Value, Value], bool | None]:
    def compared(left: Value, right: Value) -> bool | None:
        if isinstance(left, str) and isinstance(right, str):
            return compare(left, right)
        return None

    return compared


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


_LOGIC: dict[str, Callable[[Any], bool | None]] = {
    "AND": all_true,
    "OR": any_true,
    "XOR": _exclusive,
}
_COMPARED: dict[str, Callable[[Value, Value], bool | None]] = {
    "=": same,
    "<>": lambda left, right: _not(same(left, right)),
    "<": less,
    ">": lambda left, right: less(right, left),
    "<=": lambda left, right: any_true((less(left, right), _equal(left, right))),
    ">=": lambda left, right: any_true((less(right, left), _equal(left, right))),
    "IN": _in,
    "STARTS WITH": _texts(str.startswith),
    "ENDS WITH": _texts(str.endswith),
    "CONTAINS": _texts(str.__contains__),
}


def _equal(left: Value, right: Value) -> bool | None:
    """Return whether values are equal that can be ordered; None otherwise."""
    return same(left, right) if less(left, right) is not None else None


_MAKERS: dict[type, Callable[[Evaluator, Any, Collection[str]], Evaluated]] = {
    Literal_: Evaluator.literal,
    Parameter: Evaluator.given,
    Variable: Evaluator.variable,
    Property: Evaluator.property,
    Index: Evaluator.index,
    Slice: Evaluator.slice,
    ListOf: Evaluator.list,
    MapOf: Evaluator.map,
    Unary: Evaluator.unary,
    Binary: Evaluator.binary,
    IsNull: Evaluator.is_null,
    HasLabels: Evaluator.has_labels,
    Call: Evaluator.call,
    Case: Evaluator.case,
    Comprehension: Evaluator.comprehension,
    Quantifier: Evaluator.quantifier,
    Exists: Evaluator.matches,
}
