"""Other dialects' seals of texts and tool calls, carried through an Anthropic client.

Gemini signs texts and calls themselves; Anthropic signs thoughts alone. Such a seal follows
its block as redacted thinking, which clients must send back as it came.
"""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import Seal
from motet.core.json import JSON
from motet.models.dialects.anthropic.own import NAME, is_foreign
from motet.models.dialects.seals import sealed, unsealed

_MARK = "motet-before:"


def write_trailing(seal: Seal | None) -> dict[str, JSON] | None:
    """Return the block that carries the seal of the block before it, None for none of others."""
    if not is_foreign(seal):
        return None
    return {"type": "redacted_thinking", "data": f"{_MARK}{sealed(seal, NAME)}"}


def read_trailing(block: Mapping[str, JSON]) -> Seal | None:
    """Return the seal of the block before this one, None where this is an ordinary block."""
    data = block.get("data")
    if block.get("type") != "redacted_thinking" or not isinstance(data, str):
        return None
    return unsealed(data.removeprefix(_MARK), NAME) if data.startswith(_MARK) else None
