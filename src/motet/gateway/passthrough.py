"""An answer in the client's own dialect: it passes as it comes, and is read on its way."""

from __future__ import annotations

from collections.abc import Callable

from motet.core.chat import ChatEvent, ChatResponse, Usage
from motet.gateway.frames import Frames
from motet.gateway.meter import Meter
from motet.gateway.redaction import Redaction
from motet.models.assembly import assemble
from motet.models.dialects.dialect import AnswerReader, AnswerWriter
from motet.models.sse import SSEParser


class Passthrough:
    """An `Answering` that changes nothing but a usage event which the client did not ask for.

    The provider's key is never passed on.
    """

    __slots__ = (
        "_frames",
        "_keeps",
        "_pieces",
        "_redaction",
        "_stream",
        "_writer",
        "lost",
        "meter",
    )

    def __init__(
        self,
        dialect: str,
        writer: Callable[[], AnswerWriter],
        stream: bool,
        *,
        drop_usage: bool = False,
        keeps: bool = False,
        key: str = "",
    ) -> None:
        """`writer` gives who words what must be said in-band where the answer breaks off.

        `keeps` holds a stream's bytes for `events`; those of a whole answer are held anyway.
        """
        self.meter = Meter(dialect, drop_usage=drop_usage)
        self.lost: tuple[str, ...] = ()
        self._writer = writer
        self._stream = stream
        self._keeps = keeps
        self._redaction = Redaction(key)
        self._frames = Frames()
        self._pieces: list[bytes] = []

    @property
    def usage(self) -> Usage | None:
        """What the provider counted."""
        return self.meter.usage

    @property
    def complete(self) -> bool:
        """Whether the answer came to its end."""
        return self.meter.complete

    @property
    def error(self) -> str | None:
        """What the provider reported within the answer."""
        return self.meter.error

    @property
    def model(self) -> str | None:
        """The model that the provider says it used."""
        return self.meter.model

    @property
    def upstream_id(self) -> str | None:
        """The provider's id of the answer."""
        return self.meter.id

    @property
    def seen(self) -> tuple[int, int]:
        """The content events and bytes that came."""
        return self.meter.events, self.meter.size

    @property
    def content_type(self) -> bytes:
        """The content type for the client."""
        return b"text/event-stream; charset=utf-8" if self._stream else b"application/json"

    def feed(self, data: bytes) -> bytes:
        """Return the client's bytes for a piece of the provider's. Raises ValueError."""
        if self._stream:
            block = self._redaction.data(self._frames.feed(data))
            if self._keeps:
                self._pieces.append(block)
            return self.meter.feed(block) if block else b""
        self._pieces.append(data)
        return b""

    def end(self) -> bytes:
        """Return the last bytes, of a whole answer all.

        Half an event of an answer that broke off is kept back.
        """
        if not self._stream:
            body = self._redaction.data(b"".join(self._pieces))
            self.meter.whole(body)
            return body
        rest = self._redaction.data(self._frames.rest())
        said = self.meter.feed(rest) if rest else b""
        return said if self.meter.complete else b""

    def answer(self, reader: AnswerReader) -> ChatResponse | None:
        """Return what was answered as far as it was held, None where it was not or breaks off."""
        if not self.meter.complete or not self._pieces:
            return None
        body = b"".join(self._pieces)
        if not self._stream:
            return assemble(reader.whole(body))
        parser, events = SSEParser(), list[ChatEvent]()
        for sent in (*parser.feed(body), *parser.close()):
            events += reader.chunk(sent)
            if reader.is_last(sent):
                break
        return assemble([*events, reader.finish(declared=True)])

    def broken(self, message: str) -> bytes:
        """Return the event that says so; nothing can be said within a whole answer."""
        return self._writer().failure(502, message, "provider") if self._stream else b""
