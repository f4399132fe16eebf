"""OpenAI's Responses API as a dialect.

https://platform.openai.com/docs/api-reference/responses
"""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import ChatRequest
from motet.core.json import JSON
from motet.models.dialects.dialect import AnswerReader, AnswerWriter, Dialect, Incoming, Outgoing
from motet.models.dialects.openai.failures import failure
from motet.models.dialects.responses.incoming import read_request
from motet.models.dialects.responses.outgoing import written_request
from motet.models.dialects.responses.reader import ResponseReader
from motet.models.dialects.responses.sealing import NAME
from motet.models.dialects.responses.writer import ResponseWriter


class Responses:
    """The dialect; it has no state."""

    @property
    def name(self) -> str:
        """Its name."""
        return NAME

    def headers(self, key: str) -> Mapping[str, str]:
        """Return the header that carries the key."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    def outgoing(self, request: ChatRequest, model: str, *, stream: bool) -> Outgoing:
        """Write a request. Raises `UsageError` for a tool's answer that names no call."""
        return written_request(request, model, stream=stream)

    def reader(self, where: str, key: str = "") -> AnswerReader:
        """Return a reader for one answer; `where` names the model in errors, without the key."""
        return ResponseReader(where, key)

    def incoming(self, body: Mapping[str, JSON]) -> Incoming:
        """Read a client's request. Raises `BadRequest` with the argument at fault."""
        return read_request(body)

    def writer(self, incoming: Incoming, *, id: str, created: int) -> AnswerWriter:
        """Return a writer for one answer; `id` is ours, used where the answer has none."""
        return ResponseWriter(incoming, id=id, created=created)

    def error(
        self, status: int, message: str, code: str | None, param: str | None = None
    ) -> Mapping[str, JSON]:
        """Return the body of an error."""
        return failure(status, message, code, param)


DIALECT: Dialect = Responses()
