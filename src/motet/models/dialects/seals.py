"""Seals in the words of another dialect, so that they come back to who wrote them.

A client echoes a seal without reading it. One that its own dialect would read travels as it
is, every other in an envelope: `motet:DIALECT:VALUE`, with `DIALECT#ID` where the item has an
id. Gemini takes base64 alone, so there the envelope is base64 of that.
"""

from __future__ import annotations

import base64
import binascii

from motet.core.chat import Seal

_MARK = "motet:"
_BASE64 = "gemini"


def sealed(seal: Seal | None, dialect: str) -> str | None:
    """Return the text by which a seal travels in `dialect`, None for no seal."""
    if seal is None:
        return None
    if seal.dialect == dialect and not seal.value.startswith(_MARK):
        return seal.value
    owner = seal.dialect if seal.id is None else f"{seal.dialect}#{seal.id}"
    envelope = f"{_MARK}{owner}:{seal.value}"
    return base64.b64encode(envelope.encode()).decode() if dialect == _BASE64 else envelope


def unsealed(text: str, dialect: str) -> Seal:
    """Return the seal that came as `text` in `dialect`; what is no envelope is its own."""
    envelope = _decoded(text) if dialect == _BASE64 else text
    if not envelope.startswith(_MARK):
        return Seal(dialect, text)
    owner, colon, value = envelope.removeprefix(_MARK).partition(":")
    name, _, id = owner.partition("#")
    return Seal(name, value, id or None) if colon and name else Seal(dialect, text)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return text
