"""The headers that tell a client who answered, and what was lost on the way."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from motet.gateway.attempt import Attempt
from motet.gateway.guards.screening import heading

REQUEST = "x-motet-request"
_LONGEST = 1000


def headings(attempt: Attempt) -> dict[str, str]:
    """Return the headers of an attempt's answer, printable whatever names hold."""
    found = {
        REQUEST: attempt.asked.id,
        "x-motet-model": _printable(attempt.model.name),
    }
    if attempt.number > 1:
        found["x-motet-attempt"] = str(attempt.number)
    if attempt.asked.screening is not None:
        side = attempt.screen.side if attempt.screen is not None else None
        if guard := heading(attempt.asked.screening.request, side):
            found["x-motet-guard"] = guard
    if attempt.answering.lost:
        found["x-motet-lost"] = quote(", ".join(attempt.answering.lost), safe="/:@+ ,.[]_")[
            :_LONGEST
        ]
    return found


@lru_cache(maxsize=1024)
def _printable(name: str) -> str:
    return quote(name, safe="/:@+ ")
