"""Declare a compound AI system; serve it as one model.

>>> import motet
>>> system = motet.load("motet.yaml")           # doctest: +SKIP
>>> system.ask("Who supplies the hinge?").text  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motet.core.version import __version__ as __version__

if TYPE_CHECKING:
    from motet.core.answers import Answer as Answer
    from motet.core.answers import Citation as Citation
    from motet.core.chat import TextDelta as TextDelta
    from motet.core.errors import DeclarationError as DeclarationError
    from motet.core.errors import MotetError as MotetError
    from motet.core.errors import ProviderError as ProviderError
    from motet.core.errors import RunError as RunError
    from motet.core.errors import SetupNeeded as SetupNeeded
    from motet.core.errors import StoreError as StoreError
    from motet.core.errors import UsageError as UsageError
    from motet.system import System as System
    from motet.system import load as load

_HOMES = {
    "Answer": "motet.core.answers",
    "Citation": "motet.core.answers",
    "DeclarationError": "motet.core.errors",
    "MotetError": "motet.core.errors",
    "ProviderError": "motet.core.errors",
    "RunError": "motet.core.errors",
    "SetupNeeded": "motet.core.errors",
    "StoreError": "motet.core.errors",
    "System": "motet.system",
    "TextDelta": "motet.core.chat",
    "UsageError": "motet.core.errors",
    "load": "motet.system",
}

__all__ = [
    "Answer",
    "Citation",
    "DeclarationError",
    "MotetError",
    "ProviderError",
    "RunError",
    "SetupNeeded",
    "StoreError",
    "System",
    "TextDelta",
    "UsageError",
    "load",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: `import motet` stays light."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'motet' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
