"""Tool calls of a stream, held back until they are whole: here a call comes in one piece."""

from __future__ import annotations

from dataclasses import dataclass, field

from motet.core.chat import Seal, ToolCall, ToolCallDelta
from motet.models.dialects.gemini.arguments import written_arguments


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    seal: Seal | None = None

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def is_whole(self) -> bool:
        """Whether the arguments are an object; none at all may still come."""
        return bool(self.text.strip()) and written_arguments(self.text)[1]


class CallBuffer:
    """Collects deltas; calls come out in the order of their index, each once."""

    def __init__(self) -> None:
        self._calls: dict[int, _Call] = {}
        self._given: set[int] = set()

    def feed(self, delta: ToolCallDelta) -> list[ToolCall]:
        """Take a delta; return the calls below it that are whole."""
        if delta.index in self._given:
            return []
        call = self._calls.setdefault(delta.index, _Call())
        call.id = call.id or delta.id or ""
        call.name += delta.name or ""
        call.pieces.append(delta.arguments)
        call.seal = delta.seal or call.seal
        below = sorted(index for index in self._calls if index < delta.index)
        return [self._give(index) for index in below if self._calls[index].is_whole]

    def close(self) -> list[ToolCall]:
        """Return the calls that are left: something else comes, so they are whole."""
        return [self._give(index) for index in sorted(self._calls)]

    def _give(self, index: int) -> ToolCall:
        call = self._calls.pop(index)
        self._given.add(index)
        return ToolCall(call.id, call.name, call.text, call.seal)
