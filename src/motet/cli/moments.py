"""Points in time and amounts as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from motet.core.clock import now
from motet.core.errors import UsageError

_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN = re.compile(r"(\d+)([mhdw])")


def moment(text: str, where: str, *, ahead: bool) -> float:
    """Return a date, an instant (UTC) or a span from now (30m, 12h, 7d, 4w) in epoch seconds.

    A span leads into the past, or `ahead`. Raises `UsageError`.
    """
    span = _SPAN.fullmatch(text)
    if span is not None:
        seconds = int(span[1]) * _UNITS[span[2]]
        return now() + seconds if ahead else now() - seconds
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"this is no time: {text}", where=where, hint="expected 7d, 12h or 2026-01-31"
        ) from error
