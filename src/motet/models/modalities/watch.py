"""What a stream used, read off its events while its bytes pass on untouched."""

from __future__ import annotations

from collections.abc import Callable

from motet.core.json import JSON, loads
from motet.models.modalities.exchange import Fields, Spent
from motet.models.sse import SSEParser


class Watch:
    """Reads server-sent events; `spent` is None until the last one has come, `complete` not."""

    def __init__(self, read: Callable[[JSON], Spent], *ends: str) -> None:
        """`read` takes the `usage` of the events whose types end in one of `ends`."""
        self._read = read
        self._ends = ends
        self._parser = SSEParser()
        self.spent: Spent | None = None
        self.error: Fields | None = None
        self.complete = False

    def feed(self, piece: bytes) -> list[Fields]:
        """Take bytes as they come, none at the end; return the events they complete.

        Raises ValueError for an event that is too large.
        """
        found: list[Fields] = []
        for sent in self._parser.feed(piece) if piece else self._parser.close():
            if sent.data.strip() == "[DONE]":
                self.complete = True
            try:
                value = loads(sent.data)
            except ValueError:
                continue
            if not isinstance(value, dict):
                continue
            kind = value.get("type")
            if value.get("error") or sent.type == "error" or kind == "error":
                self.error = value
            if isinstance(kind, str) and kind.endswith(self._ends):
                self.complete = True
                self.spent = self._read(value.get("usage"))
            found.append(value)
        return found
