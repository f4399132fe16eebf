"""Fields of a client's request, each read as the type it must have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NoReturn

from motet.core.json import JSON
from motet.models.dialects.dialect import BadRequest


class Fields:
    """One object of a request; knows where it stands and which of its fields nobody read.

    A field that is null counts as absent. Every reader raises `BadRequest` for a wrong type.
    """

    def __init__(self, value: JSON, path: str) -> None:
        """Take the object at `path`. Raises `BadRequest` where it is none."""
        if not isinstance(value, Mapping):
            raise BadRequest(f"'{path}' must be an object", param=path or None)
        self.value: Mapping[str, JSON] = value
        self.path = path
        self._read: set[str] = set()

    def at(self, name: str) -> str:
        """Return the path of one field."""
        return f"{self.path}.{name}" if self.path else name

    def raw(self, name: str) -> JSON:
        """Return a field of any type."""
        self._read.add(name)
        return self.value.get(name)

    def text(self, name: str) -> str | None:
        """Return a string."""
        value = self.raw(name)
        if value is not None and not isinstance(value, str):
            self._wrong(name, "a string")
        return value

    def needed(self, name: str) -> str:
        """Return a string that must be there."""
        value = self.text(name)
        if value is None:
            raise BadRequest(f"'{self.at(name)}' is required", param=self.at(name))
        return value

    def number(self, name: str) -> float | None:
        """Return a number."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(name, "a number")
        return value

    def integer(self, name: str) -> int | None:
        """Return a whole number."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self._wrong(name, "an integer")
        return value

    def flag(self, name: str) -> bool | None:
        """Return true or false."""
        value = self.raw(name)
        if value is not None and not isinstance(value, bool):
            self._wrong(name, "a boolean")
        return value

    def object(self, name: str) -> Fields | None:
        """Return an object."""
        value = self.raw(name)
        return None if value is None else Fields(value, self.at(name))

    def items(self, name: str) -> Sequence[JSON]:
        """Return a list, an empty one for none."""
        value = self.raw(name)
        if value is None:
            return ()
        if isinstance(value, str) or not isinstance(value, Sequence):
            self._wrong(name, "an array")
        return value

    def rest(self) -> dict[str, JSON]:
        """Return what nobody read, without nulls."""
        return {
            name: value
            for name, value in self.value.items()
            if name not in self._read and value is not None
        }

    def unread(self) -> list[str]:
        """Return the paths of what nobody read."""
        return [self.at(name) for name in self.rest()]

    def _wrong(self, name: str, expected: str) -> NoReturn:
        raise BadRequest(f"'{self.at(name)}' must be {expected}", param=self.at(name))
