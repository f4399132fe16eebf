"""The dialects by name, each imported when it is first spoken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import cast

from motet.core.errors import UsageError
from motet.models.dialects.dialect import Dialect

NAMES = ("openai", "responses", "anthropic", "gemini")


class _Dialects(Mapping[str, Dialect]):
    """Imports `motet.models.dialects.NAME` and takes its `DIALECT`."""

    def __init__(self) -> None:
        self._loaded: dict[str, Dialect] = {}

    def __getitem__(self, name: str) -> Dialect:
        if name not in NAMES:
            raise KeyError(name)
        if name not in self._loaded:
            module = import_module(f"motet.models.dialects.{name}")
            self._loaded[name] = cast(Dialect, module.DIALECT)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


DIALECTS: Mapping[str, Dialect] = _Dialects()


def dialect(name: str) -> Dialect:
    """Return a dialect by its name. Raises `UsageError`."""
    try:
        return DIALECTS[name]
    except KeyError as error:
        known = ", ".join(NAMES)
        raise UsageError(f"there is no dialect '{name}'", hint=f"known: {known}") from error
