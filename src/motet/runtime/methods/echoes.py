"""What of a model's turn the later ones repeat: its texts, thoughts and calls, in order.

Providers refuse to go on with a turn whose thoughts or seals are missing. Calls are held by
their number, for they are repeated as they were made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from motet.core.chat import Native, Part, Reasoning, Seal, Text, ToolCall
from motet.core.json import JSON


def echoed(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts that are repeated, without what only the person needs: sources."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, Text):
            found.append(Text(part.text, seal=part.seal))
        elif isinstance(part, Reasoning | ToolCall | Native):
            found.append(part)
    return tuple(found)


def is_plain(parts: Sequence[Part]) -> bool:
    """Whether a text and the calls behind it say all that there is."""
    texts = sum(isinstance(part, Text) for part in parts)
    kinds = [isinstance(part, ToolCall) for part in parts]
    sealed = any(getattr(part, "seal", None) is not None for part in parts)
    return texts + sum(kinds) == len(parts) and texts <= 1 and kinds == sorted(kinds) and not sealed


def parts_to_json(parts: Sequence[Part]) -> list[JSON]:
    """Return the parts as the journal keeps them; what calls say stands elsewhere."""
    found: list[JSON] = []
    for part in parts:
        if isinstance(part, Native):
            found.append({"native": part.value, "dialect": part.dialect})
        elif isinstance(part, Reasoning):
            redacted: dict[str, JSON] = {"redacted": True} if part.redacted else {}
            found.append({"reasoning": part.text, **redacted, **_seal_to_json(part.seal)})
        elif isinstance(part, Text):
            found.append({"text": part.text, **_seal_to_json(part.seal)})
        elif isinstance(part, ToolCall):
            found.append({"call": True, **_seal_to_json(part.seal)})
    return found


def parts_from_json(
    records: Sequence[Mapping[str, Any]], calls: Sequence[ToolCall]
) -> tuple[Part, ...]:
    """Return the parts of records; `calls` are those of the turn, in order."""
    left = iter(calls)
    found: list[Part] = []
    for record in records:
        seal = Seal(**record["seal"]) if "seal" in record else None
        if "native" in record:
            found.append(Native(record["dialect"], record["native"]))
        elif "reasoning" in record:
            found.append(Reasoning(record["reasoning"], seal, record.get("redacted", False)))
        elif "text" in record:
            found.append(Text(record["text"], seal=seal))
        else:
            found.append(replace(next(left), seal=seal))
    return tuple(found)


def _seal_to_json(seal: Seal | None) -> dict[str, JSON]:
    return {} if seal is None else {"seal": asdict(seal)}
