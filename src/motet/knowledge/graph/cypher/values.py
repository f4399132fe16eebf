"""How Cypher compares, orders and computes values; null is unknown, as openCypher has it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Value = Any
"""None, bool, int, float, str, list, dict, `NodeAt`, `RelationAt` or `PathAt`."""


@dataclass(frozen=True, slots=True)
class NodeAt:
    """A node by the id of its canonical entity."""

    id: int


@dataclass(frozen=True, slots=True)
class RelationAt:
    """A relation by its id."""

    id: int


@dataclass(frozen=True, slots=True)
class PathAt:
    """Nodes and the relations between them."""

    nodes: tuple[NodeAt, ...]
    relations: tuple[RelationAt, ...]


LONGEST = 1_000_000
"""Characters of a text, or items of a list, that are made."""
Elements = (NodeAt, RelationAt, PathAt)


def is_number(value: Value) -> bool:
    """Whether a value is an integer or a float; truth values are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def same(left: Value, right: Value) -> bool | None:
    """Return `left = right`; None where it is unknown."""
    if left is None or right is None:
        return None
    if is_number(left) and is_number(right):
        return bool(left == right)
    if isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            return False
        return all_true(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return False
        return all_true(same(left[key], right[key]) for key in left)
    return type(left) is type(right) and bool(left == right)


def all_true(found: Iterable[bool | None]) -> bool | None:
    """Return whether all are true: false where one is false, else None where one is unknown."""
    unknown = False
    for each in found:
        if each is False:
            return False
        unknown = unknown or each is None
    return None if unknown else True


def any_true(found: Iterable[bool | None]) -> bool | None:
    """Return whether one is true: true where one is, else None where one is unknown."""
    opposite = all_true(None if each is None else not each for each in found)
    return None if opposite is None else not opposite


def less(left: Value, right: Value) -> bool | None:
    """Return `left < right`; None where the two cannot be compared."""
    if is_number(left) and is_number(right):
        return bool(left < right)
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    if isinstance(left, bool) and isinstance(right, bool):
        return left < right
    if isinstance(left, list) and isinstance(right, list):
        return _less_list(left, right)
    return None


def _less_list(left: list[Value], right: list[Value]) -> bool | None:
    for a, b in zip(left, right, strict=False):
        equal = same(a, b)
        if equal is None:
            return None
        if not equal:
            return less(a, b)
    return len(left) < len(right)


def contained(item: Value, among: list[Value]) -> bool | None:
    """Return `item IN among`."""
    return any_true(same(item, each) for each in among)


def order_key(value: Value) -> tuple[Any, ...]:
    """Return what values are ordered and grouped by.

    Ascending: maps, nodes, relations, lists, paths, texts, truth values, numbers, NaN, null.
    """
    if value is None:
        return (9,)
    if isinstance(value, bool):
        return (6, value)
    if isinstance(value, (int, float)):
        return (8,) if value != value else (7, value)
    if isinstance(value, str):
        return (5, value)
    if isinstance(value, list):
        return (3, *(order_key(each) for each in value))
    if isinstance(value, dict):
        return (0, *((name, order_key(value[name])) for name in sorted(value)))
    if isinstance(value, PathAt):
        return (4, tuple(n.id for n in value.nodes), tuple(r.id for r in value.relations))
    return (1 if isinstance(value, NodeAt) else 2, value.id)


class Unfit(Exception):
    """Values of these types cannot be computed with."""


def computed(sign: str, left: Value, right: Value) -> Value:
    """Return `left sign right` for `+ - * / % ^`. Raises `Unfit`."""
    if left is None or right is None:
        return None
    if sign == "+":
        joined = _joined(left, right)
        if joined is not None:
            return fitting(joined)
    if not (is_number(left) and is_number(right)):
        raise Unfit(f"{sign} takes numbers, not {kind(left)} and {kind(right)}")
    try:
        found = _arithmetic(sign, left, right)
    except OverflowError:
        found = math.inf
    if isinstance(found, int) and not -(2**63) <= found < 2**63:
        raise Unfit(f"the result of {sign} needs more than 64 bits")
    return found


def fitting(value: Value) -> Value:
    """Return a text or list that is not too long. Raises `Unfit`."""
    if len(value) > LONGEST:
        raise Unfit(f"a text or list would be longer than {LONGEST:,}")
    return value


def _joined(left: Value, right: Value) -> Value:
    if isinstance(left, list):
        return left + right if isinstance(right, list) else [*left, right]
    if isinstance(right, list):
        return [left, *right]
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, str) and is_number(right):
        return left + written(right)
    if is_number(left) and isinstance(right, str):
        return written(left) + right
    return None


def _arithmetic(sign: str, left: float, right: float) -> float:
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "*":
        return left * right
    if sign == "^":
        return _power(float(left), float(right))
    whole = isinstance(left, int) and isinstance(right, int)
    if right == 0:
        if whole:
            raise Unfit("division by zero")
        if sign == "%" or left == 0 or left != left:
            return math.nan
        return math.copysign(math.inf, left) * math.copysign(1.0, right)
    if sign == "%":
        remainder = math.fmod(left, right) if not whole else abs(left) % abs(right)
        return -remainder if whole and left < 0 else remainder
    if not whole:
        return left / right
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _power(base: float, exponent: float) -> float:
    try:
        found = base**exponent
    except ZeroDivisionError:
        return math.inf
    return math.nan if isinstance(found, complex) else found


def kind(value: Value) -> str:
    """Return what people call a value's type."""
    names = {bool: "a truth value", int: "an integer", float: "a float", str: "a text"}
    more = {list: "a list", dict: "a map", NodeAt: "a node", RelationAt: "a relation"}
    return {**names, **more, PathAt: "a path", type(None): "null"}.get(type(value), "a value")


def written(value: Value) -> str:
    """Return a number, truth value or text as `toString` does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return str(value)
