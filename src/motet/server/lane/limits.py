"""How much the lane holds and how long it waits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes and seconds; times are checked every `tick` seconds."""

    head: int = 64 << 10
    """Bytes of a request's or an answer's head."""
    body: int = 16 << 20
    """Bytes of a request's body; a longer one takes the ordinary path."""
    collected: int = 64 << 20
    """Bytes of an answer that is collected before it is sent."""
    ahead: int = 64 << 10
    """Bytes that a client may send ahead of the answer it waits for."""
    request: float = 60.0
    """Seconds without a byte while a request is incomplete or none has come yet."""
    stalled: float = 300.0
    """Seconds that a client may leave its answer unread."""
    spare: float = 30.0
    """Seconds that an unused upstream connection is kept."""
    again: float = 1.0
    """Seconds within which a reused connection that closes without a word was stale."""
    tick: float = 0.5
