"""An answer in another dialect than the client's: read, and written anew."""

from __future__ import annotations

from collections.abc import Iterable

from motet.core.chat import ChatEvent
from motet.core.errors import ProviderError
from motet.gateway.redaction import Redaction
from motet.gateway.rendering import Rendering, Screen
from motet.models.dialects.dialect import AnswerReader, AnswerWriter
from motet.models.sse import ServerSentEvent, SSEParser


class Translation(Rendering):
    """An `Answering` across dialects, or within one where a screen must read along."""

    def __init__(
        self,
        reader: AnswerReader,
        writer: AnswerWriter,
        *,
        stream: bool,
        lost: tuple[str, ...] = (),
        screen: Screen | None = None,
        key: str = "",
    ) -> None:
        """`lost` is what the request could not carry; `key` is the provider's, never passed on."""
        super().__init__(writer, stream=stream, lost=lost, screen=screen)
        self._reader = reader
        self._redaction = Redaction(key)
        self._parser = SSEParser()
        self._pieces: list[bytes] = []

    def feed(self, data: bytes) -> bytes:
        """Return the client's bytes for a piece of the provider's. Raises `ProviderError`."""
        self._size += len(data)
        if not self._stream:
            self._pieces.append(data)
            return b""
        return b"".join(self._sent(each) for each in self._parser.feed(data))

    def end(self) -> bytes:
        """Return the last bytes. Raises `ProviderError` where the answer has no end."""
        if not self._stream:
            return self.whole(b"".join(self._pieces))
        said = b"".join(self._sent(each) for each in self._parser.close())
        return said if self.complete else said + self.write([self._reader.finish()])

    def whole(self, body: bytes) -> bytes:
        """Return the client's bytes for an answer in one piece, also where it wants a stream."""
        try:
            return self.write(self._reader.whole(self._redaction.data(body)))
        except ProviderError as error:
            self.error = error.message
            raise

    def _sent(self, sent: ServerSentEvent) -> bytes:
        if self.complete:
            return b""
        try:
            return self.write(self._events_of(sent))
        except ProviderError as error:
            self.error = error.message
            raise

    def _events_of(self, sent: ServerSentEvent) -> Iterable[ChatEvent]:
        sent = ServerSentEvent(sent.type, self._redaction.text(sent.data))
        events = self._reader.chunk(sent)
        if not self._reader.is_last(sent):
            return events
        return [*events, self._reader.finish(declared=True)]
