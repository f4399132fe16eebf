"""Chat models behind OpenAI's chat completions protocol, whoever serves it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Literal

from motet.core.chat import (
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Message,
    NamedTool,
    ToolChoice,
    ToolSpec,
)
from motet.core.errors import ProviderError, UsageError
from motet.core.json import JSON, dumps
from motet.models.assembly import assemble
from motet.models.completion import CompletionReader
from motet.models.failures import status_failure
from motet.models.http import Answer, Timeouts, post
from motet.models.sse import SSEParser
from motet.models.target import target

Dialect = Literal["openai", "compatible"]
"""`openai`: `max_completion_tokens` and the developer role; `compatible`: what all servers know."""

_LINGER = 0.25


class OpenAIChat:
    """A chat model at `base_url`; a `ChatModel`."""

    def __init__(
        self,
        name: str,
        model: str,
        base_url: str,
        key: Callable[[], str] | None = None,
        *,
        dialect: Dialect = "compatible",
        timeouts: Timeouts | None = None,
    ) -> None:
        """Describe the model; nothing is connected yet.

        `name` is how it is declared, `model` what the server calls it. `key` is called
        for each request, so a missing key is an error when the model is used, not before.
        """
        self.name = name
        self.model = model
        self.base_url = base_url.rstrip("/")
        self._key = key
        self._dialect: Dialect = dialect
        self._timeouts = timeouts or Timeouts()

    def missing_key(self) -> str | None:
        """Return why there is no usable key, None where there is one or none is needed."""
        try:
            if self._key is not None:
                self._key()
        except UsageError as error:
            return error.message
        return None

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """Stream the answer; `Finished` comes last.

        Leaving early (`aclose`, cancellation) closes the connection to the provider.
        Raises `ProviderError`; `UsageError` where the key is missing.
        """
        key = self._key() if self._key else ""
        reader = CompletionReader(self.name, key)
        async with self._post(request, key, stream=True) as answer:
            await self._check(answer, key)
            if answer.content_type in ("application/json", "text/html"):
                # Some servers do not stream with tools; they answer in one piece.
                for event in reader.whole(await answer.body()):
                    yield event
                return
            parser = SSEParser()
            while True:
                piece = await _next_piece(answer, reader)
                for sent in parser.feed(piece) if piece else parser.close():
                    if sent.data == "[DONE]":
                        yield reader.finish(declared=True)
                        await _read_to_end(answer)
                        return
                    for event in reader.chunk(sent):
                        yield event
                if not piece:
                    break
        yield reader.finish()

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """Return the whole answer, equal to the assembled stream. Raises as `stream` does."""
        key = self._key() if self._key else ""
        reader = CompletionReader(self.name, key)
        async with self._post(request, key, stream=False) as answer:
            await self._check(answer, key)
            return assemble(reader.whole(await answer.body()))

    def _post(
        self, request: ChatRequest, key: str, *, stream: bool
    ) -> AbstractAsyncContextManager[Answer]:
        body = request_body(request, self.model, self._dialect, stream=stream)
        try:
            data = dumps(body).encode()
        except ValueError as error:
            raise UsageError(f"the request cannot be written as JSON: {error}") from error
        headers = {"Accept": "text/event-stream" if stream else "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        url = f"{self.base_url}/chat/completions"
        return post(url, data, headers, where=self.name, timeouts=self._timeouts)

    async def _check(self, answer: Answer, key: str) -> None:
        if not 200 <= answer.status < 300:
            body = await answer.body()
            raise status_failure(answer.status, answer.headers, body, where=self.name, key=key)


async def _next_piece(answer: Answer, reader: CompletionReader) -> bytes:
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


def request_body(
    request: ChatRequest, model: str, dialect: Dialect, *, stream: bool
) -> dict[str, JSON]:
    """Return the JSON object that asks for the completion; `request.extra` never overrides."""
    body: dict[str, JSON] = {
        **request.extra,
        "model": model,
        "messages": [_message(message, dialect) for message in request.messages],
    }
    limit = "max_completion_tokens" if dialect == "openai" else "max_tokens"
    optional: dict[str, JSON] = {
        "tools": [_tool(tool) for tool in request.tools] or None,
        "tool_choice": _tool_choice(request.tool_choice),
        "temperature": request.temperature,
        limit: request.max_tokens,
        "response_format": request.response_format,
    }
    body |= {name: value for name, value in optional.items() if value is not None}
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body


def _message(message: Message, dialect: Dialect) -> dict[str, JSON]:
    role = "system" if message.role == "developer" and dialect != "openai" else message.role
    content = message.text if message.text or not message.tool_calls else None
    body: dict[str, JSON] = {"role": role, "content": content}
    if message.name is not None:
        body["name"] = message.name
    if message.tool_call_id is not None:
        body["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        body["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    return body


def _tool_choice(choice: ToolChoice | None) -> JSON:
    if isinstance(choice, NamedTool):
        return {"type": "function", "function": {"name": choice.name}}
    return choice


def _tool(tool: ToolSpec) -> dict[str, JSON]:
    function: dict[str, JSON] = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
    }
    return {"type": "function", "function": function}


def connect(
    use: str,
    *,
    name: str | None = None,
    base_url: str | None = None,
    key: str | None = None,
    timeouts: Timeouts | None = None,
) -> OpenAIChat:
    """Return the chat model `provider/model` as `target` describes it."""
    found = target(use, name=name, base_url=base_url, key=key, timeouts=timeouts)
    dialect: Dialect = "openai" if found.flavour == "openai" else "compatible"
    return OpenAIChat(
        found.name,
        found.model,
        found.base_url,
        found.key,
        dialect=dialect,
        timeouts=found.timeouts,
    )
