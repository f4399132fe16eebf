"""WITH and RETURN carried out: grouping, aggregates, DISTINCT, ORDER BY, SKIP, LIMIT."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from motet.core.errors import UsageError
from motet.knowledge.graph.cypher.evaluation import Evaluated, Evaluator
from motet.knowledge.graph.cypher.functions import aggregated
from motet.knowledge.graph.cypher.lexer import mistake
from motet.knowledge.graph.cypher.matching import Bound, Matcher
from motet.knowledge.graph.cypher.syntax import Call, Expression, Item, Projection, Variable
from motet.knowledge.graph.cypher.values import Unfit, Value, order_key
from motet.knowledge.graph.cypher.walking import aggregates

Part = TypeVar("Part")


def project(
    query: str,
    clause: Projection,
    rows: Sequence[Bound],
    names: Collection[str],
    matcher: Matcher,
) -> tuple[list[Bound], list[str]]:
    """Return the rows that a projection gives, and the names in them in order."""
    items = _items(query, clause, names)
    columns = [each.name for each in items]
    if len(set(columns)) < len(columns):
        twice = next(each for each in columns if columns.count(each) > 1)
        raise UsageError(f"two columns are called {twice}", hint="name one of them with AS")
    matcher.prefetch(rows, (tuple(each.value for each in items), clause.order))
    work = _Projecting(query, items, names, matcher.evaluator)
    found = work.grouped(clause, rows) if work.aggregates else work.plain(clause, rows)
    if clause.distinct:
        found = _distinct(found, columns)
    found = _ordered(found, [descending for _, descending in clause.order])
    found = _cut(query, clause, found, matcher.evaluator)
    results = [Bound({name: row.values[name] for name in columns}, row.times) for row in found]
    if clause.where is not None:
        matcher.prefetch(results, clause.where)
        where = matcher.evaluator.compiled(clause.where, columns)
        results = [row for row in results if where(row.values) is True]
    return results, columns


def _items(query: str, clause: Projection, names: Collection[str]) -> list[Item]:
    shown = sorted(each for each in names if not each.startswith(" ")) if clause.star else []
    if clause.star and not shown and not clause.items:
        raise mistake(query, 0, "* stands for nothing: no name is defined")
    return [*(Item(Variable(each, 0), each) for each in shown), *clause.items]


class _Projecting:
    def __init__(
        self, query: str, items: Sequence[Item], names: Collection[str], evaluator: Evaluator
    ) -> None:
        self._query = query
        self._items = items
        self._names = names
        self._evaluator = evaluator
        self.aggregates = any(aggregates(each.value) for each in items)

    def plain(self, clause: Projection, rows: Sequence[Bound]) -> list[Bound]:
        """Compute the items of each row, and what rows are ordered by."""
        items = self._compiled([each.value for each in self._items], self._names)
        columns = [each.name for each in self._items]
        known = set(columns) if clause.distinct else {*self._names, *columns}
        order = self._compiled(self._order(clause), known)
        found: list[Bound] = []
        for row in rows:
            values = dict(zip(columns, (each(row.values) for each in items), strict=True))
            around = {**row.values, **values}
            keys = {f" order{n}": each(around) for n, each in enumerate(order)}
            found.append(Bound({**values, **keys}, row.times))
        return found

    def _order(self, clause: Projection) -> list[Expression]:
        """Return what rows are ordered by; what an item says too is that item."""
        known: dict[Expression, Expression] = {
            each.value: Variable(each.name, 0) for each in self._items
        }
        return [_replaced(each, known) for each, _ in clause.order]

    def _compiled(
        self, expressions: Sequence[Expression], names: Collection[str]
    ) -> list[Evaluated]:
        return [self._evaluator.compiled(each, names) for each in expressions]

    def grouped(self, clause: Projection, rows: Sequence[Bound]) -> list[Bound]:
        """Compute the items of each group of rows that agree in what is not aggregated."""
        keys = [each for each in self._items if not aggregates(each.value)]
        calls: dict[Call, str] = {}
        order = self._order(clause)
        for each in [*(item.value for item in self._items), *order]:
            for call in aggregates(each):
                calls.setdefault(call, f" aggregate{len(calls)}")
        groups = self._groups(keys, rows)
        columns = [each.name for each in self._items]
        known = {*self._names, *calls.values()}
        items = self._compiled([_aggregated(i.value, calls) for i in self._items], known)
        ordering = self._compiled([_aggregated(e, calls) for e in order], {*known, *columns})
        computed = [(name, self._aggregate(call)) for call, name in calls.items()]
        found: list[Bound] = []
        for members in groups:
            first = members[0].values if members else dict.fromkeys(self._names)
            around = {**first, **{name: compute(members) for name, compute in computed}}
            values = dict(zip(columns, (each(around) for each in items), strict=True))
            around.update(values)
            sorting = {f" order{n}": each(around) for n, each in enumerate(ordering)}
            found.append(Bound({**values, **sorting}))
        return found

    def _groups(self, keys: Sequence[Item], rows: Sequence[Bound]) -> list[list[Bound]]:
        if not keys:
            return [list(rows)]
        compiled = self._compiled([each.value for each in keys], self._names)
        groups: dict[Any, list[Bound]] = {}
        for row in rows:
            key = tuple(order_key(each(row.values)) for each in compiled)
            groups.setdefault(key, []).append(row)
        return list(groups.values())

    def _aggregate(self, call: Call) -> Callable[[Sequence[Bound]], Value]:
        if call.star and call.name == "count":
            return lambda members: sum(each.times for each in members)
        if call.star or len(call.arguments) != 1:
            raise mistake(self._query, call.at, f"{call.name} takes 1 value")
        of = self._evaluator.compiled(call.arguments[0], self._names)

        def compute(members: Sequence[Bound]) -> Value:
            pairs = [(of(each.values), each.times) for each in members]
            weighted = [(value, times) for value, times in pairs if value is not None]
            try:
                return aggregated(call.name, weighted, distinct=call.distinct)
            except Unfit as error:
                raise mistake(self._query, call.at, str(error)) from None

        return compute


def _aggregated(expression: Expression, calls: Mapping[Call, str]) -> Expression:
    """Return an expression with names for its aggregates."""
    return _replaced(expression, {call: Variable(name, 0) for call, name in calls.items()})


def _replaced(part: Part, by: Mapping[Expression, Expression]) -> Part:
    """Return an expression in which the outermost parts that `by` knows are replaced."""
    if isinstance(part, tuple):
        return tuple(_replaced(each, by) for each in part)  # type: ignore[return-value]
    if not is_dataclass(part) or isinstance(part, type):
        return part
    if part in by:
        return by[part]  # type: ignore[index, return-value]
    changed = {each.name: _replaced(getattr(part, each.name), by) for each in fields(part)}
    return replace(part, **changed)


def _distinct(rows: Sequence[Bound], columns: Sequence[str]) -> list[Bound]:
    found: dict[Any, Bound] = {}
    for row in rows:
        key = tuple(order_key(row.values[name]) for name in columns)
        found.setdefault(key, Bound(row.values))
    return list(found.values())


def _ordered(rows: list[Bound], descending: Sequence[bool]) -> list[Bound]:
    for place in reversed(range(len(descending))):
        name = f" order{place}"
        rows.sort(key=lambda row: order_key(row.values[name]), reverse=descending[place])
    return rows


def _cut(query: str, clause: Projection, rows: list[Bound], evaluator: Evaluator) -> list[Bound]:
    if clause.skip is None and clause.limit is None:
        return rows
    rows = [Bound(row.values) for row in rows for _ in range(row.times)]
    start = count(query, clause.skip, evaluator, "SKIP") or 0
    most = count(query, clause.limit, evaluator, "LIMIT")
    return rows[start:] if most is None else rows[start : start + most]


def count(query: str, expression: Expression | None, evaluator: Evaluator, word: str) -> int | None:
    """Return the number that SKIP or LIMIT says. Raises `UsageError`."""
    if expression is None:
        return None
    value = evaluator.compiled(expression, ())({})
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise mistake(query, 0, f"{word} takes a number from 0, not {value!r}")
    return value
