"""Type hints as JSON Schema: what a function's annotations admit, as a model reads it."""

from __future__ import annotations

import collections.abc as abc
import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin
from uuid import UUID

from motet.core.errors import DeclarationError
from motet.core.json import JSON, dumps
from motet.tools.results import to_json

Hint: TypeAlias = Any
"""A type as an annotation writes it."""

_SIMPLE: Mapping[Any, Mapping[str, JSON]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Decimal: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    time: {"type": "string", "format": "time"},
    UUID: {"type": "string", "format": "uuid"},
    Path: {"type": "string"},
    dict: {"type": "object"},
    list: {"type": "array"},
    tuple: {"type": "array"},
    set: {"type": "array", "uniqueItems": True},
    frozenset: {"type": "array", "uniqueItems": True},
}
LISTS = (list, abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable)
SETS = (set, frozenset, abc.Set, abc.MutableSet)
MAPPINGS = (dict, abc.Mapping, abc.MutableMapping)
_METADATA = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
}


class Unsupported(DeclarationError):
    """A type hint that has no JSON Schema."""


class Schemas:
    """Schemas of hints that may share definitions; `definitions` holds the recursive types."""

    def __init__(self) -> None:
        self.definitions: dict[str, JSON] = {}
        self._open: list[Any] = []
        self._recursive: set[str] = set()

    def of(self, hint: Hint) -> dict[str, JSON]:
        """Return the schema of a hint. Raises `Unsupported`."""
        hint = bare(hint)
        if unknown(hint):
            return {}
        if hint in _SIMPLE:
            return dict(_SIMPLE[hint])
        origin = origin_of(hint)
        if origin is typing.Annotated:
            return self._annotated(hint)
        if is_union(hint):
            return self._union(hint)
        if origin is Literal:
            return _choices(get_args(hint))
        if isinstance(hint, type) and issubclass(hint, Enum):
            return _choices([each.value for each in hint])
        if is_structure(hint):
            return self._structure(hint)
        return self._container(hint, origin)

    def with_definitions(self, schema: dict[str, JSON]) -> dict[str, JSON]:
        """Return a root schema that holds the definitions it may refer to."""
        return {**schema, "$defs": self.definitions} if self.definitions else schema

    def _annotated(self, hint: Hint) -> dict[str, JSON]:
        inner, *given = get_args(hint)
        schema = self.of(inner)
        for note in [part for each in given for part in (each, *getattr(each, "metadata", ()))]:
            about = note if isinstance(note, str) else getattr(note, "description", None)
            if isinstance(about, str):
                schema["description"] = about
            schema |= _bounds(note, schema.get("type"))
        return schema

    def _union(self, hint: Hint) -> dict[str, JSON]:
        branches = [self.of(each) for each in get_args(hint)]
        if any(not each for each in branches):
            return {}
        kinds = [each["type"] for each in branches if set(each) == {"type"}]
        if len(kinds) == len(branches) and all(isinstance(kind, str) for kind in kinds):
            return {"type": kinds}
        return {"anyOf": branches}

    def _container(self, hint: Hint, origin: Hint) -> dict[str, JSON]:
        kind = origin or hint
        inner = get_args(hint)
        if kind is tuple:
            return self._tuple(inner)
        if kind in LISTS:
            return {"type": "array", **self._items(inner)}
        if kind in SETS:
            return {"type": "array", "uniqueItems": True, **self._items(inner)}
        if kind in MAPPINGS:
            return self._mapping(inner)
        raise Unsupported(f"no JSON Schema for the type {words(hint)}")

    def _items(self, inner: tuple[Any, ...]) -> dict[str, JSON]:
        return {"items": self.of(inner[0])} if inner else {}

    def _tuple(self, inner: tuple[Any, ...]) -> dict[str, JSON]:
        if len(inner) == 2 and inner[1] is Ellipsis:
            return {"type": "array", "items": self.of(inner[0])}
        items: list[JSON] = [self.of(each) for each in inner if each != ()]
        return {
            "type": "array",
            "prefixItems": items,
            "items": False,
            "minItems": len(items),
        }

    def _mapping(self, inner: tuple[Any, ...]) -> dict[str, JSON]:
        if not inner:
            return {"type": "object"}
        keys, values = self.of(inner[0]), self.of(inner[1])
        found: dict[str, JSON] = {"type": "object", "additionalProperties": values or True}
        if keys == {"type": "integer"}:
            return found | {"propertyNames": {"pattern": r"^-?\d+$"}}
        if keys.get("type", "string") != "string":
            raise Unsupported(f"keys of an object are texts, not {words(inner[0])}")
        plain = keys in ({}, {"type": "string"})
        return found if plain else found | {"propertyNames": keys}

    def _structure(self, kind: Hint) -> dict[str, JSON]:
        name = kind.__name__
        if kind in self._open:
            self._recursive.add(name)
            return {"$ref": f"#/$defs/{name}"}
        self._open.append(kind)
        schema = self._pydantic(kind) if is_pydantic(kind) else self._fields(kind)
        self._open.pop()
        if name not in self._recursive:
            return schema
        self._define(name, schema)
        return {"$ref": f"#/$defs/{name}"}

    def _define(self, name: str, schema: JSON) -> None:
        if self.definitions.setdefault(name, schema) != schema:
            raise Unsupported(f"two different types are named {name}")

    def _pydantic(self, kind: Hint) -> dict[str, JSON]:
        schema: dict[str, JSON] = kind.model_json_schema()
        inner = schema.pop("$defs", {})
        assert isinstance(inner, Mapping)
        for name, each in inner.items():
            self._define(name, each)
        return schema

    def _fields(self, kind: Hint) -> dict[str, JSON]:
        properties: dict[str, JSON] = {}
        required: list[JSON] = []
        for each in fields(kind):
            schema = self.of(each.hint)
            if each.default is not MISSING:
                schema |= default(each.default)
            properties[each.name] = schema
            if each.required:
                required.append(each.name)
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }


