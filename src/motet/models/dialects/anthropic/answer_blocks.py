"""Parts of an answer written as the content blocks that a client gets."""

from __future__ import annotations

from motet.core.chat import Native, Part, Reasoning, Seal, Text, ToolCall
from motet.models.dialects.anthropic.own import NAME
from motet.models.dialects.anthropic.part_reader import DIRECT
from motet.models.dialects.anthropic.part_writer import Block, call, text_block
from motet.models.dialects.anthropic.trailing_seals import write_trailing
from motet.models.dialects.seals import sealed


def blocks_of(part: Part, path: str, lost: list[str]) -> list[Block]:
    """Return the block of a part, and one for its seal where that is another dialect's.

    `lost` takes the path of what a client of this dialect cannot be told.
    """
    if isinstance(part, Text):
        return _sealed(text_block(part, path, lost, to_provider=False), part.seal)
    if isinstance(part, ToolCall):
        return _sealed({**DIRECT, **call(part)}, part.seal)
    if isinstance(part, Reasoning):
        return [thinking_block(part, path, lost)]
    if isinstance(part, Native) and part.dialect == NAME:
        return [dict(part.value)]
    lost.append(path)
    return []


def _sealed(block: Block, seal: Seal | None) -> list[Block]:
    trailing = write_trailing(seal)
    return [block] if trailing is None else [block, trailing]


def thinking_block(part: Reasoning, path: str, lost: list[str]) -> Block:
    """Write thoughts; a client sends them back as they are, whoever sealed them."""
    seal = sealed(part.seal, NAME) or ""
    if not part.redacted:
        return {"type": "thinking", "thinking": part.text, "signature": seal}
    if part.text:
        lost.append(f"{path}.text")
    return {"type": "redacted_thinking", "data": seal}
