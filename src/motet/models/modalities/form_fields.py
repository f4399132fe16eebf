"""A form taken apart by name and type."""

from __future__ import annotations

from collections.abc import Sequence

from motet.models.dialects.dialect import BadRequest
from motet.models.modalities.multipart import Field


class Form:
    """The fields of a form; `rest` are those nobody asked for. Wrong ones raise `BadRequest`."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._left = list(fields)

    def files(self, *names: str) -> list[Field]:
        """Return the files of these names, in order."""
        found = self._take(*names)
        for field in found:
            if field.filename is None:
                raise BadRequest(f"{field.name} must be a file", param=field.name)
        return found

    def file(self, name: str) -> Field:
        """Return a file that must be there."""
        found = self.files(name)
        if len(found) != 1:
            raise BadRequest(f"{name} must be one file", param=name)
        return found[0]

    def text(self, name: str) -> str | None:
        """Return a text, the last where there are several."""
        found = self._take(name)
        return found[-1].text if found else None

    def needed(self, name: str) -> str:
        """Return a text that must be there."""
        value = self.text(name)
        if not value:
            raise BadRequest(f"{name} is missing", param=name, code="missing_required_parameter")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return all texts of a list, which is written `name[]` or `name`."""
        return tuple(field.text for field in self._take(name, f"{name}[]"))

    def number(self, name: str) -> float | None:
        """Return a number."""
        value = self.text(name)
        try:
            return None if value is None else float(value)
        except ValueError as error:
            raise BadRequest(f"{name} must be a number", param=name) from error

    def integer(self, name: str) -> int | None:
        """Return an integer."""
        value = self.text(name)
        try:
            return None if value is None else int(value)
        except ValueError as error:
            raise BadRequest(f"{name} must be an integer", param=name) from error

    def flag(self, name: str) -> bool | None:
        """Return true or false."""
        value = self.text(name)
        if value is None:
            return None
        if value.lower() not in ("true", "false", "1", "0"):
            raise BadRequest(f"{name} must be true or false", param=name)
        return value.lower() in ("true", "1")

    def rest(self) -> tuple[Field, ...]:
        """Return the fields nobody asked for."""
        return tuple(self._left)

    def _take(self, *names: str) -> list[Field]:
        found = [field for field in self._left if field.name in names]
        self._left = [field for field in self._left if field.name not in names]
        return found
