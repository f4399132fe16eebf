"""The output of an answer as it grows: which items are open, and which event belongs to which."""

from __future__ import annotations

from motet.core.chat import (
    AudioDelta,
    ChatEvent,
    Cited,
    Document,
    Finished,
    Image,
    Native,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Whole,
)
from motet.core.json import JSON
from motet.models.dialects.responses.citations import unsaid
from motet.models.dialects.responses.items import native_item, picture_item
from motet.models.dialects.responses.open_items import (
    Event,
    OpenCall,
    OpenItem,
    OpenMessage,
    OpenReasoning,
    added,
    done,
)
from motet.models.dialects.responses.sealing import ItemIds, is_refusal, message_key


class Output:
    """Turns canonical events into those of the API, still without their numbers.

    A text or thoughts end where something else begins; what comes for them later becomes an
    item of its own. Calls stay open until the end, as their arguments may interleave.
    """

    def __init__(self, answer: str, lost: list[str]) -> None:
        """Start; `answer` is its id, `lost` gets the paths of what cannot be said."""
        self.items: list[dict[str, JSON]] = []
        self._ids = ItemIds(answer)
        self._lost = lost
        self._open: OpenMessage | OpenReasoning | None = None
        self._calls: dict[int, OpenCall] = {}
        self._blocks: dict[int, tuple[OpenMessage, int]] = {}
        self._thoughts: dict[int, OpenReasoning] = {}
        self._refused = False

    def feed(self, event: ChatEvent) -> list[Event]:
        """Take an event of the answer but the last."""
        if isinstance(event, TextDelta):
            return self._text(event)
        if isinstance(event, ToolCallDelta):
            return self._call(event)
        if isinstance(event, ReasoningDelta):
            return self._reasoning(event)
        if isinstance(event, Cited):
            return self._cited(event)
        if isinstance(event, Whole):
            return self._whole(event.part)
        if isinstance(event, AudioDelta) and "audio" not in self._lost:
            self._lost.append("audio")
        return []

    def finish(self, end: Finished) -> list[Event]:
        """End all items; `refusal` is said by a content of that kind."""
        events: list[Event] = []
        if end.detail == "refusal" and end.reason == "content_filter" and not self._refused:
            events = [*self._message(TextDelta("", -1)), *self._next_content(-1, refusal=True)]
        opened: list[OpenItem] = [*self._calls.values()]
        opened += [self._open] if self._open is not None else []
        whole = end.reason in ("stop", "tool_calls") or end.detail == "refusal"
        for item in sorted(opened, key=_index):
            last = item.index == len(self.items) - 1
            events += self._close(item, "completed" if whole or not last else "incomplete")
        self._calls, self._open = {}, None
        return events

    def _text(self, delta: TextDelta) -> list[Event]:
        message, place = self._blocks.get(delta.block, (None, 0))
        if message is not None and message is self._open and place == message.last:
            return message.text(delta)
        if not delta.text and delta.seal is None:
            return []
        events = self._message(delta)
        events += self._next_content(delta.block, refusal=is_refusal(delta.seal))
        return [*events, *self._blocks[delta.block][0].text(delta)]

    def _message(self, delta: TextDelta) -> list[Event]:
        """Open a message for a text, if the open one is not of the same item."""
        if isinstance(self._open, OpenMessage) and self._open.key == message_key(delta.seal):
            return []
        events = self._end_open()
        opened = OpenMessage(self._ids.give(delta.seal, "msg"), len(self.items), delta.seal)
        self._open = opened
        return [*events, self._begun(opened.begin())]

    def _next_content(self, block: int, *, refusal: bool) -> list[Event]:
        assert isinstance(self._open, OpenMessage)
        self._refused = self._refused or refusal
        events = self._open.next(refusal=refusal)
        self._blocks[block] = self._open, self._open.last
        return events

    def _cited(self, event: Cited) -> list[Event]:
        events: list[Event] = []
        if event.block not in self._blocks:
            events = [*self._message(TextDelta("", event.block))]
            events += self._next_content(event.block, refusal=False)
        message, place = self._blocks[event.block]
        said = message.cite(place, event.citation)
        if unsaid(event.citation):
            at = f"output[{message.index}].content[{place}]"
            self._lost.append(f"{at}.annotations[{said['annotation_index']}]")
        return [*events, said]

    def _reasoning(self, delta: ReasoningDelta) -> list[Event]:
        opened = self._thoughts.get(delta.block)
        if opened is not None and opened is self._open:
            return opened.text(delta)
        if opened is not None and not delta.text:
            # Its seal alone comes late; the whole response can still say it.
            self.items[opened.index] = opened.resealed(delta.seal)
            return []
        events = self._end_open()
        opened = OpenReasoning(self._ids.give(delta.seal, "rs"), len(self.items), delta)
        self._open = self._thoughts[delta.block] = opened
        return [*events, self._begun(opened.begin()), *opened.text(delta)]

    def _call(self, delta: ToolCallDelta) -> list[Event]:
        if delta.index in self._calls:
            return self._calls[delta.index].more(delta)
        events = self._end_open()
        call = OpenCall(self._ids.give(delta.seal, "fc"), len(self.items), delta)
        self._calls[delta.index] = call
        return [*events, self._begun(call.begin(delta.name or "")), *call.more(delta)]

    def _whole(self, part: Image | Document | Native) -> list[Event]:
        item = picture_item(part, self._ids.give(None, "ig")) if isinstance(part, Image) else None
        own = native_item(part)
        item = dict(own) if own is not None else item
        if item is None:
            kind = part.dialect if isinstance(part, Native) else type(part).__name__.lower()
            self._lost.append(f"output[{len(self.items)}].{kind}")
            return []
        events = self._end_open()
        begun = self._begun(added(len(self.items), item))
        self.items[-1] = item
        return [*events, begun, done(len(self.items) - 1, item)]

    def _begun(self, event: Event) -> Event:
        """Keep the place of an item that begins."""
        self.items.append({})
        return event

    def _end_open(self) -> list[Event]:
        if self._open is None:
            return []
        opened, self._open = self._open, None
        return self._close(opened, "completed")

    def _close(self, opened: OpenItem, status: str) -> list[Event]:
        item, events = opened.close(status)
        self.items[opened.index] = item
        return [*events, done(opened.index, item)]


def _index(item: OpenItem) -> int:
    return item.index
