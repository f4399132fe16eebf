"""Google's `Schema`, a part of OpenAPI 3.0, as JSON Schema.

https://ai.google.dev/api/caching#Schema
"""

from __future__ import annotations

from collections.abc import Sequence

from motet.core.json import JSON
from motet.models.dialects.gemini.fields import Fields

_COUNTS = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
_NESTED = ("properties", "defs")
_NAMES = {"defs": "$defs", "ref": "$ref"}
_DEPTH_LIMIT = 64


def json_schema(value: JSON, path: str, depth: int = 0) -> dict[str, JSON]:
    """Return the JSON Schema of a `Schema`. Raises `BadRequest`."""
    fields = Fields(value, path)
    if depth > _DEPTH_LIMIT:
        raise fields.wrong("type", "nested less deeply")
    schema: dict[str, JSON] = {}
    kind = (fields.text("type") or "").lower()
    if kind and kind != "type_unspecified":
        schema["type"] = kind
    for name in _COUNTS:
        if (count := fields.integer(name)) is not None:
            schema[name] = count
    for name in _NESTED:
        if (inner := fields.object(name)) is not None:
            schema[_NAMES.get(name, name)] = {
                key: json_schema(item, inner.at(key), depth + 1) for key, item in inner.left.items()
            }
    for name in ("items", "additionalProperties"):
        if (inside := fields.take(name)) is not None:
            single = isinstance(inside, bool)
            at = fields.at(name)
            schema[name] = inside if single else json_schema(inside, at, depth + 1)
    if order := fields.texts("propertyOrdering"):
        schema["propertyOrdering"] = order
    if options := fields.items("anyOf"):
        schema["anyOf"] = [
            json_schema(item, fields.at(f"anyOf[{place}]"), depth + 1)
            for place, item in enumerate(options)
        ]
    nullable = fields.flag("nullable")
    if kind == "string" and fields.left.get("format") == "enum":
        del fields.left["format"]  # Google's own word for a string with an `enum`
    schema |= {_NAMES.get(name, name): item for name, item in fields.left.items()}
    return _nullable(schema) if nullable else schema


def _nullable(schema: dict[str, JSON]) -> dict[str, JSON]:
    options, values = schema.get("anyOf"), schema.get("enum")
    if isinstance(options, Sequence) and not isinstance(options, str):
        schema["anyOf"] = [*options, {"type": "null"}]
    if "type" in schema:
        schema["type"] = [schema["type"], "null"]
    if isinstance(values, Sequence) and not isinstance(values, str):
        schema["enum"] = [*values, None]
    return schema
