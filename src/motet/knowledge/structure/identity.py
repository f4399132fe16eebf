"""What a row is called in the graph: one text made of the values of its key."""

from __future__ import annotations

from collections.abc import Sequence

from motet.core.graph import Entity
from motet.core.text import normalised

_JOINT = " / "


def row_key(values: Sequence[str]) -> str:
    """Return the key of an entity from the key values of its row.

    One value stands for itself, normalised; several are joined by slashes. Slashes and
    backslashes inside them are escaped, so that no two different keys give one text.
    """
    parts = [normalised(value) for value in values]
    if len(parts) == 1:
        return parts[0]
    return _JOINT.join(part.replace("\\", "\\\\").replace("/", "\\/") for part in parts)


def row_entity(label: str, values: Sequence[str]) -> Entity:
    """Return the entity that a row with these key values is."""
    return Entity(label, row_key(values))
