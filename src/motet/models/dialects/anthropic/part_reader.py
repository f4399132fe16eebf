"""Content blocks of a client's request, read as parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from motet.core.chat import Native, Part, Reasoning, Text, ToolCall
from motet.core.json import JSON
from motet.models.dialects.anthropic.arguments import arguments_of
from motet.models.dialects.anthropic.attachments import read_document, read_image
from motet.models.dialects.anthropic.citations import read_citation
from motet.models.dialects.anthropic.fields import Fields, wrong
from motet.models.dialects.anthropic.own import NAME, seal_of
from motet.models.dialects.anthropic.trailing_seals import read_trailing
from motet.models.dialects.seals import unsealed


def read_parts(blocks: Sequence[JSON], path: str, rest: dict[str, JSON]) -> tuple[Part, ...]:
    """Read a list of blocks; `rest` takes, by path, the fields that parts cannot hold.

    Raises `BadRequest`.
    """
    parts: list[Part] = []
    for at, value in enumerate(blocks):
        block = Fields(value, f"{path}[{at}]")
        seal = read_trailing(block.value)
        if seal is None:
            parts.append(read_part(block, rest))
        elif parts and isinstance(parts[-1], Text | ToolCall):
            parts[-1] = replace(parts[-1], seal=seal)
    return tuple(parts)


def read_part(block: Fields, rest: dict[str, JSON]) -> Part:
    """Read a block; one of an unknown type stays as it is. Raises `BadRequest`."""
    kind = block.text("type")
    if kind not in _READERS:
        return Native(NAME, block.value)
    part = _READERS[kind](block)
    if not isinstance(part, Native | Text | ToolCall):
        rest |= {block.at(key): value for key, value in block.rest().items()}
    return part


def _text(block: Fields) -> Text:
    text, cache = block.text("text"), block.object("cache_control")
    citations = []
    for at, value in enumerate(block.items("citations")):
        if not isinstance(value, Mapping):
            raise wrong(f"{block.at('citations')}[{at}]", "an object")
        citations.append(read_citation(value))
    return Text(text, cache, tuple(citations), seal_of(block.rest()))


def _tool_use(block: Fields) -> ToolCall:
    id, name, input = block.text("id"), block.text("name"), block.object("input")
    cache = block.object("cache_control")
    return ToolCall(id, name, arguments_of(input), seal_of(_without_default(block.rest())), cache)


def _without_default(fields: dict[str, JSON]) -> dict[str, JSON]:
    """Leave out that the model itself made the call: that goes without saying."""
    return {key: value for key, value in fields.items() if value != DIRECT.get(key)}


def _thinking(block: Fields) -> Reasoning:
    text, signature = block.text("thinking"), block.maybe_text("signature")
    return Reasoning(text, unsealed(signature, NAME) if signature else None)


def _redacted_thinking(block: Fields) -> Reasoning:
    return Reasoning("", unsealed(block.text("data"), NAME), redacted=True)


DIRECT: Mapping[str, JSON] = {"caller": {"type": "direct"}}
_READERS: Mapping[str, Callable[[Fields], Part]] = {
    "text": _text,
    "image": read_image,
    "document": read_document,
    "tool_use": _tool_use,
    "thinking": _thinking,
    "redacted_thinking": _redacted_thinking,
}
