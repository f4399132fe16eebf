"""The content blocks of a stream, one behind the other."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import Seal
from motet.core.json import JSON, dumps
from motet.models.dialects.anthropic.events import event_bytes
from motet.models.dialects.anthropic.trailing_seals import write_trailing

Key = tuple[str, int]


class BlockStream:
    """Numbers the blocks; one is open at a time, known by a key of the caller's."""

    def __init__(self) -> None:
        self._index = 0
        self._key: Key | None = None
        self._seal: Seal | None = None

    def is_open(self, key: Key) -> bool:
        """Whether it is that block which is open."""
        return self._key == key

    def begin(self, key: Key, block: Mapping[str, JSON]) -> bytes:
        """Begin a block; the one before ends."""
        ended = self.end()
        self._key = key
        return ended + event_bytes("content_block_start", index=self._index, content_block=block)

    def delta(self, type: str, **fields: JSON) -> bytes:
        """Add to the open block."""
        return event_bytes("content_block_delta", index=self._index, delta={"type": type, **fields})

    def seal(self, seal: Seal | None) -> None:
        """Note the seal of the open block; one of another dialect follows it as its own block."""
        self._seal = seal or self._seal

    def end(self) -> bytes:
        """End the open block, if one is."""
        if self._key is None:
            return b""
        stop = event_bytes("content_block_stop", index=self._index)
        trailing = write_trailing(self._seal)
        self._index, self._key, self._seal = self._index + 1, None, None
        return stop + (self.whole(trailing) if trailing is not None else b"")

    def whole(self, block: Mapping[str, JSON]) -> bytes:
        """Write a block in one piece. Clients expect the input of a tool's use as a delta."""
        input = block.get("input")
        if not isinstance(input, Mapping):
            return self.begin(("whole", self._index), block) + self.end()
        begun = self.begin(("whole", self._index), {**block, "input": {}})
        return begun + self.delta("input_json_delta", partial_json=dumps(input)) + self.end()
