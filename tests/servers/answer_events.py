"""Answers as the events of a stream that makes them."""

from __future__ import annotations

from motet.core.chat import (
    Audio,
    AudioDelta,
    ChatEvent,
    ChatResponse,
    Cited,
    Data,
    Finished,
    Part,
    Reasoning,
    ReasoningDelta,
    Text,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    Whole,
)


def events_of(answer: ChatResponse, size: int = 3) -> list[ChatEvent]:
    """Return the events of a stream that makes the answer; seals come last."""
    events: list[ChatEvent] = []
    calls = 0
    for block, part in enumerate(answer.parts):
        events += _events(part, block, calls, size)
        calls += isinstance(part, ToolCall)
    end = Finished(
        answer.finish_reason, answer.usage, answer.model, answer.detail, answer.stop, answer.id
    )
    return [*events, end]


def _events(part: Part, block: int, index: int, size: int) -> list[ChatEvent]:
    if isinstance(part, Text):
        texts: list[ChatEvent] = [TextDelta(piece, block) for piece in _pieces(part.text, size)]
        sources: list[ChatEvent] = [Cited(each, block) for each in part.citations]
        return [*texts, *sources, *([TextDelta("", block, part.seal)] if part.seal else [])]
    if isinstance(part, Reasoning):
        if part.redacted:
            return [ReasoningDelta(part.text, block, part.seal, True)]
        thoughts = [ReasoningDelta(piece, block) for piece in _pieces(part.text, size)]
        return [*thoughts, *([ReasoningDelta("", block, part.seal)] if part.seal else [])]
    if isinstance(part, ToolCall):
        begun = ToolCallDelta(index, part.id, part.name, "")
        more = [ToolCallDelta(index, None, None, p) for p in _pieces(part.arguments, size)]
        return [
            begun,
            *more,
            *([ToolCallDelta(index, None, None, "", part.seal)] if part.seal else []),
        ]
    if isinstance(part, Audio):
        assert isinstance(part.source, Data)
        kind = part.source.media_type
        return [AudioDelta(part.source.base64, part.transcript or "", kind, part.id)]
    return [Whole(part)]


def _pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]
