"""Events of an answer, written as deltas of a message.

Clients put deltas together by rules of their own: strings are joined, entries of lists are
found by their `index`. So what is no text comes once, and every entry has an index.
"""

from __future__ import annotations

from motet.core.chat import (
    AudioDelta,
    ChatEvent,
    Cited,
    Image,
    Native,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Whole,
)
from motet.core.json import JSON
from motet.models.dialects.openai.assistant_turn import is_custom_call
from motet.models.dialects.openai.media import sound_type_of
from motet.models.dialects.openai.message import KEPT_SECONDS, annotation, picture
from motet.models.dialects.openai.thoughts import detail_entries, seal_field

Delta = dict[str, JSON]


class Deltas:
    """Writes the deltas of one message; what cannot be said is named in `lost`."""

    def __init__(self, id: str, created: int, *, functions: bool, lost: list[str]) -> None:
        """Start; `functions` says that the client knows only the older `function_call`."""
        self._id = id
        self._created = created
        self._functions = functions
        self._lost = lost
        self._written = 0
        self._starts: dict[int, int] = {}
        self._thoughts: dict[int, int] = {}
        self._calls: dict[tuple[str, int], int] = {}
        self._sources = self._pictures = 0
        self._sound = self._sealed = False

    def write(self, event: ChatEvent) -> Delta:
        """Return the delta of an event, an empty one where there is nothing to be said."""
        if isinstance(event, TextDelta):
            return self._text(event)
        if isinstance(event, ReasoningDelta):
            return self._thought(event)
        if isinstance(event, ToolCallDelta):
            return self._call(event)
        if isinstance(event, AudioDelta):
            return self._heard(event)
        if isinstance(event, Cited):
            return self._cited(event)
        return self._whole(event) if isinstance(event, Whole) else {}

    def last(self) -> Delta:
        """Return what comes behind all events, empty where nothing does."""
        return {"audio": {"expires_at": self._created + KEPT_SECONDS}} if self._sound else {}

    def _text(self, event: TextDelta) -> Delta:
        self._begin(event.block)
        self._written += len(event.text)
        seal = seal_field(event.seal)
        if seal and self._sealed:
            self._lost.append(f"parts[{event.block}].seal")
            seal = {}
        self._sealed = self._sealed or bool(seal)
        return {"content": event.text, **seal} if event.text or seal else {}

    def _begin(self, block: int) -> int:
        if block not in self._starts:
            self._starts[block] = self._written
            if len(self._starts) == 2:
                self._lost.append("choices[0].message.content.parts")
        return self._starts[block]

    def _thought(self, event: ReasoningDelta) -> Delta:
        index = self._thoughts.setdefault(event.block, len(self._thoughts))
        delta: Delta = {"reasoning_content": event.text} if event.text else {}
        if not event.text and event.seal is None:
            return delta
        details = detail_entries(index, event.text, event.seal, redacted=event.redacted)
        return {**delta, "reasoning_details": details}

    def _call(self, event: ToolCallDelta) -> Delta:
        key = ("call", event.index)
        begins = key not in self._calls
        index = self._calls.setdefault(key, len(self._calls))
        function: Delta = {} if event.name is None else {"name": event.name}
        function["arguments"] = event.arguments
        if self._functions:
            if index:
                self._lost.append(f"choices[0].message.tool_calls[{index}]")
            return {} if index else {"function_call": function}
        head: Delta = {"index": index}
        if begins:
            head |= {"id": event.id or f"call_{self._id}_{index}", "type": "function"}
        return {"tool_calls": [{**head, "function": function, **seal_field(event.seal)}]}

    def _heard(self, event: AudioDelta) -> Delta:
        audio: Delta = {}
        if not self._sound:
            audio["id"] = event.id or f"audio_{self._id}"
            self._sound = True
        if event.base64:
            audio["data"] = event.base64
            if event.media_type != sound_type_of(event.base64):
                self._lost.append("choices[0].message.audio.media_type")
        if event.transcript:
            audio["transcript"] = event.transcript
        return {"audio": audio} if audio else {}

    def _cited(self, event: Cited) -> Delta:
        entry = annotation(event.citation, self._begin(event.block))
        self._sources += 1
        return {"annotations": [{"index": self._sources - 1, **entry}]}

    def _whole(self, event: Whole) -> Delta:
        part = event.part
        if isinstance(part, Native) and is_custom_call(part):
            index = self._calls.setdefault(("custom", len(self._calls)), len(self._calls))
            return {"tool_calls": [{"index": index, **part.value}]}
        if isinstance(part, Image) and (shown := picture(part)) is not None:
            self._pictures += 1
            return {"images": [{"index": self._pictures - 1, **shown}]}
        self._lost.append("choices[0].message.content.parts")
        return {}
