"""What of a part only Anthropic reads, kept in its seal.

Blocks of text and tool calls may hold fields that no other dialect knows (`caller`), citations
the place they were taken from in Anthropic's own terms (`encrypted_index`). They travel as
JSON in a seal of this dialect and come back as the same fields.
"""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import Seal
from motet.core.json import JSON, dumps, loads

NAME = "anthropic"


def seal_of(fields: Mapping[str, JSON]) -> Seal | None:
    """Return the seal that holds the fields, None for no fields."""
    return Seal(NAME, dumps(fields, sort=True)) if fields else None


def fields_of(seal: Seal | None) -> dict[str, JSON]:
    """Return the fields that a seal holds; none where it is another's."""
    if seal is None or not is_own(seal):
        return {}
    try:
        fields = loads(seal.value)
    except ValueError:
        return {}
    return dict(fields) if isinstance(fields, Mapping) else {}


def is_own(seal: Seal | None) -> bool:
    """Whether there is a seal, and it is Anthropic's."""
    return seal is not None and seal.dialect == NAME


def is_foreign(seal: Seal | None) -> bool:
    """Whether there is a seal, and it is another dialect's."""
    return seal is not None and seal.dialect != NAME
