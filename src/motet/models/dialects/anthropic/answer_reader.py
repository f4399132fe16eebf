"""An answer of the API, whole or as a stream of events, read as canonical events.

Events as https://docs.anthropic.com/en/docs/build-with-claude/streaming has them. A whole
answer is read block by block as if each had come in one event, so both make the same parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from motet.core.chat import (
    ChatEvent,
    Cited,
    Finished,
    Native,
    ReasoningDelta,
    Seal,
    TextDelta,
    ToolCallDelta,
    Whole,
)
from motet.core.errors import ProviderError
from motet.core.ids import sha256
from motet.core.json import JSON, loads
from motet.models.dialects.anthropic.arguments import arguments_of, input_of
from motet.models.dialects.anthropic.citations import read_citation
from motet.models.dialects.anthropic.failures import not_a_message, read_error
from motet.models.dialects.anthropic.own import NAME, seal_of
from motet.models.dialects.anthropic.part_reader import DIRECT
from motet.models.dialects.anthropic.stop_reasons import read_stop
from motet.models.dialects.anthropic.trailing_seals import read_trailing
from motet.models.dialects.anthropic.usage import read_usage, take
from motet.models.dialects.seals import unsealed
from motet.models.sse import ServerSentEvent

_TEXT = {"type", "text", "citations"}
_TOOL_USE = {"type", "id", "name", "input"}


@dataclass(slots=True)
class _Open:
    """A block that has begun. `call` is the place of a tool call among the calls."""

    index: int
    kind: str
    block: dict[str, JSON]
    call: int = 0
    pieces: list[str] = field(default_factory=list)


class MessageReader:
    """Reads one answer."""

    def __init__(self, where: str, key: str = "") -> None:
        """Start. `where` names the model in errors, out of which `key` is kept."""
        self._where = where
        self._key = key
        self._open: dict[int, _Open] = {}
        self._last: _Open | None = None
        self._calls = 0
        self._message: dict[str, JSON] = {}
        self._usage: dict[str, JSON] = {}
        self._word: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the stop reason has come; with it comes the usage."""
        return self._word is not None

    def whole(self, body: bytes) -> list[ChatEvent]:
        """Read a whole answer, `Finished` included. Raises `ProviderError`."""
        try:
            message = loads(body)
        except ValueError as error:
            raise not_a_message(body, where=self._where, key=self._key) from error
        if isinstance(message, Mapping) and message.get("type") == "error":
            raise read_error(message, where=self._where, key=self._key)
        content = message.get("content") if isinstance(message, Mapping) else None
        if not isinstance(message, Mapping) or not _is_list(content):
            raise not_a_message(body, where=self._where, key=self._key)
        self._begin(message)
        self._end(message)
        events: list[ChatEvent] = []
        for index, block in enumerate(content):
            events += self._start(index, block) + self._stop(index)
        return [*events, self.finish(declared=True)]

    def chunk(self, sent: ServerSentEvent) -> list[ChatEvent]:
        """Read one event of a stream. Raises `ProviderError`, also for an error sent in it."""
        try:
            value = loads(sent.data)
        except ValueError as error:
            raise self._error("the stream holds an event that is not JSON") from error
        kind = value.get("type") if isinstance(value, Mapping) else None
        if sent.type == "error" or kind == "error":
            raise read_error(value, where=self._where, key=self._key)
        if not isinstance(value, Mapping):
            return []
        index = value.get("index")
        at = index if isinstance(index, int) else 0
        if kind == "message_start":
            self._begin(value.get("message"))
        elif kind == "content_block_start":
            return self._start(at, value.get("content_block"))
        elif kind == "content_block_delta":
            return self._delta(at, value.get("delta"))
        elif kind == "content_block_stop":
            return self._stop(at)
        elif kind == "message_delta":
            self._end(value.get("delta"))
            take(self._usage, value.get("usage"))
            # Some servers leave out that a block has stopped; with the answer it has.
            ended = list(self._open) if self.ended else []
            return [event for at in ended for event in self._stop(at)]
        return []

    def is_last(self, sent: ServerSentEvent) -> bool:
        """Whether the event is `message_stop`."""
        if sent.type != "message":
            return sent.type == "message_stop"
        return sent.data.replace(" ", "").startswith('{"type":"message_stop"')

    def finish(self, *, declared: bool = False) -> Finished:
        """Return the last event. Raises `ProviderError` where the answer has no end."""
        if not self._message:
            raise not_a_message(b"", where=self._where, key=self._key)
        if self._open or (self._word is None and not declared):
            raise self._error("the stream ended before the answer was finished")
        reason, detail = read_stop(self._word)
        return Finished(
            reason,
            read_usage(self._usage),
            _text(self._message.get("model")) or None,
            detail,
            _text(self._message.get("stop_sequence")) or None,
            _text(self._message.get("id")) or None,
        )

    def _begin(self, message: JSON) -> None:
        if isinstance(message, Mapping):
            self._message |= {"type": "message"}
            self._message |= {key: message.get(key) for key in ("id", "model")}
            take(self._usage, message.get("usage"))

    def _end(self, delta: JSON) -> None:
        if isinstance(delta, Mapping):
            self._word = _text(delta.get("stop_reason")) or self._word
            self._message["stop_sequence"] = delta.get("stop_sequence")

    def _start(self, index: int, block: JSON) -> list[ChatEvent]:
        if not isinstance(block, Mapping):
            return []
        if (seal := read_trailing(block)) is not None:
            return self._sealed(seal)
        begun = _Open(index, _text(block.get("type")), dict(block))
        self._open[index] = self._last = begun
        if begun.kind == "text":
            return _text_events(index, block)
        if begun.kind == "thinking":
            return _thinking_events(index, block)
        if begun.kind == "redacted_thinking":
            seal = unsealed(_text(block.get("data")), NAME)
            return [ReasoningDelta("", index, seal, redacted=True)]
        return self._call(begun) if begun.kind == "tool_use" else []

    def _call(self, begun: _Open) -> list[ChatEvent]:
        begun.call = self._calls
        self._calls += 1
        id, name = _text(begun.block.get("id")), _text(begun.block.get("name"))
        if not name:
            raise self._error("the model called a tool without a name")
        # A made id depends on the message alone: streamed or not, it is the same.
        made = sha256(f"{self._message.get('id')}/{begun.call}".encode())[:24]
        own = _own(begun.block, _TOOL_USE)
        fields = {key: value for key, value in own.items() if value != DIRECT.get(key)}
        return [ToolCallDelta(begun.call, id or f"toolu_{made}", name, "", seal_of(fields))]

    def _sealed(self, seal: Seal) -> list[ChatEvent]:
        """Return the event that seals the block before."""
        if self._last is None:
            return []
        if self._last.kind == "tool_use":
            return [ToolCallDelta(self._last.call, None, None, "", seal)]
        return [TextDelta("", self._last.index, seal)] if self._last.kind == "text" else []

    def _delta(self, index: int, delta: JSON) -> list[ChatEvent]:
        begun = self._open.get(index)
        if begun is None or not isinstance(delta, Mapping):
            return []
        kind = delta.get("type")
        if kind == "text_delta":
            text = _text(delta.get("text"))
            return [TextDelta(text, index)] if text else []
        if kind == "thinking_delta":
            thought = _text(delta.get("thinking"))
            return [ReasoningDelta(thought, index)] if thought else []
        if kind == "signature_delta":
            seal = unsealed(_text(delta.get("signature")), NAME)
            return [ReasoningDelta("", index, seal)] if seal.value else []
        if kind == "citations_delta":
            citation = delta.get("citation")
            return [Cited(read_citation(citation), index)] if isinstance(citation, Mapping) else []
        if kind == "input_json_delta":
            return self._argued(begun, _text(delta.get("partial_json")))
        begun.block |= {key: value for key, value in delta.items() if key != "type"}
        return []

    def _argued(self, begun: _Open, piece: str) -> list[ChatEvent]:
        if not piece:
            return []
        begun.pieces.append(piece)
        is_call = begun.kind == "tool_use"
        return [ToolCallDelta(begun.call, None, None, piece)] if is_call else []

    def _stop(self, index: int) -> list[ChatEvent]:
        begun = self._open.pop(index, None)
        if begun is None or begun.kind in ("text", "thinking", "redacted_thinking"):
            return []
        if begun.kind == "tool_use":
            arguments = arguments_of(begun.block.get("input"))
            return [] if begun.pieces else [ToolCallDelta(begun.call, None, None, arguments)]
        if begun.pieces:
            begun.block["input"] = input_of("".join(begun.pieces))
        return [Whole(Native(NAME, begun.block))]

    def _error(self, message: str) -> ProviderError:
        return ProviderError(message, where=self._where, hint="try again")


def _text_events(index: int, block: Mapping[str, JSON]) -> list[ChatEvent]:
    text, seal = _text(block.get("text")), seal_of(_own(block, _TEXT))
    citations = block.get("citations")
    found = [each for each in citations if isinstance(each, Mapping)] if _is_list(citations) else []
    begin: list[ChatEvent] = [TextDelta(text, index, seal)] if text or seal is not None else []
    return [*begin, *(Cited(read_citation(each), index) for each in found)]


def _thinking_events(index: int, block: Mapping[str, JSON]) -> list[ChatEvent]:
    thought, signature = _text(block.get("thinking")), _text(block.get("signature"))
    seal = unsealed(signature, NAME) if signature else None
    return [ReasoningDelta(thought, index, seal)] if thought or seal is not None else []


def _own(block: Mapping[str, JSON], shared: set[str]) -> dict[str, JSON]:
    return {key: each for key, each in block.items() if key not in shared and each is not None}


def _is_list(value: JSON) -> TypeGuard[Sequence[JSON]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ""
