"""What a stream used, read off its events while its bytes pass on untouched."""

from __future__ import annotations

from collections.abc import Callable

from motet.core.json import JSON, loads
from motet.models.modalities.exchange import Fields, Spent
from motet.models.sse import SSEParser


class Watch:
    """Reads server-sent events; `spent` is None until the last one has come."""

    def __init__(self, read: Callable[[JSON], Spent], *ends: str) -> None:
        """`read` takes the `usage` of the events whose types end in one of `ends`."""
        self._read = read
        self._ends = ends
        self._parser = SSEParser()
        self.spent: Spent | None = None
        self.error: Fields | None = None

    def feed(self, piece: bytes) -> list[Fields]:
        """Take bytes as they come, none at the end; return the events they complete.

        Raises ValueError for an event that is too large.
        """
        found: list[Fields] = []
        for sent in self._parser.feed(piece) if piece else self._parser.close():
            try:
                value = loads(sent.data)
            except ValueError:
                continue  # such as [DONE]
            if not isinstance(value, dict):
                continue
            kind = value.get("type")
            if value.get("error"):
                self.error = value
            if isinstance(kind, str) and kind.endswith(self._ends):
                self.spent = self._read(value.get("usage"))
            found.append(value)
        return found
