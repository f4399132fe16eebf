"""Who hears of every attempt as it ends."""

from __future__ import annotations

from collections.abc import Callable

from motet.gateway.ledger.entry import Entry


class Ends:
    """Tells one listener, where there is one; whoever looks later finds all in the ledger."""

    def __init__(self) -> None:
        self.listener: Callable[[Entry], None] | None = None

    def tell(self, entry: Entry) -> None:
        """Tell of an attempt's end, at once."""
        if self.listener is not None:
            self.listener(entry)
