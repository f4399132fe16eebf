"""The last requests of this process, for who watches live."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from motet.gateway.ledger.entry import Entry

KEPT = 1000


class Recent:
    """A ring of the last entries; `since` tells them apart from those already seen."""

    def __init__(self, kept: int = KEPT) -> None:
        self._entries: deque[tuple[int, Entry]] = deque(maxlen=kept)
        self.listener: Callable[[Entry], None] | None = None
        """Hears of every entry, at once."""
        self._count = 0

    def add(self, entry: Entry) -> None:
        """Add one."""
        self._count += 1
        self._entries.append((self._count, entry))
        if self.listener is not None:
            self.listener(entry)

    def since(self, number: int = 0) -> tuple[int, Sequence[Entry]]:
        """Return the number of the last entry and the entries after `number` still kept."""
        return self._count, [entry for at, entry in self._entries if at > number]
