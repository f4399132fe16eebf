"""An object of a client's body, read field by field; what is wrong is named by its path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.json import JSON
from motet.models.dialects.dialect import BadRequest


class Fields:
    """An object at a path. It remembers what was read of it, so that the rest is known.

    A field that is null counts as absent, as it does for Anthropic.
    """

    def __init__(self, value: JSON, path: str = "") -> None:
        """Raises `BadRequest` where the value is no object."""
        if not isinstance(value, Mapping):
            raise wrong(path, "an object")
        self.value = value
        self.path = path
        self._read: set[str] = set()

    def rest(self) -> dict[str, JSON]:
        """Return the fields that nobody has read."""
        return {
            key: value
            for key, value in self.value.items()
            if key not in self._read and value is not None
        }

    def at(self, key: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{key}" if self.path else key

    def get(self, key: str) -> JSON:
        """Return a field of any type, None where it is absent."""
        self._read.add(key)
        return self.value.get(key)

    def required(self, key: str) -> JSON:
        """Return a field of any type. Raises `BadRequest` where it is absent."""
        value = self.get(key)
        if value is None:
            path = self.at(key)
            raise BadRequest(f"{path}: field required", param=path)
        return value

    def text(self, key: str) -> str:
        """Return a text. Raises `BadRequest` where it is absent."""
        value = self.required(key)
        if not isinstance(value, str):
            raise wrong(self.at(key), "a string")
        return value

    def maybe_text(self, key: str) -> str | None:
        """Return a text, None where it is absent."""
        return None if self.get(key) is None else self.text(key)

    def integer(self, key: str) -> int | None:
        """Return a whole number, None where it is absent."""
        value = self.get(key)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong(self.at(key), "an integer")
        return value

    def number(self, key: str) -> float | None:
        """Return a number, None where it is absent."""
        value = self.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong(self.at(key), "a number")
        return value

    def flag(self, key: str) -> bool | None:
        """Return true or false, None where it is absent."""
        value = self.get(key)
        if value is not None and not isinstance(value, bool):
            raise wrong(self.at(key), "true or false")
        return value

    def object(self, key: str) -> Mapping[str, JSON] | None:
        """Return an object, None where it is absent."""
        value = self.get(key)
        if value is not None and not isinstance(value, Mapping):
            raise wrong(self.at(key), "an object")
        return value

    def fields(self, key: str) -> Fields | None:
        """Return an object to be read field by field, None where it is absent."""
        value = self.get(key)
        return None if value is None else Fields(value, self.at(key))

    def items(self, key: str) -> Sequence[JSON]:
        """Return a list, an empty one where it is absent."""
        value = self.get(key)
        if value is None:
            return ()
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise wrong(self.at(key), "a list")
        return value


def wrong(path: str, expected: str) -> BadRequest:
    """Return the error of a value of the wrong type."""
    return BadRequest(f"{path or 'the body'}: should be {expected}", param=path or None)
