"""Fields of a client's JSON object, by name and type.

The API is a protocol buffer in JSON (https://protobuf.dev/programming-guides/json): a field
may be written in camelCase or as snake_case, null is absent, integers may be strings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from motet.core.json import JSON
from motet.models.dialects.dialect import BadRequest

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_INTEGER = re.compile(r"-?\d{1,19}", re.ASCII)


@cache
def _snake(name: str) -> str:
    return _CAPITAL.sub("_", name).lower()


class Fields:
    """An object whose fields are taken out one by one; what is left nobody knew."""

    def __init__(self, value: JSON, path: str = "") -> None:
        """Start with an object at `path`. Raises `BadRequest` where it is none."""
        if not isinstance(value, Mapping):
            raise BadRequest(f"{path or 'the body'} must be an object", param=path or None)
        self.path = path
        self.left = {name: item for name, item in value.items() if item is not None}

    def at(self, name: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def take(self, name: str) -> JSON:
        """Take a field out, None where it is absent."""
        if name in self.left:
            return self.left.pop(name)
        return self.left.pop(_snake(name), None)

    def text(self, name: str) -> str | None:
        """Take a string."""
        value = self.take(name)
        if value is not None and not isinstance(value, str):
            raise self.wrong(name, "a string")
        return value

    def number(self, name: str) -> float | None:
        """Take a number, as it is written: an integer stays one."""
        value = self.take(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise self.wrong(name, "a number")
        return value

    def integer(self, name: str) -> int | None:
        """Take an integer, also one that is written as a string or as 1.0."""
        value = self.take(name)
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            return int(value)
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise self.wrong(name, "an integer")
        return value

    def flag(self, name: str) -> bool | None:
        """Take a boolean."""
        value = self.take(name)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return value

    def object(self, name: str) -> Fields | None:
        """Take an object, to take its fields."""
        value = self.take(name)
        return None if value is None else Fields(value, self.at(name))

    def mapping(self, name: str) -> Mapping[str, JSON] | None:
        """Take an object as it is."""
        value = self.take(name)
        if value is not None and not isinstance(value, Mapping):
            raise self.wrong(name, "an object")
        return value

    def items(self, name: str) -> Sequence[JSON]:
        """Take a list, empty where it is absent."""
        value = self.take(name)
        if value is None:
            return ()
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self.wrong(name, "a list")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Take a list of strings, empty where it is absent."""
        found: list[str] = []
        for place, item in enumerate(self.items(name)):
            if not isinstance(item, str):
                raise self.wrong(f"{name}[{place}]", "a string")
            found.append(item)
        return tuple(found)

    def unknown(self) -> list[str]:
        """Return the paths of what is left."""
        return [self.at(name) for name in self.left]

    def wrong(self, name: str, expected: str) -> BadRequest:
        """Return the error of a field that is not what is expected."""
        path = self.at(name)
        return BadRequest(f"{path} must be {expected}", param=path)
