"""Identifiers: sortable by time for runs, content hashes for versions."""

from __future__ import annotations

import hashlib
import random
import time


def new_id(prefix: str) -> str:
    """Return `prefix_` and 24 hex digits: 44 bits of milliseconds, then 52 random bits."""
    millis = int(time.time() * 1000) & ((1 << 44) - 1)
    # Unique, no secret: a system call for each would cost more than the request it names.
    return f"{prefix}_{(millis << 52) | random.getrandbits(52):024x}"


def new_trace() -> str:
    """Return a trace id as W3C Trace Context has it: 32 hex digits, not all zero."""
    return f"{random.getrandbits(128) or 1:032x}"


def sha256(data: bytes) -> str:
    """Return the SHA-256 of the bytes as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()
