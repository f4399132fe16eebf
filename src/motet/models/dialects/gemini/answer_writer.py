"""Canonical answers as GenerateContentResponse, whole or streamed, as official clients read it.

https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from motet.core.chat import (
    Audio,
    AudioDelta,
    ChatEvent,
    ChatResponse,
    Cited,
    Data,
    Finished,
    Native,
    Part,
    Reasoning,
    ReasoningDelta,
    Text,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from motet.core.json import JSON, dumps
from motet.models.dialects.gemini.call_buffer import CallBuffer
from motet.models.dialects.gemini.candidates import FEEDBACK, GROUNDING, is_about_candidate
from motet.models.dialects.gemini.citations import CitedTexts, Passage, written_grounding
from motet.models.dialects.gemini.failures import error_body
from motet.models.dialects.gemini.part_writer import PartWriter
from motet.models.dialects.gemini.reasons import written_reason
from motet.models.dialects.gemini.usage import written_usage

_SPLITTING = str.maketrans({"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"})
"""Line ends of Unicode that are none of JSON or of event streams; Google's client splits there."""


class GeminiWriter:
    """Writes one answer. A stream is one of events, or with `array` one JSON list of chunks."""

    def __init__(self, model: str, id: str, *, array: bool = False) -> None:
        """Start. `model` and `id` are written where the answer has none of its own."""
        self._model = model
        self._id = id
        self._array = array
        self._begun = False
        self._parts = PartWriter(None)
        self._calls = CallBuffer()
        self._about: dict[str, JSON] = {}
        self._open: tuple[str, int] | None = None
        self._count = 0
        self._texts = CitedTexts()

    @property
    def lost(self) -> Sequence[str]:
        """What of the answer could not be said, so far."""
        return self._parts.lost

    def whole(self, answer: ChatResponse) -> Mapping[str, JSON]:
        """Return the body of a whole answer."""
        content = [part for part in answer.parts if not self._is_about(part)]
        parts = self._parts.turn(content, "parts")
        texts = [
            (Passage(place, place, part.text), part.citations)
            for place, part in enumerate(content)
            if isinstance(part, Text) and part.citations
        ]
        for place, part in enumerate(content):
            if isinstance(part, Text) and any(one.seal is not None for one in part.citations):
                self._parts.lost.append(f"parts[{place}].citations.seal")
        end = Finished(
            answer.finish_reason,
            answer.usage,
            answer.model,
            answer.detail,
            answer.stop,
            answer.id,
        )
        return self._end(parts, end, written_grounding(texts))

    def start(self) -> bytes:
        """Return nothing: the first event opens the stream."""
        return b""

    def event(self, event: ChatEvent) -> bytes:
        """Return the bytes of one event; for `Finished` also all that ends the stream."""
        if isinstance(event, ToolCallDelta):
            return self._pieces(self._calls.feed(event))
        ready = self._pieces(self._calls.close())
        if isinstance(event, Finished):
            # Clients take another id within a stream for another answer's beginning.
            same = replace(event, id=None)
            body = self._end([{"text": ""}], same, self._texts.grounding())
            return ready + self._bytes(body) + (b"\n]" if self._array else b"")
        if isinstance(event, Cited):
            self._texts.cite(event)
            if event.citation.seal is not None:
                self._parts.lost.append("citations.seal")
            return ready
        if isinstance(event, TextDelta):
            more = self._more("text", event.block, Text(event.text, seal=event.seal))
            self._texts.add(event, self._count - 1)
            return ready + more
        if isinstance(event, ReasoningDelta):
            thought = Reasoning(event.text, event.seal, event.redacted)
            return ready + self._more("reasoning", event.block, thought)
        if isinstance(event, AudioDelta):
            sound = Data(event.media_type, event.base64)
            return ready + self._pieces([Audio(sound, event.transcript or None, event.id)])
        return ready if self._is_about(event.part) else ready + self._pieces([event.part])

    def failure(self, status: int, message: str, code: str | None) -> bytes:
        """Return the bytes that end a stream with an error."""
        return self._bytes(error_body(status, message, code)) + (b"\n]" if self._array else b"")

    def _is_about(self, part: Part) -> bool:
        if isinstance(part, Native) and is_about_candidate(part):
            self._about |= part.value
            return True
        return False

    def _more(self, kind: str, block: int, part: Text | Reasoning) -> bytes:
        """Write more of a text or thought.

        A reader takes a chunk's first part for more of what came before it; so an empty part
        stands before one that begins anew right behind another of its kind.
        """
        seam: list[JSON] = []
        if self._open != (kind, block):
            if self._open is not None and self._open[0] == kind:
                seam = [{"text": ""}] if kind == "text" else [{"text": "", "thought": True}]
            self._count += 1
        self._open = (kind, block) if part.seal is None else None
        written = self._parts.part(part, f"parts[{self._count - 1}]")
        return b"" if written is None else self._chunk([*seam, written])

    def _pieces(self, parts: Sequence[Part]) -> bytes:
        """Write parts that come in one piece."""
        found: list[JSON] = []
        for part in parts:
            self._open = None
            written = self._parts.part(part, f"parts[{self._count}]")
            self._count += 1
            if written is not None:
                found.append(written)
        return self._chunk(found) if found else b""

    def _chunk(self, parts: Sequence[JSON]) -> bytes:
        candidate: dict[str, JSON] = {"content": {"parts": parts, "role": "model"}, "index": 0}
        return self._bytes(
            {"candidates": [candidate], "modelVersion": self._model, "responseId": self._id}
        )

    def _end(
        self, parts: Sequence[JSON], end: Finished, grounding: Mapping[str, JSON] | None
    ) -> dict[str, JSON]:
        """Return the whole answer, or the last chunk of a stream."""
        word, said = written_reason(end.reason, end.detail)
        content: dict[str, JSON] = {"parts": parts} if parts else {}
        candidate: dict[str, JSON] = {
            "content": {**content, "role": "model"},
            "finishReason": word,
            "index": 0,
        }
        if grounding is not None:
            candidate[GROUNDING] = grounding
        about = dict(self._about)
        feedback = about.pop(FEEDBACK, None)
        body: dict[str, JSON] = {"candidates": [{**candidate, **about}]}
        if feedback is not None:
            blocked = isinstance(feedback, Mapping) and "blockReason" in feedback
            body = {FEEDBACK: feedback} if blocked else {**body, FEEDBACK: feedback}
            said = said or blocked
        if end.usage is not None:
            body["usageMetadata"] = written_usage(end.usage)
        usage = end.usage or Usage()
        unsaid = {
            "detail": not said,
            "stop": end.stop is not None,
            "usage.cache_write_tokens": usage.cache_write_tokens > 0,
            "usage.cost": usage.cost_usd is not None,
        }
        self._parts.lost += [name for name, lost in unsaid.items() if lost]
        return {**body, "modelVersion": end.model or self._model, "responseId": end.id or self._id}

    def _bytes(self, body: Mapping[str, JSON]) -> bytes:
        text = dumps(body).translate(_SPLITTING)
        if not self._array:
            return f"data: {text}\r\n\r\n".encode()
        mark = ",\r\n" if self._begun else "["
        self._begun = True
        return f"{mark}{text}".encode()
