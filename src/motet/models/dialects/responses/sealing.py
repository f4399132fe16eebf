"""Seals of items: their ids, and what they hold that nobody but the provider can read.

An item's id is the seal's `id`. The seal's value is `encrypted_content` for reasoning, the
`phase` of a message, or one of two words for what the canonical parts do not tell apart:
`refusal` for a refusal, `reasoning_text` for thoughts shown as they are, not as a summary.

What is written to a client has ids in any case. Those that nobody gave are made, can be told
by their form, and mean nothing when they come back. A seal that the item does not tell by
its id and phase travels beside it as `encrypted_content`, as that of reasoning does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from motet.core.chat import Seal
from motet.core.ids import sha256
from motet.core.json import JSON
from motet.models.dialects.seals import sealed, unsealed

NAME = "responses"
REFUSAL = "refusal"
RAW = "reasoning_text"
_MADE = re.compile(r"[a-z]+_motet_[0-9a-f]{16}_\d+")


class ItemIds:
    """Gives each item of one answer an id; no two are the same."""

    def __init__(self, answer: str) -> None:
        """Start; made ids depend on the answer's id alone."""
        self._answer = sha256(answer.encode())[:16]
        self._given: set[str] = set()

    def give(self, seal: Seal | None, prefix: str) -> str:
        """Return the id that the seal names if it is free, else one that starts with `prefix`."""
        named = own(seal)
        wanted = named.id if named is not None else None
        made = f"{prefix}_motet_{self._answer}_{len(self._given)}"
        id = wanted if wanted and wanted not in self._given else made
        self._given.add(id)
        return id


def own(seal: Seal | None) -> Seal | None:
    """Return the seal if this dialect's providers can read it."""
    return seal if seal is not None and seal.dialect == NAME else None


def provider_id(id: JSON) -> str | None:
    """Return an item's id, None for one that we made."""
    return id if isinstance(id, str) and id and not _MADE.fullmatch(id) else None


def told_seal(id: JSON, value: str) -> Seal | None:
    """Return the seal that an item tells by its id and by its phase or kind."""
    known = provider_id(id)
    return Seal(NAME, value, known) if value or known else None


def read_seal(item: Mapping[str, JSON], value: str = "", *, id: JSON = None) -> Seal | None:
    """Return the seal of an item or of a content; `value` is what it tells by itself."""
    known = provider_id(item.get("id") or id)
    hidden = item.get("encrypted_content")
    if not isinstance(hidden, str) or not hidden:
        return told_seal(known, value)
    seal = unsealed(hidden, NAME)
    return Seal(NAME, seal.value, known) if own(seal) and seal.id is None else seal


def hidden_seal(seal: Seal | None, told: Seal | None) -> str | None:
    """Return the `encrypted_content` that says a seal where the item tells another."""
    return None if seal is None or seal == told else sealed(seal, "")


def encrypted_content(seal: Seal | None, id: str) -> str | None:
    """Return the `encrypted_content` of the reasoning item `id`."""
    if seal is not None and seal.dialect == NAME and seal.id not in (id, None):
        return sealed(seal, "")
    return sealed(seal, NAME) or None


def is_refusal(seal: Seal | None) -> bool:
    """Whether the text of this seal is a refusal."""
    known = own(seal)
    return known is not None and known.value == REFUSAL


def is_raw(seal: Seal | None) -> bool:
    """Whether the thoughts of this seal are shown as they are, not as a summary."""
    known = own(seal)
    return known is not None and known.value == RAW


def phase(seals: Iterable[Seal | None]) -> str | None:
    """Return the phase of a message whose texts have these seals."""
    values = (seal.value for seal in map(own, seals) if seal is not None)
    return next((value for value in values if value and value != REFUSAL), None)


def message_key(seal: Seal | None) -> tuple[str, str]:
    """Return what the texts of one message have in common: its id, else its phase."""
    known = own(seal)
    if known is None:
        return "", ""
    return (known.id, "") if known.id else ("", phase([known]) or "")
