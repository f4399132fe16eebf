"""The small type language of skills: what goes in and what comes out.

`text`, `[text]`, `{question: string, answer: text}`, `low | medium | high`,
`{name: string, optional born: date}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from motet.core.json import JSON

NAMED: dict[str, tuple[str, dict[str, JSON]]] = {
    "string": ("a short text on one line", {"type": "string"}),
    "text": ("a text of any length", {"type": "string"}),
    "markdown": ("a text with Markdown", {"type": "string", "contentMediaType": "text/markdown"}),
    "integer": ("a whole number", {"type": "integer"}),
    "number": ("a number", {"type": "number"}),
    "boolean": ("true or false", {"type": "boolean"}),
    "date": ("a day, as 2025-01-31", {"type": "string", "format": "date"}),
    "datetime": ("an instant, as RFC 3339 writes it", {"type": "string", "format": "date-time"}),
    "url": ("an address", {"type": "string", "format": "uri"}),
    "any": ("any JSON value", {}),
}


@dataclass(frozen=True, slots=True)
class Named:
    """One of the named types."""

    name: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these texts."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """Any number of one type."""

    item: Shape


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object."""

    name: str
    shape: Shape
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Object:
    """Named members, each with its type."""

    members: tuple[Member, ...]


Shape: TypeAlias = Named | OneOf | ListOf | Object
OPTIONAL = "optional "
TEXT = Named("text")


def json_schema(shape: Shape) -> dict[str, JSON]:
    """Return the JSON Schema (draft 2020-12) of what the shape admits."""
    if isinstance(shape, Named):
        return dict(NAMED[shape.name][1])
    if isinstance(shape, OneOf):
        return {"enum": list(shape.values)}
    if isinstance(shape, ListOf):
        return {"type": "array", "items": json_schema(shape.item)}
    return {
        "type": "object",
        "properties": {member.name: json_schema(member.shape) for member in shape.members},
        "required": [member.name for member in shape.members if not member.optional],
        "additionalProperties": False,
    }


def notation(shape: Shape) -> JSON:
    """Return the short notation that reads back as this shape."""
    if isinstance(shape, ListOf):
        return [notation(shape.item)]
    if isinstance(shape, Object):
        return {
            OPTIONAL * member.optional + member.name: notation(member.shape)
            for member in shape.members
        }
    return shape.name if isinstance(shape, Named) else " | ".join(shape.values)
