"""Parts of an answer as canonical events, whether they come in one piece or in many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from motet.core.chat import (
    Audio,
    AudioDelta,
    ChatEvent,
    Cited,
    Data,
    Native,
    ReasoningDelta,
    Seal,
    TextDelta,
    ToolCallDelta,
    Whole,
)
from motet.core.ids import sha256
from motet.core.json import JSON, dumps
from motet.models.dialects.dialect import BadRequest
from motet.models.dialects.gemini.citations import Passage, written_grounding
from motet.models.dialects.gemini.fields import Fields
from motet.models.dialects.gemini.media import read_address, read_blob
from motet.models.dialects.gemini.signatures import NAME, seal_of

_THOUGHT = frozenset({"thought", "thoughtSignature"})
_KNOWN = _THOUGHT | {"inlineData", "fileData"}


class AnswerParts:
    """Reads parts chunk by chunk.

    The first part of a chunk goes on with the text or thought before it, unless that one was
    signed, which ends it; every other part of the chunk is one of its own.
    """

    def __init__(self) -> None:
        self._kind = ""
        self._open = False
        self._count = 0
        self._blocks = {"text": -1, "thought": -1}
        self._texts: dict[int, list[str]] = {}
        self._places: dict[int, int] = {}
        self._calls = 0
        self.nameless = False

    @property
    def called(self) -> bool:
        """Whether there is a tool call."""
        return self._calls > 0

    def chunk(self, parts: Iterable[Mapping[str, JSON]], answer: str) -> list[ChatEvent]:
        """Read the parts of one chunk of the answer with that id."""
        events: list[ChatEvent] = []
        for place, part in enumerate(parts):
            events += self._part(part, answer, first=place == 0)
        return events

    def passages(self) -> list[Passage]:
        """Return the texts so far."""
        return [
            Passage(block, self._places[block], "".join(pieces))
            for block, pieces in self._texts.items()
            if any(pieces)
        ]

    def grounding(self, cited: Sequence[Cited]) -> JSON:
        """Return how these citations are written if nothing else is said about the answer."""
        passages = {passage.block: passage for passage in self.passages()}
        runs = groupby(cited, key=attrgetter("block"))
        return written_grounding(
            [(passages[block], [event.citation for event in run]) for block, run in runs]
        )

    def _part(self, part: Mapping[str, JSON], answer: str, *, first: bool) -> list[ChatEvent]:
        signature = part.get("thoughtSignature")
        seal = seal_of(signature if isinstance(signature, str) else None)
        thought = part.get("thought") is True
        if isinstance(part.get("functionCall"), Mapping):
            self._begin("call")
            return self._call(part["functionCall"], answer, seal)
        if isinstance(part.get("text"), str) or (thought and part.keys() <= _THOUGHT):
            return self._said(part, seal, first=first, thought=thought)
        self._begin("whole")
        medium = None if thought else _medium(part)
        if medium is None:
            return [Whole(Native(NAME, part))]
        sealed = self._said({"text": ""}, seal, first=False, thought=False) if seal else []
        return [medium, *sealed]

    def _said(
        self, part: Mapping[str, JSON], seal: Seal | None, *, first: bool, thought: bool
    ) -> list[ChatEvent]:
        kind = "thought" if thought else "text"
        text = part.get("text")
        if not (first and self._open and self._kind == kind):
            self._begin(kind)
            self._blocks[kind] += 1
        block = self._blocks[kind]
        self._open = seal is None
        words = text if isinstance(text, str) else ""
        if not thought:
            self._texts.setdefault(block, []).append(words)
            self._places.setdefault(block, self._count - 1)
        if not words and seal is None:
            return []
        if not thought:
            return [TextDelta(words, block, seal)]
        # A redacted thought of another provider has no text at all, not an empty one.
        redacted = text is None and seal is not None and seal.dialect != NAME
        return [ReasoningDelta(words, block, seal, redacted)]

    def _begin(self, kind: str) -> None:
        self._kind = kind
        self._open = False
        self._count += 1

    def _call(self, call: JSON, answer: str, seal: Seal | None) -> list[ChatEvent]:
        assert isinstance(call, Mapping)
        index = self._calls
        self._calls += 1
        name, id = call.get("name"), call.get("id")
        if not isinstance(name, str) or not name:
            self.nameless = True
            return []
        if not isinstance(id, str) or not id:
            # A made id depends on the answer alone: streamed or not, it is the same.
            id = f"call_{sha256(f'{answer}/{index}'.encode())[:24]}"
        arguments = call.get("args")
        written = dumps(arguments) if isinstance(arguments, Mapping) else "{}"
        return [ToolCallDelta(index, id, name, written, seal)]


def _medium(part: Mapping[str, JSON]) -> ChatEvent | None:
    """Read a picture, sound or document; None for anything else."""
    if not part.keys() <= _KNOWN:
        return None
    try:
        if (blob := part.get("inlineData")) is not None:
            medium = read_blob(Fields(blob))
        elif (address := part.get("fileData")) is not None:
            medium = read_address(Fields(address))
        else:
            return None
    except BadRequest:
        return None  # not as documented: it stays as the provider wrote it
    if not isinstance(medium, Audio):
        return None if medium is None else Whole(medium)
    if isinstance(medium.source, Data):
        return AudioDelta(medium.source.base64, "", medium.source.media_type)
    return None
