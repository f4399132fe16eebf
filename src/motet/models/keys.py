"""Keys of providers, from the environment or as given; never shown."""

from __future__ import annotations

import os
from dataclasses import dataclass

from motet.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class EnvironmentKey:
    """A key that is read from the environment each time it is needed.

    Of several variables the first that is set counts; errors name the first.
    """

    variable: str
    required: bool = True
    others: tuple[str, ...] = ()

    def is_set(self) -> bool:
        """Whether there is a key now."""
        return bool(self._found()[1])

    def __call__(self) -> str:
        """Return the key, empty where it is missing and not required. Raises `UsageError`."""
        variable, key = self._found()
        if self.required and not key:
            raise UsageError(f"{self.variable} is not set", hint="put it into the environment")
        return _checked(key, variable)

    def _found(self) -> tuple[str, str]:
        for variable in (self.variable, *self.others):
            if key := os.environ.get(variable, "").strip():
                return variable, key
        return self.variable, ""


@dataclass(frozen=True, slots=True, repr=False)
class GivenKey:
    """A key that the declaration takes from elsewhere; never shown."""

    secret: str

    def __call__(self) -> str:
        """Return the key. Raises `UsageError` where it cannot stand in a header."""
        return _checked(self.secret, "the key")


def _checked(key: str, source: str) -> str:
    key = key.strip()
    if not (key.isascii() and key.isprintable()):
        raise UsageError(f"{source} holds characters that no key can have", hint="check its value")
    return key
