"""The dialect of `POST /v1/messages`, both sides."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import ChatRequest
from motet.core.json import JSON
from motet.models.dialects.anthropic import failures
from motet.models.dialects.anthropic.answer_reader import MessageReader
from motet.models.dialects.anthropic.answer_writer import MessageWriter
from motet.models.dialects.anthropic.own import NAME
from motet.models.dialects.anthropic.request_reader import read_request
from motet.models.dialects.anthropic.request_writer import write_request
from motet.models.dialects.dialect import AnswerReader, AnswerWriter, Dialect, Incoming, Outgoing

VERSION = "2023-06-01"


class Messages:
    """Anthropic messages; a `Dialect`."""

    name = NAME

    def headers(self, key: str) -> Mapping[str, str]:
        """Return the headers that carry the key and the version; without a key only the latter."""
        version = {"anthropic-version": VERSION}
        return {"x-api-key": key, **version} if key else version

    def outgoing(self, request: ChatRequest, model: str, *, stream: bool) -> Outgoing:
        """Write a request; `max_tokens`, which the API requires, is filled in where none is."""
        return write_request(request, model, stream=stream)

    def reader(self, where: str, key: str = "") -> AnswerReader:
        """Return a reader for one answer; `where` names the model in errors, without the key."""
        return MessageReader(where, key)

    def incoming(self, body: Mapping[str, JSON]) -> Incoming:
        """Read a client's request. Raises `BadRequest` with the argument at fault."""
        return read_request(body)

    def writer(self, incoming: Incoming, *, id: str, created: int) -> AnswerWriter:
        """Return a writer for one answer; `id` is ours, used where the answer has none."""
        return MessageWriter(incoming.model, id)

    def error(
        self, status: int, message: str, code: str | None, param: str | None = None
    ) -> Mapping[str, JSON]:
        """Return the body of an error."""
        return failures.error_body(status, message, param)


DIALECT: Dialect = Messages()
