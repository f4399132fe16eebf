"""The functions of Cypher that are offered, by name in lower case."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from motet.knowledge.graph.cypher.elements import Elements
from motet.knowledge.graph.cypher.values import (
    LONGEST,
    NodeAt,
    PathAt,
    RelationAt,
    Unfit,
    Value,
    computed,
    is_number,
    kind,
    order_key,
    written,
)
from motet.knowledge.graph.cypher.walking import AGGREGATES


def _identity(elements: Elements, value: Value) -> Value:
    if isinstance(value, NodeAt):
        return elements.node(value).uid
    return _relation(value, "id").id


def _relation(value: Value, function: str) -> RelationAt:
    if isinstance(value, RelationAt):
        return value
    raise Unfit(f"{function} takes a relation, not {kind(value)}")


def _node(value: Value, function: str) -> NodeAt:
    if isinstance(value, NodeAt):
        return value
    raise Unfit(f"{function} takes a node, not {kind(value)}")


def _path(value: Value, function: str) -> PathAt:
    if isinstance(value, PathAt):
        return value
    raise Unfit(f"{function} takes a path, not {kind(value)}")


def _labels(elements: Elements, value: Value) -> Value:
    return [elements.node(_node(value, "labels")).label]


def _type(elements: Elements, value: Value) -> Value:
    return elements.relation(_relation(value, "type")).type


def _start(elements: Elements, value: Value) -> Value:
    return NodeAt(elements.relation(_relation(value, "startNode")).source)


def _end(elements: Elements, value: Value) -> Value:
    return NodeAt(elements.relation(_relation(value, "endNode")).target)


def _evidence(elements: Elements, value: Value) -> Value:
    return elements.evidence(_relation(value, "evidence"))


def _properties(elements: Elements, value: Value) -> Value:
    if isinstance(value, dict):
        return value
    if isinstance(value, (NodeAt, RelationAt)):
        return elements.properties(value)
    raise Unfit(f"properties takes a node, a relation or a map, not {kind(value)}")


def _keys(elements: Elements, value: Value) -> Value:
    return sorted(_properties(elements, value))


def _nodes(_: Elements, value: Value) -> Value:
    return list(_path(value, "nodes").nodes)


def _relations(_: Elements, value: Value) -> Value:
    return list(_path(value, "relationships").relations)


def _length(_: Elements, value: Value) -> Value:
    return len(_path(value, "length").relations)


def _size(_: Elements, value: Value) -> Value:
    if isinstance(value, (str, list)):
        return len(value)
    raise Unfit(f"size takes a text or a list, not {kind(value)}")


def _of_text(name: str, function: Callable[[str], Value]) -> Callable[[Elements, Value], Value]:
    def apply(_: Elements, value: Value) -> Value:
        if not isinstance(value, str):
            raise Unfit(f"{name} takes a text, not {kind(value)}")
        return function(value)

    return apply


def _of_list(name: str, function: Callable[[list[Value]], Value]) -> Callable[..., Value]:
    def apply(_: Elements, value: Value) -> Value:
        if not isinstance(value, list):
            raise Unfit(f"{name} takes a list, not {kind(value)}")
        return function(value)

    return apply


def _of_number(name: str, function: Callable[[float], Value]) -> Callable[..., Value]:
    def apply(_: Elements, value: Value) -> Value:
        if not is_number(value):
            raise Unfit(f"{name} takes a number, not {kind(value)}")
        return function(value) if math.isfinite(value) else value

    return apply


def _reverse(_: Elements, value: Value) -> Value:
    if isinstance(value, (str, list)):
        return value[::-1]
    raise Unfit(f"reverse takes a text or a list, not {kind(value)}")


def _to_string(_: Elements, value: Value) -> Value:
    if isinstance(value, (str, bool, int, float)):
        return written(value)
    raise Unfit(f"toString takes a number, a text or a truth value, not {kind(value)}")


def _to_integer(_: Elements, value: Value) -> Value:
    number = _to_float(_, value)
    if number is None or not math.isfinite(number):
        return None
    return value if isinstance(value, int) else int(number)


def _to_float(_: Elements, value: Value) -> Value:
    if is_number(value):
        return float(value)
    if not isinstance(value, str):
        raise Unfit(f"a number cannot be made of {kind(value)}")
    try:
        return float(value)
    except ValueError:
        return None


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


ONE: dict[str, Callable[[Elements, Value], Value]] = {
    "id": _identity,
    "elementid": _identity,
    "labels": _labels,
    "type": _type,
    "startnode": _start,
    "endnode": _end,
    "evidence": _evidence,
    "properties": _properties,
    "keys": _keys,
    "nodes": _nodes,
    "relationships": _relations,
    "length": _length,
    "size": _size,
    "reverse": _reverse,
    "tostring": _to_string,
    "tointeger": _to_integer,
    "tofloat": _to_float,
    "tolower": _of_text("toLower", str.lower),
    "toupper": _of_text("toUpper", str.upper),
    "trim": _of_text("trim", str.strip),
    "ltrim": _of_text("lTrim", str.lstrip),
    "rtrim": _of_text("rTrim", str.rstrip),
    "head": _of_list("head", lambda items: items[0] if items else None),
    "last": _of_list("last", lambda items: items[-1] if items else None),
    "tail": _of_list("tail", lambda items: items[1:]),
    "abs": _of_number("abs", abs),
    "ceil": _of_number("ceil", lambda number: float(math.ceil(number))),
    "floor": _of_number("floor", lambda number: float(math.floor(number))),
    "round": _of_number("round", lambda number: float(math.floor(number + 0.5))),
    "sign": _of_number("sign", _sign),
}
"""Functions of one value; of null they are null."""


def _range(values: Sequence[Value]) -> Value:
    if not all(isinstance(each, int) for each in values):
        raise Unfit("range takes integers")
    low, high = values[:2]
    step = values[2] if len(values) > 2 else 1
    if step == 0:
        raise Unfit("range takes a step other than 0")
    found = range(low, high + _sign(step), step)
    if len(found) > LONGEST:
        raise Unfit(f"range would give more than {LONGEST:,} numbers")
    return list(found)


def _split(values: Sequence[Value]) -> Value:
    text, by = _texts("split", values)
    return text.split(by) if by else list(text)


def _replace(values: Sequence[Value]) -> Value:
    text, old, new = _texts("replace", values)
    most = len(text) + text.count(old) * (len(new) - len(old)) if old else 0
    if most > LONGEST:
        raise Unfit(f"the text would be longer than {LONGEST:,} characters")
    return text.replace(old, new) if old else text


def _substring(values: Sequence[Value]) -> Value:
    text, start = values[0], values[1]
    length = values[2] if len(values) > 2 else None
    if not isinstance(text, str) or not isinstance(start, int) or start < 0:
        raise Unfit("substring takes a text, a start from 0 and a length")
    return text[start:] if length is None else text[start : start + max(0, int(length))]


def _texts(name: str, values: Sequence[Value]) -> Sequence[str]:
    if all(isinstance(each, str) for each in values):
        return values
    raise Unfit(f"{name} takes texts")


MORE: dict[str, tuple[int, int, Callable[[Sequence[Value]], Value]]] = {
    "range": (2, 3, _range),
    "split": (2, 2, _split),
    "replace": (3, 3, _replace),
    "substring": (2, 3, _substring),
}
"""Functions of several values, with the least and the greatest number of them."""
NAMES = sorted([*AGGREGATES, *ONE, *MORE, "coalesce"])


def aggregated(name: str, weighted: Sequence[tuple[Value, int]], *, distinct: bool) -> Value:
    """Return an aggregate of values that are not null, each with how often it is there."""
    if distinct:
        first: dict[object, Value] = {}
        for value, _ in weighted:
            first.setdefault(order_key(value), value)
        weighted = [(value, 1) for value in first.values()]
    if name == "count":
        return sum(times for _, times in weighted)
    if name == "collect":
        return [value for value, times in weighted for _ in range(times)]
    if name in ("min", "max"):
        return _extreme([value for value, _ in weighted], greatest=name == "max")
    return _summed(name, weighted)


def _extreme(values: Sequence[Value], *, greatest: bool) -> Value:
    if not values:
        return None
    return max(values, key=order_key) if greatest else min(values, key=order_key)


def _summed(name: str, weighted: Sequence[tuple[Value, int]]) -> Value:
    for value, _ in weighted:
        if not is_number(value):
            raise Unfit(f"{name} takes numbers, not {kind(value)}")
    whole = all(isinstance(value, int) for value, _ in weighted)
    total: Value
    if whole:
        total = sum(value * times for value, times in weighted)
    else:
        total = math.fsum(value for value, times in weighted for _ in range(times))
    if name == "sum":
        return computed("+", total, 0)
    return total / sum(times for _, times in weighted) if weighted else None
