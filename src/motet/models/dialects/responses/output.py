"""The items of an answer, read from what a stream says of them or from the item itself.

An item gives out each piece as it comes and, when it is whole, what was not given out yet:
so one that comes in one piece makes the same parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from motet.core.chat import (
    ChatEvent,
    Cited,
    Data,
    Image,
    Native,
    Reasoning,
    ReasoningDelta,
    Seal,
    TextDelta,
    ToolCallDelta,
    Whole,
)
from motet.core.ids import sha256
from motet.core.json import JSON, dumps
from motet.models.dialects.responses.citations import read_annotation
from motet.models.dialects.responses.sealing import (
    NAME,
    RAW,
    REFUSAL,
    provider_id,
    read_seal,
    told_seal,
)

Item = Mapping[str, JSON]


_CLIENT_ACTS: Final = frozenset(
    ("custom_tool_call", "computer_call", "local_shell_call", "shell_call", "apply_patch_call")
)


@dataclass(slots=True)
class Tally:
    """Counts the parts of one answer; knows whether it was refused, or waits for the client."""

    blocks: int = 0
    calls: int = 0
    refused: bool = False
    waits: bool = False

    def block(self) -> int:
        """Return the next block of text or of thoughts."""
        self.blocks += 1
        return self.blocks - 1

    def call(self) -> int:
        """Return the next index of a call."""
        self.calls += 1
        return self.calls - 1


class Reading(Protocol):
    """One item as it comes."""

    def piece(self, event: Item) -> list[ChatEvent]:
        """Take an event of the stream that is about the item."""
        ...

    def end(self, item: Item) -> list[ChatEvent]:
        """Take the whole item."""
        ...

    def overtaken(self) -> list[ChatEvent]:
        """Take note that another item begins, though the end of this one has not come."""
        ...


def reading(item: Item, tally: Tally, place: int) -> Reading:
    """Return a reading of the item at a place of the answer."""
    kind = item.get("type")
    if kind == "message":
        return _MessageReading(item, tally)
    if kind == "reasoning":
        return _ReasoningReading(item, tally)
    if kind == "function_call":
        return _CallReading(item, tally, place)
    return _OtherReading(tally)


class _Said:
    """What was given out of a text so far."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def add(self, piece: str) -> None:
        """Take note of a piece."""
        self._pieces.append(piece)

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self._pieces)

    def missing(self, whole: str) -> str:
        """Return what of the whole text was not given out; nothing where it is another text."""
        said = self.text
        return whole[len(said) :] if whole.startswith(said) else ""


@dataclass(slots=True)
class _Content:
    """One content of a message."""

    block: int
    seal: Seal | None
    said: _Said = field(default_factory=_Said)
    cited: int = 0

    def text(self, delta: str) -> list[ChatEvent]:
        """Return more of its text."""
        seal = None if self.said else self.seal
        if delta:
            self.said.add(delta)
        return [TextDelta(delta, self.block, seal)] if delta else []

    def cite(self, annotation: JSON) -> list[ChatEvent]:
        """Return an annotation as citation."""
        self.cited += 1
        citation = read_annotation(annotation)
        return [] if citation is None else [Cited(citation, self.block)]


class _Reading:
    """What most kinds of items have in common."""

    def piece(self, event: Item) -> list[ChatEvent]:
        return []

    def overtaken(self) -> list[ChatEvent]:
        return []


class _MessageReading(_Reading):
    """Contents stand beside each other; each is a block."""

    def __init__(self, item: Item, tally: Tally) -> None:
        self._tally = tally
        self._phase = string(item.get("phase"))
        self._item = item
        self._contents: dict[int, _Content] = {}

    def piece(self, event: Item) -> list[ChatEvent]:
        kind, place = event.get("type"), whole_number(event.get("content_index"))
        delta = string(event.get("delta"))
        if kind == "response.output_text.delta":
            return self._content(place, self._phase).text(delta)
        if kind == "response.refusal.delta":
            self._tally.refused = True
            return self._content(place, REFUSAL).text(delta)
        if kind == "response.output_text.annotation.added":
            return self._content(place, self._phase).cite(event.get("annotation"))
        return []

    def end(self, item: Item) -> list[ChatEvent]:
        events: list[ChatEvent] = []
        for place, part in enumerate(mappings(item.get("content"))):
            kind = part.get("type")
            if kind not in ("output_text", "refusal", "input_text", "text"):
                own = {**item, "content": [part]}
                events.append(Whole(Native(NAME, own)))
                continue
            self._tally.refused = self._tally.refused or kind == "refusal"
            text = string(part.get("refusal" if kind == "refusal" else "text"))
            annotations = part.get("annotations")
            cited = annotations if isinstance(annotations, Sequence) else ()
            if not (text or cited or part.get("encrypted_content")):
                continue
            content = self._content(place, REFUSAL if kind == "refusal" else self._phase)
            events += content.text(content.said.missing(text))
            if part.get("encrypted_content"):
                seal = read_seal(part, id=item.get("id"))
                events.append(TextDelta("", content.block, seal))
            for annotation in cited[content.cited :]:
                events += content.cite(annotation)
        return events

    def _content(self, place: int, value: str) -> _Content:
        if place not in self._contents:
            seal = told_seal(self._item.get("id"), value)
            self._contents[place] = _Content(self._tally.block(), seal)
        return self._contents[place]


