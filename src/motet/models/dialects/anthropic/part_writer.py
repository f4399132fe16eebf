"""Parts written as the content blocks of a request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from motet.core.chat import (
    Audio,
    Citation,
    Document,
    Image,
    Native,
    Part,
    Reasoning,
    Text,
    ToolCall,
)
from motet.core.ids import sha256
from motet.core.json import JSON
from motet.models.dialects.anthropic.arguments import input_of
from motet.models.dialects.anthropic.attachments import write_document, write_image
from motet.models.dialects.anthropic.citations import write_citation
from motet.models.dialects.anthropic.own import NAME, fields_of, is_foreign, is_own

Block = dict[str, JSON]
_ACCEPTED = re.compile(r"[a-zA-Z0-9_-]+")


def write_parts(parts: Sequence[Part], path: str, lost: list[str]) -> list[Block]:
    """Write parts for the API; `lost` takes the paths of what it cannot be told."""
    blocks = (write_part(part, f"{path}[{at}]", lost) for at, part in enumerate(parts))
    return [block for block in blocks if block is not None]


def write_part(part: Part, path: str, lost: list[str]) -> Block | None:
    """Write a part for the API, None where it is left out; empty texts are, being refused."""
    if isinstance(part, Native):
        if part.dialect == NAME:
            return dict(part.value)
        lost.append(path)
        return None
    if isinstance(part, Audio):
        lost.append(path)
        return None
    if isinstance(part, Reasoning):
        return _reasoning(part, path, lost)
    block = _written(part, path, lost)
    if block is not None and part.cache is not None:
        block["cache_control"] = part.cache
    return block


def _written(part: Text | Image | Document | ToolCall, path: str, lost: list[str]) -> Block | None:
    if isinstance(part, Image):
        return write_image(part, path, lost)
    if isinstance(part, Document):
        return write_document(part, path, lost)
    if is_foreign(part.seal):
        lost.append(f"{path}.seal")
    if isinstance(part, ToolCall):
        return {**call(part), "id": accepted_id(part.id)}
    if part.text:
        return text_block(part, path, lost, to_provider=True)
    lost += [path] if part.citations or part.cache is not None else []
    return None


def text_block(part: Text, path: str, lost: list[str], *, to_provider: bool) -> Block:
    """Write a text with its citations."""
    block: Block = {**fields_of(part.seal), "type": "text", "text": part.text}
    citations = write_citations(part.citations, path, lost, to_provider=to_provider)
    return {**block, "citations": citations} if citations else block


def write_citations(
    citations: Sequence[Citation], path: str, lost: list[str], *, to_provider: bool
) -> list[Mapping[str, JSON]]:
    """Write citations; `lost` takes those that cannot be, and their places in the text."""
    written: list[Mapping[str, JSON]] = []
    for at, citation in enumerate(citations):
        one = write_citation(citation, to_provider=to_provider)
        place = f"{path}.citations[{at}]"
        if one is None:
            lost.append(place)
            continue
        written.append(one)
        if citation.start is not None or citation.end is not None:
            lost.append(f"{place}.start")
    return written


def call(part: ToolCall) -> Block:
    """Write a tool call."""
    own = fields_of(part.seal)
    input = input_of(part.arguments)
    return {**own, "type": "tool_use", "id": part.id, "name": part.name, "input": input}


def accepted_id(id: str) -> str:
    """Return the id of a call as the API accepts it: others' may hold dots or colons."""
    if _ACCEPTED.fullmatch(id):
        return id
    return f"toolu_{sha256(id.encode('utf-8', 'replace'))[:24]}"


def _reasoning(part: Reasoning, path: str, lost: list[str]) -> Block | None:
    """Write thoughts, which the API takes only with its own signature."""
    if part.seal is None or not is_own(part.seal):
        lost.append(path)
        return None
    if part.redacted:
        return {"type": "redacted_thinking", "data": part.seal.value}
    return {"type": "thinking", "thinking": part.text, "signature": part.seal.value}
