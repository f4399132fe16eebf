"""What a row is called in the graph: one text made of the values of its key."""

from __future__ import annotations

from collections.abc import Sequence

from motet.core.graph import Entity


def row_key(values: Sequence[str]) -> str:
    """Return the key of an entity from the key values of its row, as `comparable` gives them.

    One value stands for itself; several are joined by `|`, which with the backslash is escaped
    inside them, so that no two different keys give one text.
    """
    if len(values) == 1:
        return values[0]
    return "|".join(value.replace("\\", "\\\\").replace("|", "\\|") for value in values)


def row_entity(label: str, values: Sequence[str]) -> Entity:
    """Return the entity that a row with these key values is."""
    return Entity(label, row_key(values))
