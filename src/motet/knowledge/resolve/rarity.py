"""How much a word tells: rare ones much, common ones little."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from motet.knowledge.resolve.records import Record, content

_COMMON = frozenset(
    """a an and the of for in on at to by with from de la le les el los las der die das und et y
    inc incorporated ltd limited llc llp plc corp corporation co company gmbh ag sa sas sarl srl
    bv nv kg oy ab spa pty group holding holdings international the mr mrs ms dr prof jr
    sr""".split()
)


class Rarity(Protocol):
    """Says how much a token of a field tells, 0 to 1."""

    def weight(self, field: str, token: str) -> float:
        """Return the weight of a token."""
        ...


class Fixed:
    """Weights that depend on nothing but the token, so that a score never changes later."""

    def weight(self, field: str, token: str) -> float:
        """Return the weight of a token."""
        if token in _COMMON:
            return 0.15
        return 0.5 if len(token) == 1 else 1.0


class Counted:
    """Weights by the share of records whose field holds the token (inverse frequency)."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._counts: dict[str, Counter[str]] = {}
        self._size = 0
        for record in records:
            self._size += 1
            for name, text in record.fields.items():
                self._counts.setdefault(name, Counter()).update(set(content(text).tokens))
        self._scale = math.log(self._size + 1) or 1.0

    def weight(self, field: str, token: str) -> float:
        """Return the weight of a token; one never seen weighs as the rarest."""
        count = self._counts.get(field, Counter[str]())[token]
        return math.log((self._size + 1) / (count + 0.5)) / self._scale if count else 1.0
