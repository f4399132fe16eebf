"""JSON values as what a function's annotations say they are in Python."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias, get_args
from uuid import UUID

from motet.core.json import JSON
from motet.tools.hints import (
    LISTS,
    MAPPINGS,
    SETS,
    Hint,
    Schemas,
    bare,
    fields,
    is_pydantic,
    is_structure,
    is_union,
    origin_of,
    unknown,
)
from motet.tools.results import to_json
from motet.tools.validation import Problem, problems

Value: TypeAlias = Any
"""JSON on its way to what a hint says, or already that."""

_PARSED: Mapping[Any, Callable[[Any], Any]] = {
    int: int,
    float: float,
    Decimal: lambda value: Decimal(str(value)),
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
    UUID: UUID,
    Path: Path,
    list: list,
    dict: dict,
    tuple: tuple,
    set: lambda value: {_hashable(each) for each in value},
    frozenset: lambda value: frozenset(_hashable(each) for each in value),
}


class Unfit(Exception):
    """A value is of the right shape and yet refused by its type; `problems` say why."""

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, found)))
        self.problems = tuple(found)


def to_python(hint: Hint, value: Value, path: str = "") -> Value:
    """Return a JSON value that satisfies the hint's schema as a value of the hint.

    Raises `Unfit` where a class refuses it (a Pydantic validator, `__post_init__`).
    """
    hint = bare(hint)
    if origin_of(hint) is typing.Annotated:
        return to_python(get_args(hint)[0], value, path)
    if unknown(hint):
        return value
    if hint in _PARSED:
        return _PARSED[hint](value)
    if is_union(hint):
        return _alternative(hint, value, path)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(each for each in hint if _same(to_json(each.value), value))
    if is_structure(hint):
        return _structure(hint, value, path)
    return _container(hint, value, path)


def _alternative(hint: Hint, value: Value, path: str) -> Value:
    refused: Unfit | None = None
    for each in get_args(hint):
        if problems(_schema(each), value):
            continue
        try:
            return to_python(each, value, path)
        except Unfit as error:
            refused = error
    if refused:
        raise refused
    return value


def _schema(hint: Hint) -> Mapping[str, JSON]:
    return _cached_schema(hint) if _is_hashable(hint) else _new_schema(hint)


def _new_schema(hint: Hint) -> Mapping[str, JSON]:
    schemas = Schemas()
    return schemas.with_definitions(schemas.of(hint))


@lru_cache(maxsize=256)
def _cached_schema(hint: Hint) -> Mapping[str, JSON]:
    return _new_schema(hint)


def _structure(kind: Hint, value: Mapping[str, Any], path: str) -> Value:
    if is_pydantic(kind):
        return _pydantic(kind, value, path)
    below = f"{path}." if path else ""
    found = {
        each.name: to_python(each.hint, value[each.name], f"{below}{each.name}")
        for each in fields(kind)
        if each.name in value
    }
    if typing.is_typeddict(kind):
        return found
    try:
        return kind(**found)
    except (ValueError, TypeError) as error:
        raise Unfit([Problem(path, f"what {kind.__name__} admits", str(error))]) from error


def _pydantic(kind: Hint, value: Mapping[str, Any], path: str) -> Value:
    try:
        return kind.model_validate(value)
    except ValueError as error:
        details = getattr(error, "errors", None)
        found = details() if callable(details) else [{"loc": (), "msg": str(error)}]
        raise Unfit([_told(path, each) for each in found]) from error


def _told(path: str, detail: Mapping[str, Any]) -> Problem:
    below = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in detail["loc"])
    got = repr(detail["input"])[:80] if "input" in detail else "another value"
    return Problem(f"{path}{below}".lstrip("."), str(detail["msg"]), got)


def _container(hint: Hint, value: Value, path: str) -> Value:
    kind = origin_of(hint) or hint
    inner = get_args(hint)
    if kind is tuple:
        each = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        pairs = zip(each, value, strict=True)
        return tuple(to_python(h, v, f"{path}[{at}]") for at, (h, v) in enumerate(pairs))
    if kind in MAPPINGS and inner:
        key = to_python if bare(inner[0]) is not int else lambda _, text, __: int(text)
        return {
            key(inner[0], name, path): to_python(inner[1], each, f"{path}[{name}]")
            for name, each in value.items()
        }
    if (kind in LISTS or kind in SETS) and inner:
        found = [to_python(inner[0], each, f"{path}[{at}]") for at, each in enumerate(value)]
        return found if kind in LISTS else (set if kind is not frozenset else frozenset)(found)
    return value


def _hashable(value: Value) -> Value:
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def _is_hashable(value: Value) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _same(a: object, b: object) -> bool:
    return a == b and isinstance(a, bool) == isinstance(b, bool)
