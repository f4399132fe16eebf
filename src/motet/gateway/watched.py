"""An answer that passes untouched while what it used is read off it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from motet.core.errors import ProviderError
from motet.core.json import dumps
from motet.gateway.frames import Frames, split
from motet.gateway.jobs import Received
from motet.models.dialects.registry import DIALECTS
from motet.models.failures import reported_failure
from motet.models.modalities.exchange import Spent
from motet.models.modalities.watch import Watch

EVENTS = "text/event-stream"


class Watched:
    """A `Passing` of server-sent events, event by event.

    A provider that does not stream sends all at once: then that passes, and `whole` reads it.
    """

    def __init__(self, head: Received, watch: Watch, whole: Callable[[Received], Spent]) -> None:
        """`whole` may raise `ProviderError`."""
        self.error: ProviderError | None = None
        self.content_type = head.content_type or "application/octet-stream"
        self._head = head
        self._watch = watch
        self._whole = whole
        self._events = head.content_type == EVENTS
        self._frames = Frames()
        self._pieces: list[bytes] = []
        self._spent: Spent | None = None

    @property
    def spent(self) -> Spent | None:
        """What the answer told."""
        return self._watch.spent if self._events else self._spent

    @property
    def complete(self) -> bool:
        """Whether its last event has come; of a whole answer, whether all of it was read."""
        return self._watch.complete if self._events else self._spent is not None

    def feed(self, piece: bytes) -> bytes:
        """Read a piece and give back whole events, up to an error. Raises ValueError."""
        if not self._events:
            return self._collected(piece)
        if not piece:
            return self._last()
        passed: list[bytes] = []
        for event in split(self._frames.feed(piece)):
            self._watch.feed(event)
            if self._failed():
                break
            passed.append(event)
        return b"".join(passed)

    def broken(self, message: str) -> bytes:
        """Return an error event as OpenAI sends it."""
        return error_event(message) if self._events else b""

    def _last(self) -> bytes:
        """Return an event that lacks its empty line, but no half one."""
        rest = self._frames.rest()
        self._watch.feed(rest)
        self._watch.feed(b"")
        return rest if self._watch.complete and not self._failed() else b""

    def _failed(self) -> bool:
        if self._watch.error is not None:
            where, key = self._head.where, self._head.key
            self.error = reported_failure(self._watch.error, where=where, key=key)
        return self.error is not None

    def _collected(self, piece: bytes) -> bytes:
        if piece:
            self._pieces.append(piece)
            return b""
        body = b"".join(self._pieces)
        try:
            self._spent = self._whole(replace(self._head, body=body))
        except ProviderError as error:
            self.error = error
            return b""
        return body


def error_event(message: str) -> bytes:
    """Return the event that tells OpenAI's clients that a stream broke off."""
    return f"data: {dumps(DIALECTS['openai'].error(502, message, 'provider', None))}\n\n".encode()
