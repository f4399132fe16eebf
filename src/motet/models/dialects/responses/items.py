"""The items of a model's turn, as they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from motet.core.chat import Citation, Data, Image, Native, Part, Text, ToolCall
from motet.core.json import JSON
from motet.models.dialects.responses.citations import written_annotation
from motet.models.dialects.responses.sealing import NAME, RAW, is_refusal, message_key


@dataclass(frozen=True, slots=True)
class Written:
    """Texts that are the content of one message; `places` are theirs in the turn."""

    texts: tuple[Text, ...]
    places: tuple[int, ...]


Piece = tuple[int, Part] | Written


def pieces(parts: Iterable[Part]) -> list[Piece]:
    """Return the parts with their places; texts that follow each other in a message are one."""
    found: list[Piece] = []
    for place, part in enumerate(parts):
        last = found[-1] if found else None
        if not isinstance(part, Text):
            found.append((place, part))
        elif isinstance(last, Written) and _follow(last.texts[-1], part):
            found[-1] = Written((*last.texts, part), (*last.places, place))
        else:
            found.append(Written((part,), (place,)))
    return found


def _follow(one: Text, other: Text) -> bool:
    return message_key(one.seal) == message_key(other.seal)


def message_item(
    content: Sequence[JSON], *, id: str | None, phase: str | None, status: str | None
) -> dict[str, JSON]:
    """Return a message of the model."""
    body: dict[str, JSON] = {
        "id": id,
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
        "phase": phase,
    }
    return {name: value for name, value in body.items() if value is not None}


def output_content(text: Text) -> dict[str, JSON]:
    """Return a text of the model as content of a message."""
    if is_refusal(text.seal):
        return {"type": "refusal", "refusal": text.text}
    return output_text(text.text, text.citations)


def output_text(text: str, citations: Iterable[Citation] = ()) -> dict[str, JSON]:
    """Return a text with its annotations."""
    annotations: list[JSON] = [written_annotation(citation) for citation in citations]
    return {"type": "output_text", "annotations": annotations, "logprobs": [], "text": text}


def reasoning_item(
    texts: Sequence[str], *, raw: bool, id: str | None, encrypted: str | None
) -> dict[str, JSON]:
    """Return a reasoning item; without any text only the seal tells the thoughts."""
    kind = RAW if raw else "summary_text"
    shown: list[JSON] = [{"type": kind, "text": text} for text in texts]
    body: dict[str, JSON] = {"id": id} if id is not None else {}
    body |= {"type": "reasoning", "summary": [] if raw else shown}
    if raw:
        body["content"] = shown
    return body if encrypted is None else {**body, "encrypted_content": encrypted}


def call_item(call: ToolCall, *, id: str | None, status: str | None) -> dict[str, JSON]:
    """Return a function call."""
    body: dict[str, JSON] = {
        "id": id,
        "type": "function_call",
        "status": status,
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments,
    }
    return {name: value for name, value in body.items() if value is not None}


def native_item(part: Part) -> Mapping[str, JSON] | None:
    """Return an item of the dialect's own, None for any other part."""
    return part.value if isinstance(part, Native) and part.dialect == NAME else None


def picture_item(picture: Image, id: str) -> dict[str, JSON] | None:
    """Return a picture that the model made, None where its bytes are elsewhere."""
    if not isinstance(picture.source, Data):
        return None
    return {
        "id": id,
        "type": "image_generation_call",
        "status": "completed",
        "output_format": picture.source.media_type.removeprefix("image/"),
        "result": picture.source.base64,
    }
