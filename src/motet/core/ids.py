"""Identifiers: sortable by time for runs, content hashes for versions."""

from __future__ import annotations

import hashlib
import os
import time


def new_id(prefix: str) -> str:
    """Return `prefix_` and 24 hex digits: 44 bits of milliseconds, then 52 random bits."""
    millis = int(time.time() * 1000) & ((1 << 44) - 1)
    noise = int.from_bytes(os.urandom(7)) & ((1 << 52) - 1)
    return f"{prefix}_{(millis << 52) | noise:024x}"


def sha256(data: bytes) -> str:
    """Return the SHA-256 of the bytes as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()
