"""Objects that a client sent, taken apart field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from motet.core.json import JSON
from motet.models.dialects.dialect import BadRequest


class Given:
    """An object whose fields are asked for by type; null counts as absent.

    A wrong type raises `BadRequest` with the path. `rest` are the fields nobody asked for.
    """

    def __init__(self, value: JSON, path: str = "") -> None:
        self.path = path
        if not isinstance(value, Mapping):
            self.refuse("", "must be an object", "invalid_type")
        self._value = value
        self._asked: set[str] = set()

    def at(self, name: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{name}" if self.path and name else self.path or name

    def raw(self, name: str) -> JSON:
        """Return a field as it is."""
        self._asked.add(name)
        return self._value.get(name)

    def text(self, name: str) -> str | None:
        """Return a string."""
        value = self.raw(name)
        if value is not None and not isinstance(value, str):
            self.refuse(name, "must be a string", "invalid_type")
        return value

    def needed(self, name: str) -> str:
        """Return a string that must be there."""
        value = self.text(name)
        if value is None:
            self.refuse(name, "is missing", "missing_required_parameter")
        return value

    def number(self, name: str) -> float | None:
        """Return a number."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(name, "must be a number", "invalid_type")
        return value

    def integer(self, name: str) -> int | None:
        """Return an integer."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(name, "must be an integer", "invalid_type")
        return value

    def flag(self, name: str) -> bool | None:
        """Return true or false."""
        value = self.raw(name)
        if value is not None and not isinstance(value, bool):
            self.refuse(name, "must be true or false", "invalid_type")
        return value

    def object(self, name: str) -> Mapping[str, JSON] | None:
        """Return an object as it is."""
        value = self.raw(name)
        if value is not None and not isinstance(value, Mapping):
            self.refuse(name, "must be an object", "invalid_type")
        return value

    def within(self, name: str) -> Given | None:
        """Return an object to be taken apart."""
        value = self.raw(name)
        return None if value is None else Given(value, self.at(name))

    def items(self, name: str) -> list[Given]:
        """Return the objects of a list, none where it is absent."""
        value = self.raw(name)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.refuse(name, "must be a list", "invalid_type")
        return [Given(item, f"{self.at(name)}[{place}]") for place, item in enumerate(value)]

    def rest(self) -> dict[str, JSON]:
        """Return the fields nobody asked for."""
        return {
            name: value
            for name, value in self._value.items()
            if name not in self._asked and value is not None
        }

    def whole(self) -> Mapping[str, JSON]:
        """Return the object as it came."""
        return self._value

    def refuse(self, name: str, what: str, code: str) -> NoReturn:
        """Raise `BadRequest` about a field."""
        param = self.at(name)
        raise BadRequest(f"{param or 'the request'} {what}", param=param or None, code=code)
