"""Time: wall clock for people, monotone clock for durations."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> float:
    """Seconds since the Unix epoch."""
    return time.time()


def tick() -> float:
    """Seconds on a clock that never jumps, for durations only."""
    return time.perf_counter()


def iso(seconds: float) -> str:
    """An RFC 3339 instant in UTC with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