class _ReasoningReading(_Reading):
    """Summaries and thoughts of one item are one text, with an empty line between them."""

    def __init__(self, item: Item, tally: Tally) -> None:
        self._item = item
        self._block = tally.block()
        self._raw = False
        self._said = _Said()
        self._at: object = None

    def piece(self, event: Item) -> list[ChatEvent]:
        kind = event.get("type")
        if kind == "response.reasoning_summary_text.delta":
            at = ("summary", event.get("summary_index"))
        elif kind == "response.reasoning_text.delta":
            at = ("content", event.get("content_index"))
        else:
            return []
        delta = string(event.get("delta"))
        if not delta:
            return []
        self._raw = self._raw or at[0] == "content"
        gap = "\n\n" if self._said and at != self._at else ""
        self._at = at
        self._said.add(gap + delta)
        return [ReasoningDelta(gap + delta, self._block)]

    def end(self, item: Item) -> list[ChatEvent]:
        whole = read_reasoning(item)
        rest = self._said.missing(whole.text)
        redacted = whole.redacted and not self._said
        return [ReasoningDelta(rest, self._block, whole.seal, redacted)]

    def overtaken(self) -> list[ChatEvent]:
        # Some servers leave out the end; the seal must not come behind what follows.
        seal = told_seal(self._item.get("id"), RAW if self._raw else "")
        return [ReasoningDelta("", self._block, seal)] if self._said else []


class _CallReading(_Reading):
    """The arguments of a call come in deltas."""

    def __init__(self, item: Item, tally: Tally, place: int) -> None:
        self._index = tally.call()
        self._place = place
        self._begun = False
        self._said = _Said()
        self._item = item

    def piece(self, event: Item) -> list[ChatEvent]:
        if event.get("type") == "response.output_item.added":
            return self._begin(self._item) if self._item.get("name") else []
        delta = string(event.get("delta"))
        if event.get("type") != "response.function_call_arguments.delta" or not delta:
            return []
        self._said.add(delta)
        return [ToolCallDelta(self._index, None, None, delta)] if self._begun else []

    def end(self, item: Item) -> list[ChatEvent]:
        arguments = item.get("arguments")
        text = arguments if isinstance(arguments, str) else dumps(arguments or {})
        missing = self._said.missing(text)
        events: list[ChatEvent] = []
        if not self._begun:
            events = self._begin(item)
            missing = self._said.text + missing
        seal = read_seal(item) if item.get("encrypted_content") else None
        if missing or seal is not None:
            events.append(ToolCallDelta(self._index, None, None, missing, seal))
        return events

    def _begin(self, item: Item) -> list[ChatEvent]:
        self._begun = True
        id = string(item.get("call_id")) or string(item.get("id"))
        name = string(item.get("name"))
        made = f"call_{sha256(f'{name}/{self._place}'.encode())[:24]}"
        return [ToolCallDelta(self._index, id or made, name, "", read_seal(item))]


class _OtherReading(_Reading):
    """Everything else is of the dialect's own, but for pictures that we wrote."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def end(self, item: Item) -> list[ChatEvent]:
        self._tally.waits = self._tally.waits or string(item.get("type")) in _CLIENT_ACTS
        picture = read_picture(item)
        return [Whole(Native(NAME, item) if picture is None else picture)]


def read_reasoning(item: Item) -> Reasoning:
    """Return the thoughts of a reasoning item."""
    summaries = [string(part.get("text")) for part in mappings(item.get("summary"))]
    contents = [string(part.get("text")) for part in mappings(item.get("content"))]
    text = "\n\n".join(piece for piece in (*summaries, *contents) if piece)
    raw = bool(contents) and not summaries
    return Reasoning(text, read_seal(item, RAW if raw else ""), not summaries and not contents)


def read_picture(item: Item) -> Image | None:
    """Return the picture of an item that we wrote; what a provider made has more to it."""
    if item.get("type") != "image_generation_call" or provider_id(item.get("id")) is not None:
        return None
    result, format = item.get("result"), item.get("output_format")
    if not isinstance(result, str) or not isinstance(format, str):
        return None
    return Image(Data(f"image/{format}", result))


def string(value: JSON) -> str:
    """Return a string, an empty one for anything else."""
    return value if isinstance(value, str) else ""


def whole_number(value: JSON) -> int:
    """Return a whole number, 0 for anything else."""
    return value if isinstance(value, int) else 0


def mappings(value: JSON) -> list[Item]:
    """Return the objects of a list."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [item for item in value if isinstance(item, Mapping)]