MISSING: Any = object()


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """A field of a dataclass or a key of a TypedDict."""

    name: str
    hint: Hint
    required: bool
    default: Any = MISSING


def fields(kind: Hint) -> list[Field]:
    """Return what a dataclass or TypedDict is made of. Raises `Unsupported`."""
    hints = hints_of(kind)
    if typing.is_typeddict(kind):
        return [Field(name, hint, _is_required(kind, name, hint)) for name, hint in hints.items()]
    found = []
    for each in dataclasses.fields(kind):
        if not each.init:
            continue
        made = each.default_factory is not dataclasses.MISSING
        required = each.default is dataclasses.MISSING and not made
        value = MISSING if required or made else each.default
        found.append(Field(each.name, hints[each.name], required, value))
    return found


def _is_required(kind: Hint, name: str, hint: Hint) -> bool:
    # Annotations that are text hide their marks from `__required_keys__`.
    marks: dict[Any, bool] = {typing.Required: True, typing.NotRequired: False}
    return marks.get(origin_of(hint), name in kind.__required_keys__)


def hints_of(target: Hint) -> dict[str, Any]:
    """Return the resolved annotations of a function or class. Raises `Unsupported`."""
    try:
        return typing.get_type_hints(target, include_extras=True)
    except (NameError, AttributeError, TypeError) as error:
        name = getattr(target, "__name__", str(target))
        raise Unsupported(f"a type hint of {name} cannot be resolved: {error}") from error


def default(value: object) -> dict[str, JSON]:
    """Return the schema's `default`, nothing where the value is not JSON."""
    try:
        return {"default": to_json(value)}
    except TypeError:
        return {}


def origin_of(hint: Hint) -> Hint:
    """Return what a generic hint is made from, None where it is not generic."""
    found: Any = get_origin(hint)
    return found


def bare(hint: Hint) -> Hint:
    """Return a hint without what only Python cares about."""
    while True:
        if hasattr(hint, "__supertype__"):
            hint = hint.__supertype__
        elif origin_of(hint) in (typing.Required, typing.NotRequired, typing.Final):
            hint = get_args(hint)[0]
        elif isinstance(hint, typing.TypeVar):
            hint = hint.__bound__ or Any
        else:
            return type(None) if hint is None else hint


def unknown(hint: Hint) -> bool:
    """Whether a hint admits anything; recursive aliases are not followed."""
    return hint is Any or hint is object or isinstance(hint, str | typing.ForwardRef)


def is_union(hint: Hint) -> bool:
    """Whether a hint names alternatives."""
    return origin_of(hint) in (Union, types.UnionType)


def is_structure(hint: Hint) -> bool:
    """Whether a hint is a class of named fields: dataclass, TypedDict or Pydantic model."""
    if not isinstance(hint, type):
        return False
    return dataclasses.is_dataclass(hint) or typing.is_typeddict(hint) or is_pydantic(hint)


def is_pydantic(kind: Hint) -> bool:
    """Whether a class is a Pydantic model, told without importing it."""
    return hasattr(kind, "model_json_schema") and hasattr(kind, "model_validate")


def words(hint: Hint) -> str:
    """Return a hint as a person writes it."""
    if isinstance(hint, type) and not get_args(hint):
        return hint.__qualname__
    return str(hint).replace("typing.", "")


def _choices(values: typing.Iterable[Any]) -> dict[str, JSON]:
    try:
        choices = [to_json(each) for each in values]
        dumps(choices)
    except TypeError as error:
        raise Unsupported(f"a choice is not JSON: {error}") from error
    kinds = {type(each) for each in choices}
    kind = _SIMPLE.get(kinds.pop()) if len(kinds) == 1 else None
    return dict(kind or {}) | {"enum": choices}


def _bounds(note: object, kind: JSON) -> dict[str, JSON]:
    found: dict[str, JSON] = {}
    for attribute, keyword in _METADATA.items():
        bound = getattr(note, attribute, None)
        if isinstance(bound, int | float):
            found[keyword] = bound
    suffix = "Length" if kind == "string" else "Items"
    for end in ("min", "max"):
        length = getattr(note, f"{end}_length", None)
        if isinstance(length, int):
            found[f"{end}{suffix}"] = length
    pattern = getattr(note, "pattern", None)
    return found | ({"pattern": pattern} if isinstance(pattern, str) else {})
