"""A whole answer, written as the message of a completion."""

from __future__ import annotations

from collections.abc import Sequence

from motet.core.chat import (
    Audio,
    ChatResponse,
    Citation,
    Data,
    File,
    Image,
    Native,
    Part,
    Reasoning,
    Text,
    ToolCall,
)
from motet.core.json import JSON
from motet.models.dialects.openai.assistant_turn import is_custom_call, rank
from motet.models.dialects.openai.media import data_url, sound_type_of
from motet.models.dialects.openai.thoughts import seal_field, write_details

KEPT_SECONDS = 3600
"""For how long clients may refer to the sound of an answer, as OpenAI does it."""


def write_message(
    answer: ChatResponse, id: str, created: int, *, functions: bool, lost: list[str]
) -> dict[str, JSON]:
    """Return the message; `functions` asks for the older `function_call` in place of calls."""
    parts = answer.parts
    ranks = [rank(part) for part in parts]
    if ranks != sorted(ranks):
        lost.append("choices[0].message.order")
    body: dict[str, JSON] = {"role": "assistant", **_texts(answer, lost)}
    body |= _thoughts([part for part in parts if isinstance(part, Reasoning)])
    for place, part in enumerate(parts):
        if isinstance(part, Audio):
            body |= _audio(part, id, created, lost)
        elif isinstance(part, Image) and (shown := picture(part)) is not None:
            images = body.setdefault("images", [])
            assert isinstance(images, list)
            images.append(shown)
        elif not isinstance(part, Text | Reasoning | ToolCall) and not _is_call(part):
            lost.append(f"parts[{place}]")
    return body | _calls([part for part in parts if _is_call(part)], functions, lost)


def annotation(citation: Citation, shift: int) -> dict[str, JSON]:
    """Return the annotation of a citation; `shift` is where its text begins in the content.

    `content` holds the quote, as at OpenRouter. Where the place is not known, the range is
    empty: clients need numbers.
    """
    known = citation.start is not None and citation.end is not None
    place: dict[str, JSON] = {
        "start_index": (citation.start or 0) + shift if known else 0,
        "end_index": (citation.end or 0) + shift if known else 0,
        "title": citation.title or "",
        "url": citation.url or "",
    }
    if citation.quote is not None:
        place["content"] = citation.quote
    return {"type": "url_citation", "url_citation": place}


def picture(image: Image) -> dict[str, JSON] | None:
    """Return the picture of an answer as OpenRouter writes it, None where it is a file."""
    if isinstance(image.source, File):
        return None
    url = data_url(image.source) if isinstance(image.source, Data) else image.source.url
    return {"type": "image_url", "image_url": {"url": url}}


def _texts(answer: ChatResponse, lost: list[str]) -> dict[str, JSON]:
    texts = [part for part in answer.parts if isinstance(part, Text)]
    if len(texts) > 1:
        lost.append("choices[0].message.content.parts")
    text = "".join(part.text for part in texts)
    refused = answer.detail == "refusal"
    body: dict[str, JSON] = {
        "content": None if refused or not texts else text,
        "refusal": text if refused else None,
    }
    annotations: list[JSON] = []
    shift = 0
    for part in texts:
        annotations += [annotation(citation, shift) for citation in part.citations]
        shift += len(part.text)
    if annotations:
        body["annotations"] = annotations
    return body | _sealed(texts, lost)


def _sealed(texts: Sequence[Text], lost: list[str]) -> dict[str, JSON]:
    seals = [part.seal for part in texts if part.seal is not None]
    if len(seals) > 1:
        lost.append("choices[0].message.extra_content")
    return seal_field(seals[0]) if seals else {}


def _thoughts(parts: Sequence[Reasoning]) -> dict[str, JSON]:
    if not parts:
        return {}
    text = "".join(part.text for part in parts)
    body: dict[str, JSON] = {"reasoning_content": text} if text else {}
    return {**body, "reasoning_details": write_details(parts)}


def _audio(part: Audio, id: str, created: int, lost: list[str]) -> dict[str, JSON]:
    if not isinstance(part.source, Data):
        lost.append("choices[0].message.audio")
        return {}
    if part.source.media_type != sound_type_of(part.source.base64):
        lost.append("choices[0].message.audio.media_type")
    return {
        "audio": {
            "id": part.id or f"audio_{id}",
            "data": part.source.base64,
            "transcript": part.transcript or "",
            "expires_at": created + KEPT_SECONDS,
        }
    }


def _is_call(part: Part) -> bool:
    return isinstance(part, ToolCall) or (isinstance(part, Native) and is_custom_call(part))


def _calls(parts: Sequence[Part], functions: bool, lost: list[str]) -> dict[str, JSON]:
    written: list[JSON] = []
    for part in parts:
        if isinstance(part, ToolCall):
            function: dict[str, JSON] = {"name": part.name, "arguments": part.arguments}
            call: dict[str, JSON] = {"id": part.id, "type": "function", "function": function}
            written.append(function if functions else {**call, **seal_field(part.seal)})
        elif isinstance(part, Native):
            written.append(part.value)
    if functions and written:
        lost += [f"choices[0].message.tool_calls[{n}]" for n in range(1, len(written))]
        return {"function_call": written[0]}
    return {"tool_calls": written} if written else {}
