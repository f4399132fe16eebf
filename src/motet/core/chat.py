"""The canonical chat request, answer and stream events, whatever the provider's dialect."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from motet.core.json import JSON

Role = Literal["system", "developer", "user", "assistant", "tool"]
FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]


# What a turn is made of


@dataclass(frozen=True, slots=True)
class Seal:
    """Opaque bytes by which a provider recognises what it wrote (a signature, an encrypted text).

    `dialect` names who can read it; it means nothing to any other. `id` is the item's own
    id where the dialect gives one.
    """

    dialect: str
    value: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A place that a text was taken from; `start` and `end` are code points of that text.

    The seal holds what the provider must see again of it.
    """

    url: str | None = None
    title: str | None = None
    quote: str | None = None
    start: int | None = None
    end: int | None = None
    seal: Seal | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Written text. `cache` is the cache control of this part, as Anthropic writes it."""

    text: str
    cache: Mapping[str, JSON] | None = None
    citations: tuple[Citation, ...] = ()
    seal: Seal | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes that travel within the request, as base64."""

    media_type: str
    base64: str


@dataclass(frozen=True, slots=True)
class Url:
    """An address from which the provider takes the bytes."""

    url: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file that the provider of this dialect stores under an id."""

    dialect: str
    id: str
    media_type: str | None = None


Source = Data | Url | File


@dataclass(frozen=True, slots=True)
class Image:
    """A picture; `detail` is low, high or auto."""

    source: Source
    detail: str | None = None
    cache: Mapping[str, JSON] | None = None


@dataclass(frozen=True, slots=True)
class Audio:
    """Sound, with what is said in it where that is known; `id` refers to an earlier answer's."""

    source: Source
    transcript: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document: a PDF or a text, with its file name or title."""

    source: Source
    title: str | None = None
    context: str | None = None
    cite: bool = False
    cache: Mapping[str, JSON] | None = None


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What a model thought. `redacted` means that only the seal tells, to its provider."""

    text: str
    seal: Seal | None = None
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the model asks for; `arguments` is the JSON text exactly as the model wrote it."""

    id: str
    name: str
    arguments: str
    seal: Seal | None = None
    cache: Mapping[str, JSON] | None = None


@dataclass(frozen=True, slots=True)
class Native:
    """A part that only this dialect has, as it writes it; every other states that it is lost."""

    dialect: str
    value: Mapping[str, JSON]


Part = Text | Image | Audio | Document | Reasoning | ToolCall | Native


@dataclass(frozen=True, slots=True)
class Message:
    """One turn: a text, or its parts in order. A `tool` turn answers the call `tool_call_id`."""

    role: Role
    content: str | tuple[Part, ...]
    tool_call_id: str | None = None
    name: str | None = None
    is_error: bool = False
    cache: Mapping[str, JSON] | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts; a plain text is one, an empty one is none."""
        if isinstance(self.content, str):
            return (Text(self.content),) if self.content else ()
        return self.content

    @property
    def text(self) -> str:
        """All its written text; parts follow each other without anything between."""
        if isinstance(self.content, str):
            return self.content
        return "".join(part.text for part in self.content if isinstance(part, Text))

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls it asks for, in order."""
        return tuple(part for part in self.parts if isinstance(part, ToolCall))


# What is asked


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool a model may call; `parameters` is a JSON Schema object.

    `strict` asks the provider to keep to the schema; None where nobody said.
    """

    name: str
    description: str
    parameters: Mapping[str, JSON]
    strict: bool | None = None
    cache: Mapping[str, JSON] | None = None


@dataclass(frozen=True, slots=True)
class NamedTool:
    """A tool choice that names the tool to be called."""

    name: str


ToolChoice = Literal["auto", "none", "required"] | NamedTool
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


@dataclass(frozen=True, slots=True)
class Thinking:
    """How much to think: an effort, or a budget in tokens (0: not at all); and what to show.

    `summary` is auto, concise, detailed or none; None where nobody said. `adaptive` leaves
    the amount to the model.
    """

    effort: Effort | None = None
    budget: int | None = None
    summary: str | None = None
    adaptive: bool = False


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What is asked of a chat model.

    `response_format` is written as in OpenAI chat completions. `extra` holds fields as the
    dialect `extra_dialect` writes them; they pass to a provider of that dialect untouched
    (with "" to any), and every other states that they are lost.
    """

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    native_tools: tuple[Native, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    response_format: Mapping[str, JSON] | None = None
    thinking: Thinking | None = None
    user: str | None = None
    extra: Mapping[str, JSON] = field(default_factory=dict)
    extra_dialect: str = ""


# What is answered


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call as the provider counted them; `cost_usd` None where no price is known.

    `input_tokens` counts all of the input, `cached_tokens` (read from a cache),
    `cache_write_tokens` and `audio_input_tokens` are parts of it. `output_tokens` counts
    all of the output, `reasoning_tokens` and `audio_output_tokens` are parts of it.

    `units` are further counts by the catalogue's names (`web_searches`,
    `cache_write_1h_tokens`); with a model's name and a `/` before it, a count is that
    model's, which helped this one. `served` is how the provider served the request, where
    that was not as usual (`service_tier`: `flex`). Neither may be changed.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: float | None = None
    cache_write_tokens: int = 0
    audio_input_tokens: int = 0
    audio_output_tokens: int = 0
    units: Mapping[str, float] = field(default_factory=dict, hash=False)
    served: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer's text. A new `block` begins a part of its own."""

    text: str
    block: int = 0
    seal: Seal | None = None


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of what the model thought; its seal comes with the last delta of a `block`."""

    text: str
    block: int = 0
    seal: Seal | None = None
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """More of a tool call; `id` and `name` come with the first delta of an `index`."""

    index: int
    id: str | None
    name: str | None
    arguments: str
    seal: Seal | None = None


@dataclass(frozen=True, slots=True)
class AudioDelta:
    """More of the answer's sound (base64) and of what is said in it."""

    base64: str
    transcript: str
    media_type: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation of the text `block`."""

    citation: Citation
    block: int = 0


@dataclass(frozen=True, slots=True)
class Whole:
    """A part that comes in one piece: a picture, a document, something of the dialect's own."""

    part: Image | Document | Native


@dataclass(frozen=True, slots=True)
class Finished:
    """The stream's last event.

    `detail` is the provider's own word where it says more than `reason` (`refusal`,
    `pause_turn`, `stop_sequence`); `stop` the stop sequence that was met. `id` is the
    provider's id of the answer.
    """

    reason: FinishReason
    usage: Usage | None
    model: str | None = None
    detail: str = ""
    stop: str | None = None
    id: str | None = None


ChatEvent = TextDelta | ReasoningDelta | ToolCallDelta | AudioDelta | Cited | Whole | Finished


@dataclass(frozen=True, slots=True)
class ChatResponse:
    """A whole answer, the same whether it was streamed or not: its parts in order."""

    parts: tuple[Part, ...]
    finish_reason: FinishReason
    usage: Usage | None
    model: str | None = None
    detail: str = ""
    stop: str | None = None
    id: str | None = None

    @property
    def text(self) -> str:
        """All its written text."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def reasoning(self) -> str:
        """All that the model showed of its thoughts."""
        return "".join(part.text for part in self.parts if isinstance(part, Reasoning))

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls it asks for, in order."""
        return tuple(part for part in self.parts if isinstance(part, ToolCall))


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
