"""A declaration before it is understood: text, lists and mappings, each with its place.

YAML files and Python objects both become nodes, so one validator reads both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TypeAlias

from motet.spec.problems import MAX_SHOWN, Place, shown

NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
FLAGS = {"true": True, "false": False}
NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text as written; `plain` when it stood without quotes and may mean a number or a flag."""

    text: str
    plain: bool = False
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A Python object that is neither text nor a container."""

    value: object
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Items in their order."""

    items: tuple[Node, ...]
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value; `place` is the key's."""

    key: str
    value: Node
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Entries with distinct keys, in their order."""

    entries: tuple[Entry, ...]
    place: Place | None = None

    def get(self, key: str) -> Entry | None:
        """Return the entry with this key."""
        return next((entry for entry in self.entries if entry.key == key), None)


Node: TypeAlias = Scalar | Value | Listing | Table


def from_python(value: object) -> Node:
    """Turn Python objects into nodes; what is not plain data stays as it is in a `Value`."""
    if isinstance(value, str | PurePath):
        return Scalar(str(value))
    if isinstance(value, Mapping):
        return Table(tuple(Entry(str(key), from_python(item)) for key, item in value.items()))
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return Listing(tuple(from_python(item) for item in value))
    return Value(value)


def number(node: Node, *, loose: bool = False) -> float | int | None:
    """Return the number a node stands for; `loose` also reads quoted text."""
    if isinstance(node, Value):
        plain = isinstance(node.value, int | float) and not isinstance(node.value, bool)
        return node.value if plain else None  # type: ignore[return-value]
    if not isinstance(node, Scalar) or not (node.plain or loose):
        return None
    if not NUMBER.fullmatch(node.text):
        return None
    whole = node.text.lstrip("+-").isdigit() and len(node.text) < 4000
    return int(node.text) if whole else float(node.text)


def flag(node: Node, *, loose: bool = False) -> bool | None:
    """Return the truth value a node stands for; only `true` and `false` have one."""
    if isinstance(node, Value):
        return node.value if isinstance(node.value, bool) else None
    if not isinstance(node, Scalar) or not (node.plain or loose):
        return None
    return FLAGS.get(node.text.lower())


def is_nothing(node: Node) -> bool:
    """Whether a node is YAML's null or Python's None."""
    if isinstance(node, Value):
        return node.value is None
    return isinstance(node, Scalar) and node.plain and node.text in NOTHING


def describe(node: Node) -> str:
    """Say in a few words what a node is, for the `got` of a message."""
    if isinstance(node, Table):
        return "a mapping"
    if isinstance(node, Listing):
        return "a list"
    if is_nothing(node):
        return "nothing"
    if isinstance(node, Scalar):
        bare = number(node) is not None or flag(node) is not None
        return node.text[:MAX_SHOWN] if bare else shown(node.text)
    if isinstance(node.value, bool):
        return str(node.value).lower()
    if isinstance(node.value, int | float):
        return repr(node.value)
    return f"a Python object of type {type(node.value).__name__}"
