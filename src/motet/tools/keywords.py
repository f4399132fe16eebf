"""JSON Schemas read: their types, their references, and what they admit in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import TypeAlias, cast
from uuid import UUID

from motet.core.json import JSON, dumps

Schema: TypeAlias = Mapping[str, JSON]
DEPTH = 100
"""Levels of schemas and values that are looked into."""

_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
}
FORMATS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "date-time": ("a date and time as 2025-01-31T12:00:00", datetime.fromisoformat),
    "date": ("a date as 2025-01-31", date.fromisoformat),
    "time": ("a time as 12:00:00", time.fromisoformat),
    "uuid": ("a UUID", UUID),
}


def expected(schema: Schema) -> str:
    """Return what a schema admits, in a few words."""
    if "const" in schema:
        return dumps(schema["const"])
    if isinstance(choices := schema.get("enum"), Sequence):
        return f"one of {', '.join(dumps(each) for each in choices)}"
    for key in ("anyOf", "oneOf"):
        if branches := schemas_in(schema.get(key)):
            return " or ".join(dict.fromkeys(expected(each) for each in branches))
    if schema.get("format") in FORMATS:
        return FORMATS[cast(str, schema["format"])][0]
    return " or ".join(_WORDS.get(kind, kind) for kind in types_of(schema)) or "a value"


def resolve(schema: Schema, root: Schema) -> Schema:
    """Follow `$ref` within the root; what leads nowhere admits anything."""
    for _ in range(DEPTH):
        target = schema.get("$ref")
        if not isinstance(target, str):
            return schema
        found: JSON = root
        for part in target.removeprefix("#").split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            return {}
        schema = found
    return {}


def kind_of(value: object) -> str:
    """Return the JSON type of a value; whole numbers are `integer`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"


def types_of(schema: Schema) -> list[str]:
    """Return the types that a schema names, none where it names none."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return [kind]
    if isinstance(kind, Sequence):
        return [str(each) for each in kind]
    if "properties" in schema:
        return ["object"]
    return []


def schemas_in(value: JSON) -> list[Schema]:
    """Return the schemas of a list, as `anyOf` holds them."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [each for each in value if isinstance(each, Mapping)]
