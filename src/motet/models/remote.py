"""Chat models behind HTTP, whoever serves them and in whatever dialect."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager

from motet.core.chat import ChatEvent, ChatRequest, ChatResponse
from motet.core.errors import ProviderError, UsageError
from motet.core.json import dumps
from motet.models.assembly import assemble
from motet.models.dialects.dialect import AnswerReader
from motet.models.failures import status_failure
from motet.models.http import Answer, post
from motet.models.sse import ServerSentEvent, SSEParser
from motet.models.target import Target

_LINGER = 0.25


class RemoteChat:
    """The chat model of a target, spoken to in one of its dialects; a `ChatModel`."""

    def __init__(self, target: Target, dialect: str | None = None) -> None:
        """Describe the model; nothing is connected yet. The preferred dialect is the default."""
        self.target = target
        self.name = target.name
        self._dialect = target.spoken(dialect)

    def missing_key(self) -> str | None:
        """Return why there is no usable key, None where there is one or none is needed."""
        return self.target.missing_key()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """Stream the answer; `Finished` comes last.

        Leaving early (`aclose`, cancellation) closes the connection to the provider.
        Raises `ProviderError`; `UsageError` where the key is missing.
        """
        key = self.target.secret()
        reader = self._dialect.reader(self.name, key)
        async with self._post(request, key, stream=True) as answer:
            await self._check(answer, key)
            if answer.in_one_piece:
                # Some servers do not stream with tools; they answer in one piece.
                for event in reader.whole(await answer.body()):
                    yield event
                return
            parser = SSEParser()
            while True:
                piece = await _next_piece(answer, reader)
                for sent in self._parsed(parser, piece):
                    for event in reader.chunk(sent):
                        yield event
                    if reader.is_last(sent):
                        yield reader.finish(declared=True)
                        await _read_to_end(answer)
                        return
                if not piece:
                    break
        yield reader.finish()

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """Return the whole answer, equal to the assembled stream. Raises as `stream` does."""
        key = self.target.secret()
        reader = self._dialect.reader(self.name, key)
        async with self._post(request, key, stream=False) as answer:
            await self._check(answer, key)
            return assemble(reader.whole(await answer.body()))

    def _post(
        self, request: ChatRequest, key: str, *, stream: bool
    ) -> AbstractAsyncContextManager[Answer]:
        outgoing = self._dialect.outgoing(request, self.target.model, stream=stream)
        try:
            data = dumps(outgoing.body).encode()
        except ValueError as error:
            raise UsageError(f"the request cannot be written as JSON: {error}") from error
        accept = {"Accept": "text/event-stream" if stream else "application/json"}
        headers = {**accept, **self._dialect.headers(key), **outgoing.headers}
        url = self.target.base_url + outgoing.path
        return post(url, data, headers, where=self.name, timeouts=self.target.timeouts)

    async def _check(self, answer: Answer, key: str) -> None:
        if not 200 <= answer.status < 300:
            body = await answer.body()
            raise status_failure(answer.status, answer.headers, body, where=self.name, key=key)

    def _parsed(self, parser: SSEParser, piece: bytes) -> list[ServerSentEvent]:
        try:
            return parser.feed(piece) if piece else parser.close()
        except ValueError as error:
            raise ProviderError(str(error), where=self.name, hint="try again") from error


async def _next_piece(answer: Answer, reader: AnswerReader) -> bytes:
    try:
        return await answer.read()
    except ProviderError:
        # Once the finish reason is here, nothing of the answer can be lost, only its usage.
        if not reader.ended:
            raise
        return b""


async def _read_to_end(answer: Answer) -> None:
    """Read the few bytes behind the last event, so that the connection can be used again."""
    try:
        while await answer.read(_LINGER):
            pass
    except ProviderError:
        return
