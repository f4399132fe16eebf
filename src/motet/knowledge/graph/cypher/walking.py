"""Walking through expressions: what they name, what they aggregate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from motet.knowledge.graph.cypher.syntax import (
    Binary,
    Call,
    Chain,
    Comprehension,
    Exists,
    Expression,
    HasLabels,
    Index,
    Property,
    Quantifier,
    Variable,
)

AGGREGATES = ("count", "sum", "avg", "min", "max", "collect")
_ASKING = {
    "id": {"uid"},
    "elementid": {"uid"},
    "labels": {"label"},
    "type": {"type"},
    "evidence": {"evidence"},
    "startnode": {"type"},
    "endnode": {"type"},
    "properties": {"name", "evidence", "mentions", "*"},
    "keys": {"name", "evidence", "mentions", "*"},
}
"""What functions ask of nodes and relations; `*` is any property."""


def asked_properties(part: object) -> set[str]:
    """Return the properties that an expression asks of nodes and relations; `*` is any."""
    found = set().union(*(asked_properties(each) for each in _parts(part)))
    if isinstance(part, Property):
        found.add(part.name)
    elif isinstance(part, HasLabels):
        found |= {"label", "type"}
    elif isinstance(part, Index):
        found.add("*")
    elif isinstance(part, Call):
        found |= _ASKING.get(part.name, set())
    return found


def conjuncts(expression: Expression | None) -> list[Expression]:
    """Return the parts that must all be true."""
    if expression is None:
        return []
    if isinstance(expression, Binary) and expression.operator == "AND":
        return [*conjuncts(expression.left), *conjuncts(expression.right)]
    return [expression]


def free_names(part: object) -> set[str]:
    """Return the variables that an expression, or a tuple of some, takes from around it."""
    if isinstance(part, Variable):
        return {part.name}
    if isinstance(part, Comprehension):
        inner = free_names((part.where, part.value)) - {part.variable}
        return inner | free_names(part.source)
    if isinstance(part, Quantifier):
        return (free_names(part.where) - {part.variable}) | free_names(part.source)
    if isinstance(part, Exists):
        return {name for chain in part.chains for name in chain_names(chain)} | free_names(
            part.where
        )
    return set().union(*(free_names(each) for each in _parts(part)))


def chain_names(chain: Chain) -> Iterator[str]:
    """Return the variables of a pattern, its path among them."""
    yield from (each.variable for each in chain.nodes)
    yield from (each.variable for each in chain.relations)
    if chain.path is not None:
        yield chain.path


def aggregates(part: object) -> list[Call]:
    """Return the aggregates in an expression, outermost first."""
    if isinstance(part, Call) and part.name in AGGREGATES:
        return [part]
    return [found for each in _parts(part) for found in aggregates(each)]


def existences(part: object) -> list[Exists]:
    """Return the patterns that are asked for in an expression."""
    if isinstance(part, Exists):
        return [part]
    return [found for each in _parts(part) for found in existences(each)]


def _parts(part: object) -> Sequence[object]:
    if isinstance(part, tuple):
        return part
    return [getattr(part, name) for name in getattr(part, "__slots__", ())]
