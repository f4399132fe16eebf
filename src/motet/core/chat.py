"""The canonical chat request, response and stream events, whatever the provider's dialect."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from motet.core.json import JSON

Role = Literal["system", "developer", "user", "assistant", "tool"]
FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the model asks for; `arguments` is the JSON text exactly as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. `content` is None only on an assistant turn that holds tool calls alone."""

    role: Role
    content: str | None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool a model may call; `parameters` is a JSON Schema object."""

    name: str
    description: str
    parameters: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What is asked of a chat model. `extra` passes to the provider untouched."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: JSON = None
    temperature: float | None = None
    max_tokens: int | None = None
    response_format: Mapping[str, JSON] | None = None
    extra: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call as the provider counted them; `cost_usd` None where no price is known."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """More of a tool call; `id` and `name` come with the first delta of an `index`."""

    index: int
    id: str | None
    name: str | None
    arguments: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The stream's last event."""

    reason: FinishReason
    usage: Usage | None
    model: str | None = None


ChatEvent = TextDelta | ToolCallDelta | Finished


@dataclass(frozen=True, slots=True)
class ChatResponse:
    """A whole answer, the same whether it was streamed or not."""

    text: str
    tool_calls: tuple[ToolCall, ...]
    finish_reason: FinishReason
    usage: Usage | None
    model: str | None = None


class ChatModel(Protocol):
    """A chat model behind whatever protocol."""

    @property
    def name(self) -> str:
        """The name it is declared by: `provider/model`."""
        ...

    def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """Stream the answer; closing the generator hangs up. Raises `ProviderError`."""
        ...

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """Return the whole answer. Raises `ProviderError`."""
        ...
