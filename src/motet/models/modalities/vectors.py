"""Vectors as numbers or as base64 of little-endian 32-bit floats, as OpenAI sends them."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Sequence
from math import isfinite

from motet.core.errors import ProviderError
from motet.core.json import JSON

Vector = tuple[float, ...] | str
"""Numbers, or the same packed. Each form is kept until the other is asked for."""


def packed(vector: Vector) -> str:
    """Return a vector as base64."""
    if isinstance(vector, str):
        return vector
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def numbers(vector: Vector) -> tuple[float, ...]:
    """Return a vector as numbers. Raises `ProviderError` where it is not base64 of floats."""
    if not isinstance(vector, str):
        return vector
    try:
        data = base64.b64decode(vector, validate=True)
        found = struct.unpack(f"<{len(data) // 4}f", data)
    except (binascii.Error, struct.error) as error:
        raise ProviderError("a vector is not base64 of 32-bit floats", hint="try again") from error
    if not all(map(isfinite, found)):
        raise ProviderError("a vector holds what is no number", hint="try again")
    return found


def read_vector(value: JSON) -> Vector | None:
    """Return a vector of an answer, None for anything else."""
    if isinstance(value, str):
        return value
    if not isinstance(value, Sequence) or not value:
        return None
    found = [item for item in value if isinstance(item, int | float)]
    return tuple(found) if len(found) == len(value) and all(map(isfinite, found)) else None
