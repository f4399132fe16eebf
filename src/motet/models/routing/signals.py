"""What a request needs of a model, read from the request alone and without any model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from motet.core.chat import (
    Audio,
    ChatRequest,
    Document,
    Image,
    Message,
    Part,
    Reasoning,
    Text,
    ToolCall,
)
from motet.core.json import JSON, dumps
from motet.models.routing.domains import OTHER, domain
from motet.models.routing.languages import guess
from motet.models.routing.personal import personal

IMAGE_TOKENS = 1_000
AUDIO_TOKENS = 1_500
DOCUMENT_TOKENS = 5_000
"""What a picture, a sound and a document are taken for: typical ones, their size is unknown."""
_SCHEMA_CHARACTERS = 4
_TURN_TOKENS = 4
_ENGLISH = ("en", "und")


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known of a request before anybody is asked.

    `tokens` estimates the whole input, `output` is the most that may be written (None:
    nobody said). `modalities` are those beside text. `structured` means an answer by a JSON
    schema. `language`, `domain` and `personal` are of the last user turn; `sure` says how
    sure the expert is of the domain.
    """

    language: str
    characters: int
    tokens: int
    output: int | None
    modalities: frozenset[str]
    tools: bool
    structured: bool
    domain: str
    sure: float
    personal: tuple[str, ...]

    def shown(self) -> dict[str, JSON]:
        """Return them for traces; nothing of the text itself."""
        return {
            "language": self.language,
            "characters": self.characters,
            "tokens": self.tokens,
            "output": self.output,
            "modalities": sorted(self.modalities),
            "tools": self.tools,
            "structured": self.structured,
            "domain": self.domain,
            "sure": round(self.sure, 3),
            "personal": list(self.personal),
        }


def signals(request: ChatRequest) -> Signals:
    """Read the signals of a request: some 50 µs for one of 1 KB."""
    question = _question(request.messages)
    language = guess(question)
    about = domain(question) if language in _ENGLISH else None
    characters, tokens, modalities = _size(request)
    form = request.response_format or {}
    return Signals(
        language=language,
        characters=characters,
        tokens=tokens,
        output=request.max_tokens,
        modalities=modalities,
        tools=bool(request.tools or request.native_tools) and request.tool_choice != "none",
        structured=form.get("type") in ("json_schema", "json_object"),
        domain=about.name if about else OTHER,
        sure=about.share if about else 0.0,
        personal=personal(question),
    )


def estimate(text: str) -> float:
    """Return about how many tokens a text is, for no tokenizer in particular.

    A quarter for each character and 0.4 for each further byte of UTF-8: English has four
    characters to a token, Chinese and Japanese about one, accented Latin lies between.
    """
    quarter = len(text) / 4
    if text.isascii():
        return quarter
    return quarter + 0.4 * (len(text.encode("utf-8", "replace")) - len(text))


def _question(messages: Sequence[Message]) -> str:
    for message in reversed(messages):
        if message.role == "user" and (text := message.text):
            return text
    return ""


def _size(request: ChatRequest) -> tuple[int, int, frozenset[str]]:
    """Return the characters, the estimated tokens and the modalities beside text."""
    modalities: set[str] = set()
    characters, tokens = 0, 0.0
    for message in request.messages:
        tokens += _TURN_TOKENS
        for text in _texts(message, modalities):
            characters += len(text)
            tokens += estimate(text)
        tokens += _beside(message.parts) if modalities else 0
    for tool in request.tools:
        tokens += (len(tool.name) + len(tool.description)) / _SCHEMA_CHARACTERS
        tokens += len(dumps(tool.parameters)) / _SCHEMA_CHARACTERS
    if request.response_format:
        tokens += len(dumps(request.response_format)) / _SCHEMA_CHARACTERS
    return characters, round(tokens), frozenset(modalities)


def _texts(message: Message, modalities: set[str]) -> Iterable[str]:
    """Yield the texts of a message; note the modalities of its other parts."""
    if isinstance(message.content, str):
        yield message.content
        return
    for part in message.content:
        if isinstance(part, Text | Reasoning):
            yield part.text
        elif isinstance(part, ToolCall):
            yield part.arguments
        elif isinstance(part, Image):
            modalities.add("image")
        elif isinstance(part, Audio):
            modalities.add("audio")
        elif isinstance(part, Document):
            modalities.add("document")


def _beside(parts: Sequence[Part]) -> int:
    images = sum(isinstance(part, Image) for part in parts)
    sounds = sum(isinstance(part, Audio) for part in parts)
    documents = sum(isinstance(part, Document) for part in parts)
    return IMAGE_TOKENS * images + AUDIO_TOKENS * sounds + DOCUMENT_TOKENS * documents
