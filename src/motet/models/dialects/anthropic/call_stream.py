"""Tool calls of a stream, put one behind the other.

Fragments of parallel calls may interleave, and a name may come in pieces: a call's block
begins with its first arguments, and the next call's when this one's are a whole object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from motet.core.chat import Seal, ToolCallDelta
from motet.core.json import loads
from motet.models.dialects.anthropic.block_stream import BlockStream
from motet.models.dialects.anthropic.own import fields_of
from motet.models.dialects.anthropic.part_reader import DIRECT


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    seal: Seal | None = None
    held: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)

    def take(self, delta: ToolCallDelta) -> None:
        self.id = self.id or delta.id or ""
        self.name += delta.name or ""
        self.seal = delta.seal or self.seal
        if delta.arguments:
            self.held.append(delta.arguments)

    @property
    def is_whole(self) -> bool:
        try:
            return isinstance(loads("".join(self.written)), Mapping)
        except ValueError:
            return False


class CallStream:
    """Writes calls to the blocks of a stream; `lost` takes what comes after a call's end."""

    def __init__(self, blocks: BlockStream, lost: list[str]) -> None:
        self._blocks = blocks
        self._lost = lost
        self._waiting: dict[int, _Call] = {}
        self._ended: set[int] = set()

    def feed(self, delta: ToolCallDelta) -> bytes:
        """Take more of a call; return what can be written now."""
        if delta.index in self._ended:
            if delta.arguments.strip():
                self._lost.append(f"tool_calls[{delta.index}].arguments")
            return b""
        self._waiting.setdefault(delta.index, _Call()).take(delta)
        return self._advance(to_end=False)

    def end(self) -> bytes:
        """Write and end all calls that have begun."""
        return self._advance(to_end=True) if self._waiting else b""

    def _advance(self, *, to_end: bool) -> bytes:
        written = b""
        for index, call in list(self._waiting.items()):
            if not (call.held or call.written or to_end):
                break
            written += self._write(index, call)
            is_last = len(self._waiting) == 1
            if not to_end and (is_last or not call.is_whole):
                break
            written += self._blocks.end()
            self._ended.add(index)
            del self._waiting[index]
        return written

    def _write(self, index: int, call: _Call) -> bytes:
        written = b""
        if not self._blocks.is_open(("call", index)):
            own = {**DIRECT, **fields_of(call.seal)}
            block = {**own, "type": "tool_use", "id": call.id, "name": call.name, "input": {}}
            written += self._blocks.begin(("call", index), block)
        self._blocks.seal(call.seal)
        for piece in call.held:
            written += self._blocks.delta("input_json_delta", partial_json=piece)
        call.written += call.held
        call.held.clear()
        return written
