"""The dialect `openai`, in the flavours that servers speak it in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from motet.core.chat import ChatRequest
from motet.core.json import JSON
from motet.models.dialects.dialect import Incoming, Outgoing
from motet.models.dialects.openai.answer_reader import CompletionReader
from motet.models.dialects.openai.answer_writer import CompletionWriter
from motet.models.dialects.openai.failures import failure
from motet.models.dialects.openai.request_reader import read_request
from motet.models.dialects.openai.request_writer import write_request
from motet.models.providers import Flavour


class OpenAIDialect:
    """Chat completions; the flavour decides what a server is sent. A `Dialect`."""

    name = "openai"

    def __init__(self, flavour: Flavour) -> None:
        """Speak it as `flavour` says; what is read does not depend on it."""
        self.flavour: Flavour = flavour

    def headers(self, key: str) -> Mapping[str, str]:
        """Return the header that carries the key."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    def outgoing(self, request: ChatRequest, model: str, *, stream: bool) -> Outgoing:
        """Write a request; `request.extra` never overrides what it says elsewhere."""
        return write_request(request, model, self.flavour, stream=stream)

    def reader(self, where: str, key: str = "") -> CompletionReader:
        """Return a reader for one completion."""
        return CompletionReader(where, key)

    def incoming(self, body: Mapping[str, JSON]) -> Incoming:
        """Read a client's request. Raises `BadRequest`."""
        return read_request(body)

    def writer(self, incoming: Incoming, *, id: str, created: int) -> CompletionWriter:
        """Return a writer for one completion; `created` is a Unix time."""
        return CompletionWriter(incoming, id, created)

    def error(
        self, status: int, message: str, code: str | None, param: str | None = None
    ) -> Mapping[str, JSON]:
        """Return the body of an error."""
        return failure(status, message, code, param)


FLAVOURS: Mapping[Flavour, OpenAIDialect] = {
    flavour: OpenAIDialect(flavour) for flavour in get_args(Flavour)
}
DIALECT = FLAVOURS["openai"]
