"""Events of a stream put together to the answer they make."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field

from motet.core.chat import (
    Audio,
    AudioDelta,
    ChatEvent,
    ChatResponse,
    Citation,
    Cited,
    Data,
    Finished,
    Part,
    Reasoning,
    ReasoningDelta,
    Seal,
    Text,
    TextDelta,
    ToolCall,
    ToolCallDelta,
)
from motet.core.errors import ProviderError

Key = tuple[str, int]


@dataclass(slots=True)
class _Growing:
    """A part whose deltas are still coming."""

    pieces: list[str] = field(default_factory=list)
    seal: Seal | None = None
    id: str = ""
    name: str = ""
    redacted: bool = False
    citations: list[Citation] = field(default_factory=list)
    sound: list[str] = field(default_factory=list)
    media_type: str = ""

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class Assembly:
    """Puts events together; parts stand in the order in which each first appeared."""

    def __init__(self) -> None:
        self._parts: dict[Key, _Growing | Part] = {}

    def feed(self, event: ChatEvent) -> ChatResponse | None:
        """Take one more event; return the answer when it was the last."""
        if isinstance(event, Finished):
            return self._answer(event)
        if isinstance(event, TextDelta):
            self._grow(("text", event.block), event.text, event.seal)
        elif isinstance(event, ReasoningDelta):
            part = self._grow(("reasoning", event.block), event.text, event.seal)
            part.redacted = part.redacted or event.redacted
        elif isinstance(event, ToolCallDelta):
            part = self._grow(("call", event.index), event.arguments, event.seal)
            part.id = part.id or event.id or ""
            part.name += event.name or ""
        elif isinstance(event, AudioDelta):
            part = self._grow(("audio", 0), event.transcript, None)
            part.sound.append(event.base64)
            part.id = part.id or event.id or ""
            part.media_type = event.media_type
        elif isinstance(event, Cited):
            self._grow(("text", event.block), "", None).citations.append(event.citation)
        else:
            self._parts["whole", len(self._parts)] = event.part
        return None

    def _grow(self, key: Key, piece: str, seal: Seal | None) -> _Growing:
        part = self._parts.setdefault(key, _Growing())
        assert isinstance(part, _Growing)
        if piece:
            part.pieces.append(piece)
        part.seal = seal or part.seal
        return part

    def _answer(self, end: Finished) -> ChatResponse:
        parts = [_part(key[0], found) for key, found in self._in_order()]
        return ChatResponse(
            tuple(part for part in parts if part != Text("")),
            end.reason,
            end.usage,
            end.model,
            end.detail,
            end.stop,
            end.id,
        )

    def _in_order(self) -> list[tuple[Key, _Growing | Part]]:
        """Return the parts; calls, which may interleave, by their index among themselves."""
        calls = iter(sorted(key for key in self._parts if key[0] == "call"))
        keys = [next(calls) if key[0] == "call" else key for key in self._parts]
        return [(key, self._parts[key]) for key in keys]


def _part(kind: str, found: _Growing | Part) -> Part:
    if not isinstance(found, _Growing):
        return found
    if kind == "text":
        return Text(found.text, citations=tuple(found.citations), seal=found.seal)
    if kind == "reasoning":
        return Reasoning(found.text, found.seal, found.redacted)
    if kind == "call":
        return ToolCall(found.id, found.name, found.text, found.seal)
    return Audio(Data(found.media_type, _joined(found.sound)), found.text or None, found.id or None)


def _joined(pieces: list[str]) -> str:
    """Return one base64 text for several; each may end in padding of its own."""
    try:
        data = b"".join(base64.b64decode(piece, validate=True) for piece in pieces)
    except binascii.Error as error:
        raise ProviderError("the sound of the answer is not base64", hint="try again") from error
    return base64.b64encode(data).decode()


def assemble(events: Iterable[ChatEvent]) -> ChatResponse:
    """Return the answer that the events make. Raises `ProviderError` where the end is missing."""
    assembly = Assembly()
    for event in events:
        if (answer := assembly.feed(event)) is not None:
            return answer
    raise ProviderError("the stream ended before the answer was finished", hint="try again")
