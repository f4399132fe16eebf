"""Items of a streamed answer that are being written: each gives the events that say it.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from motet.core.chat import Citation, ReasoningDelta, Seal, TextDelta, ToolCall, ToolCallDelta
from motet.core.json import JSON
from motet.models.dialects.responses.citations import written_annotation
from motet.models.dialects.responses.items import (
    call_item,
    message_item,
    output_text,
    reasoning_item,
)
from motet.models.dialects.responses.sealing import (
    REFUSAL,
    encrypted_content,
    hidden_seal,
    is_raw,
    message_key,
    phase,
    told_seal,
)

Event = dict[str, JSON]


class OpenItem(ABC):
    """An item at a place of the output; its events name both."""

    def __init__(self, id: str, index: int) -> None:
        """Start; nothing is said yet."""
        self.id = id
        self.index = index

    def about(self, kind: str, **fields: JSON) -> Event:
        """Return an event of a kind about this item."""
        place: Event = {"item_id": self.id, "output_index": self.index}
        return {"type": f"response.{kind}", **place, **fields}

    @abstractmethod
    def close(self, status: str) -> tuple[dict[str, JSON], list[Event]]:
        """Return the whole item, and what is still to be said but that it is done."""


def added(index: int, item: dict[str, JSON]) -> Event:
    """Return the event by which an item begins."""
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def done(index: int, item: dict[str, JSON]) -> Event:
    """Return the event by which an item ends."""
    return {"type": "response.output_item.done", "output_index": index, "item": item}


class OpenMessage(OpenItem):
    """A message; its contents follow each other, and only the last can grow."""

    def __init__(self, id: str, index: int, seal: Seal | None) -> None:
        """Start with the seal of its first text."""
        super().__init__(id, index)
        self.key = message_key(seal)
        self.phase = phase([seal])
        self.refused = False
        self._contents: list[dict[str, JSON]] = []
        self._pieces: list[str] = []
        self._seal: Seal | None = None
        self._growing = False

    @property
    def last(self) -> int:
        """The place of the last content."""
        return len(self._contents) - 1

    def begin(self) -> Event:
        """Return the event by which it begins."""
        item = message_item([], id=self.id, phase=self.phase, status="in_progress")
        return added(self.index, item)

    def next(self, *, refusal: bool) -> list[Event]:
        """Begin a further content."""
        events = self._end_content()
        self.refused = self.refused or refusal
        part: dict[str, JSON] = {"type": "refusal", "refusal": ""} if refusal else output_text("")
        self._contents.append(dict(part))
        self._growing, self._pieces, self._seal = True, [], None
        return [*events, self.about("content_part.added", content_index=self.last, part=part)]

    def text(self, delta: TextDelta) -> list[Event]:
        """Let the last content grow."""
        self._seal = delta.seal or self._seal
        if not delta.text:
            return []
        self._pieces.append(delta.text)
        place = self.last
        if self._contents[place]["type"] == "refusal":
            return [self.about("refusal.delta", content_index=place, delta=delta.text)]
        return [self.about("output_text.delta", content_index=place, delta=delta.text, logprobs=[])]

    def cite(self, place: int, citation: Citation) -> Event:
        """Add a citation to a content, also to one that is done."""
        annotation = written_annotation(citation)
        before = self._contents[place].get("annotations")
        said = list(before) if isinstance(before, list) else []
        self._contents[place]["annotations"] = [*said, annotation]
        return self.about(
            "output_text.annotation.added",
            content_index=place,
            annotation_index=len(said),
            annotation=annotation,
        )

    def close(self, status: str) -> tuple[dict[str, JSON], list[Event]]:
        """Return the whole message and the end of its last content."""
        events = self._end_content()
        item = message_item(self._contents, id=self.id, phase=self.phase, status=status)
        return item, events

    def _end_content(self) -> list[Event]:
        if not self._growing:
            return []
        self._growing = False
        place, content, text = self.last, self._contents[-1], "".join(self._pieces)
        refusal = content["type"] == "refusal"
        content["refusal" if refusal else "text"] = text
        hidden = hidden_seal(
            self._seal, told_seal(self.id, REFUSAL if refusal else self.phase or "")
        )
        if hidden is not None:
            content["encrypted_content"] = hidden
        if refusal:
            end = self.about("refusal.done", content_index=place, refusal=text)
        else:
            end = self.about("output_text.done", content_index=place, text=text, logprobs=[])
        return [end, self.about("content_part.done", content_index=place, part=dict(content))]


class OpenReasoning(OpenItem):
    """Thoughts: one summary, or one text where they are shown as they are."""

    def __init__(self, id: str, index: int, delta: ReasoningDelta) -> None:
        """Start with the first delta, which alone can tell how they are shown."""
        super().__init__(id, index)
        raw = is_raw(delta.seal) and delta.seal is not None and delta.seal.id == id
        self._raw = raw
        self._name = "reasoning_text" if raw else "reasoning_summary_text"
        self._place: dict[str, JSON] = {"content_index" if raw else "summary_index": 0}
        self._pieces: list[str] = []
        self._seal: Seal | None = None
        self._redacted = False
        self._shown = False

    def begin(self) -> Event:
        """Return the event by which it begins."""
        return added(self.index, self._item([], None))

    def text(self, delta: ReasoningDelta) -> list[Event]:
        """Let the thoughts grow."""
        self._seal = delta.seal or self._seal
        self._redacted = self._redacted or delta.redacted
        if not delta.text:
            return []
        self._pieces.append(delta.text)
        grown = self.about(f"{self._name}.delta", **self._place, delta=delta.text)
        return [*self._show(), grown]

    def close(self, status: str) -> tuple[dict[str, JSON], list[Event]]:
        """Return the whole item and the end of its text."""
        events: list[Event] = []
        text = "".join(self._pieces)
        if not self._redacted or self._shown:
            part = self._part(text)
            events = [
                *self._show(),
                self.about(f"{self._name}.done", **self._place, text=text),
                self.about(f"{self._part_name}.done", **self._place, part=part),
            ]
        return self.resealed(None), events

    def resealed(self, seal: Seal | None) -> dict[str, JSON]:
        """Return the whole item with this seal, None: the last one that came."""
        self._seal = seal or self._seal
        encrypted = None if self._raw else encrypted_content(self._seal, self.id)
        return self._item(["".join(self._pieces)] if self._shown else [], encrypted)

    @property
    def _part_name(self) -> str:
        return "content_part" if self._raw else "reasoning_summary_part"

    def _show(self) -> list[Event]:
        if self._shown:
            return []
        self._shown = True
        return [self.about(f"{self._part_name}.added", **self._place, part=self._part(""))]

    def _part(self, text: str) -> JSON:
        return {"type": "reasoning_text" if self._raw else "summary_text", "text": text}

    def _item(self, texts: list[str], encrypted: str | None) -> dict[str, JSON]:
        return reasoning_item(texts, raw=self._raw, id=self.id, encrypted=encrypted)


class OpenCall(OpenItem):
    """A function call; calls may grow side by side."""

    def __init__(self, id: str, index: int, delta: ToolCallDelta) -> None:
        """Start with the first delta."""
        super().__init__(id, index)
        self._call_id = delta.id or f"call_{id}"
        self._name = ""
        self._pieces: list[str] = []
        self._seal: Seal | None = None

    def begin(self, name: str) -> Event:
        """Return the event by which it begins."""
        call = ToolCall(self._call_id, name, "")
        return added(self.index, call_item(call, id=self.id, status="in_progress"))

    def more(self, delta: ToolCallDelta) -> list[Event]:
        """Let the call grow."""
        self._seal = delta.seal or self._seal
        self._name += delta.name or ""
        if not delta.arguments:
            return []
        self._pieces.append(delta.arguments)
        return [self.about("function_call_arguments.delta", delta=delta.arguments)]

    def close(self, status: str) -> tuple[dict[str, JSON], list[Event]]:
        """Return the whole call and the end of its arguments."""
        arguments = "".join(self._pieces)
        call = ToolCall(self._call_id, self._name, arguments)
        item = call_item(call, id=self.id, status=status)
        hidden = hidden_seal(self._seal, told_seal(self.id, ""))
        if hidden is not None:
            item["encrypted_content"] = hidden
        end = self.about("function_call_arguments.done", name=self._name, arguments=arguments)
        return item, [end]
