"""Everything that detectors find in a text, read whole or as it comes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from motet.gateway.guards.finding import Family, Found, Group, Looked, Rest

CONTEXT = 3
"""Characters before a place that decide whether something may begin there."""


@cache
def families(groups: frozenset[Group]) -> tuple[Family, ...]:
    """Return the detectors of some groups; of two finds at one place the first one counts."""
    # Imported when something is guarded: they are many patterns.
    from motet.gateway.guards.injection import INJECTION
    from motet.gateway.guards.personal import PERSONAL
    from motet.gateway.guards.secrets import SECRETS

    known: dict[Group, tuple[Family, ...]] = {
        "secrets": SECRETS,
        "pii": PERSONAL,
        "injection": INJECTION,
    }
    return tuple(family for group, found in known.items() if group in groups for family in found)


class Hunt:
    """Gives a text's finds one after the other."""

    def __init__(self, text: str, among: Sequence[Family], start: int) -> None:
        looked = Looked(text)
        self._text = text
        self._searches = [(family, family.seek(looked, start)) for family in among]
        self._nexts = [family.find(text, places, start) for family, places in self._searches]

    def next(self, start: int) -> Found | None:
        """Return what begins first from a place on, which never lies before an earlier one."""
        for at, found in enumerate(self._nexts):
            if found is not None and found.since < start:
                family, places = self._searches[at]
                self._nexts[at] = family.find(self._text, places, start)
        return min((each for each in self._nexts if each is not None), key=_since, default=None)


def _since(found: Found) -> int:
    return found.since


def open_from(text: str, among: Sequence[Family], start: int) -> int:
    """Return the first place from `start` on where more text could make or change a find."""
    return max(start, min((family.open(text) for family in among), default=len(text)))


@cache
def _kinds(rest: Rest) -> re.Pattern[str]:
    return re.compile(f"[{rest.kinds}]*")


def taken(rest: Rest, before: str, text: str, start: int) -> int | None:
    """Return where a find's rest ends in a text that goes on with it, None where it goes on.

    `before` is what was taken already.
    """
    match = _kinds(rest).match(text, start)
    assert match is not None
    end = match.end()
    if rest.until:
        tail = before[-len(rest.until) + 1 :]
        place = (tail + text[start:end]).find(rest.until)
        if place >= 0:
            return start + place + len(rest.until) - len(tail)
    return end if end < len(text) else None
