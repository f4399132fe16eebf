"""Thought signatures (https://ai.google.dev/gemini-api/docs/thought-signatures) as seals."""

from __future__ import annotations

import base64

from motet.core.chat import Seal
from motet.models.dialects.seals import unsealed

NAME = "gemini"
UNSIGNED = base64.b64encode(b"skip_thought_signature_validator").decode()
"""What Google documents for calls that came from elsewhere, where a signature must be."""

_STANDARD = str.maketrans("-_", "+/")


def seal_of(signature: str | None) -> Seal | None:
    """Return the seal of a part; official clients may have changed the base64 alphabet."""
    if not signature:
        return None
    standard = signature.translate(_STANDARD)
    if standard == UNSIGNED:
        return None
    seal = unsealed(standard, NAME)
    return Seal(NAME, signature) if seal == Seal(NAME, standard) else seal
