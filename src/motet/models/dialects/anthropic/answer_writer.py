"""An answer written to a client, whole or as the events that Anthropic's SDKs accumulate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.chat import (
    ChatEvent,
    ChatResponse,
    Cited,
    Finished,
    Native,
    Reasoning,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
    Whole,
)
from motet.core.json import JSON
from motet.models.dialects.anthropic.answer_blocks import blocks_of, thinking_block
from motet.models.dialects.anthropic.block_stream import BlockStream
from motet.models.dialects.anthropic.call_stream import CallStream
from motet.models.dialects.anthropic.events import event_bytes
from motet.models.dialects.anthropic.failures import error_body
from motet.models.dialects.anthropic.own import NAME, fields_of
from motet.models.dialects.anthropic.part_writer import write_citations
from motet.models.dialects.anthropic.stop_reasons import says, write_stop
from motet.models.dialects.anthropic.usage import write_usage
from motet.models.dialects.seals import sealed


class MessageWriter:
    """Writes one answer."""

    def __init__(self, model: str, id: str) -> None:
        """Start. `model` is what the client asked for, `id` is ours."""
        self._model = model
        self._id = id
        self._lost: list[str] = []
        self._blocks = BlockStream()
        self._calls = CallStream(self._blocks, self._lost)

    @property
    def lost(self) -> Sequence[str]:
        """What of the answer this dialect could not say, so far."""
        return tuple(self._lost)

    def whole(self, answer: ChatResponse) -> Mapping[str, JSON]:
        """Return the body of a whole answer."""
        content: list[JSON] = []
        for at, part in enumerate(answer.parts):
            content += blocks_of(part, f"parts[{at}]", self._lost)
        message = self._message(answer.id or self._id, answer.model or self._model)
        stop = self._stop(answer)
        return {**message, "content": content, **stop, "usage": self._usage(answer.usage)}

    def start(self) -> bytes:
        """Return the event that opens a stream; the input is counted at its end."""
        empty: dict[str, JSON] = {"content": [], "stop_reason": None, "stop_sequence": None}
        message = {**self._message(self._id, self._model), **empty, "usage": write_usage(None)}
        return event_bytes("message_start", message=message)

    def event(self, event: ChatEvent) -> bytes:
        """Return the events for one of ours; for `Finished` also all that ends the stream."""
        if isinstance(event, ToolCallDelta):
            return self._calls.feed(event)
        ended = self._calls.end()
        if isinstance(event, TextDelta):
            return ended + self._text(event)
        if isinstance(event, ReasoningDelta):
            return ended + self._reasoning(event)
        if isinstance(event, Cited):
            return ended + self._cited(event)
        if isinstance(event, Finished):
            return ended + self._finished(event)
        part = event.part if isinstance(event, Whole) else None
        if isinstance(part, Native) and part.dialect == NAME:
            return ended + self._blocks.whole(part.value)
        self._lost.append(type(event if part is None else part).__name__.lower())
        return ended

    def failure(self, status: int, message: str, code: str | None) -> bytes:
        """Return the event that ends a stream with an error."""
        return event_bytes("error", error=error_body(status, message)["error"])

    def _message(self, id: str, model: str) -> dict[str, JSON]:
        return {"id": id, "type": "message", "role": "assistant", "model": model}

    def _stop(self, end: ChatResponse | Finished) -> dict[str, JSON]:
        reason = end.finish_reason if isinstance(end, ChatResponse) else end.reason
        if not says(reason, end.detail):
            self._lost.append("detail")
        stop = write_stop(reason, end.detail, end.stop)
        return {"stop_reason": stop, "stop_sequence": end.stop}

    def _usage(self, usage: Usage | None) -> dict[str, JSON]:
        for name in ("audio_input_tokens", "audio_output_tokens"):
            if getattr(usage, name, 0):
                self._lost.append(f"usage.{name}")
        return write_usage(usage)

    def _text(self, delta: TextDelta) -> bytes:
        written = b""
        if delta.text or delta.seal is not None:
            written += self._open_text(delta.block, fields_of(delta.seal))
        if delta.text:
            written += self._blocks.delta("text_delta", text=delta.text)
        self._blocks.seal(delta.seal)
        return written

    def _open_text(self, block: int, own: Mapping[str, JSON]) -> bytes:
        if self._blocks.is_open(("text", block)):
            return b""
        return self._blocks.begin(("text", block), {**own, "type": "text", "text": ""})

    def _cited(self, cited: Cited) -> bytes:
        written = self._open_text(cited.block, {})
        path = f"parts[{cited.block}]"
        for each in write_citations([cited.citation], path, self._lost, to_provider=False):
            written += self._blocks.delta("citations_delta", citation=each)
        return written

    def _reasoning(self, delta: ReasoningDelta) -> bytes:
        if delta.redacted:
            part = Reasoning(delta.text, delta.seal, redacted=True)
            path = f"parts[{delta.block}]"
            return self._blocks.whole(thinking_block(part, path, self._lost))
        written = b""
        if not self._blocks.is_open(("reasoning", delta.block)):
            begun = thinking_block(Reasoning(""), "", self._lost)
            written += self._blocks.begin(("reasoning", delta.block), begun)
        if delta.text:
            written += self._blocks.delta("thinking_delta", thinking=delta.text)
        if (signature := sealed(delta.seal, NAME)) is not None:
            written += self._blocks.delta("signature_delta", signature=signature)
        return written

    def _finished(self, end: Finished) -> bytes:
        ended = self._blocks.end()
        usage = self._usage(end.usage)
        delta = event_bytes("message_delta", delta=self._stop(end), usage=usage)
        return ended + delta + event_bytes("message_stop")
