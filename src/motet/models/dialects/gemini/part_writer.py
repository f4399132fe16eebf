"""Parts of a turn as `Part` objects (https://ai.google.dev/api/caching#Part)."""

from __future__ import annotations

from collections.abc import Sequence

from motet.core.chat import (
    Audio,
    Document,
    Image,
    Native,
    Part,
    Reasoning,
    Text,
    ToolCall,
)
from motet.core.json import JSON
from motet.models.dialects.gemini.arguments import written_arguments
from motet.models.dialects.gemini.candidates import is_about_candidate
from motet.models.dialects.gemini.media import written_source
from motet.models.dialects.gemini.signatures import NAME, UNSIGNED
from motet.models.dialects.gemini.versions import is_third
from motet.models.dialects.seals import sealed

Written = dict[str, JSON]

_LEVELS = {"low": "MEDIA_RESOLUTION_LOW", "high": "MEDIA_RESOLUTION_HIGH"}


class PartWriter:
    """Writes parts; `lost` grows by what of them cannot be said.

    Toward a provider (`model` given) the seals of others are left out; toward a client they
    travel on, to come back.
    """

    def __init__(self, model: str | None) -> None:
        self._model = model
        self.lost: list[str] = []

    def turn(self, parts: Sequence[Part], path: str) -> list[JSON]:
        """Write the parts of one turn; `path` is where they stand, for `lost`."""
        written: list[Written] = []
        for place, part in enumerate(parts):
            where = f"{path}[{place}]"
            if written and isinstance(part, Text) and _seals_medium(part, written[-1]):
                self._sign(written[-1], part, where)
            elif (found := self.part(part, where)) is not None:
                written.append(found)
        if self._model is not None and is_third(self._model):
            _sign_first_call(written)
        return list(written)

    def part(self, part: Part, where: str) -> Written | None:
        """Write one part; None where nothing of it can be said."""
        if isinstance(part, Text):
            return self._text(part, where)
        if isinstance(part, Reasoning):
            return self._reasoning(part, where)
        if isinstance(part, ToolCall):
            return self._call(part, where)
        if isinstance(part, Native):
            return self._native(part, where)
        return self._medium(part, where)

    def _text(self, part: Text, where: str) -> Written:
        if part.cache is not None:
            self.lost.append(f"{where}.cache_control")
        if part.citations and self._model is not None:
            self.lost.append(f"{where}.citations")
        written: Written = {"text": part.text}
        self._sign(written, part, where)
        return written

    def _reasoning(self, part: Reasoning, where: str) -> Written | None:
        # Without a text at all: so a redacted thought is told from one that is only signed.
        written: Written = {} if part.redacted else {"text": part.text}
        self._sign(written, part, where)
        return {**written, "thought": True} if written else None

    def _call(self, part: ToolCall, where: str) -> Written:
        arguments, readable = written_arguments(part.arguments)
        if not readable:
            self.lost.append(f"{where}.arguments")
        if part.cache is not None:
            self.lost.append(f"{where}.cache_control")
        written: Written = {
            "functionCall": {"id": part.id, "name": part.name, "args": arguments},
        }
        self._sign(written, part, where)
        return written

    def _native(self, part: Native, where: str) -> Written | None:
        if part.dialect != NAME:
            self.lost.append(where)
            return None
        # What was said about an answer is no part of a turn.
        return None if is_about_candidate(part) else dict(part.value)

    def _medium(self, part: Image | Audio | Document, where: str) -> Written | None:
        written = written_source(part)
        if written is None:
            self.lost.append(where)
            return None
        if isinstance(part, Image) and part.detail not in (None, "auto"):
            level = _LEVELS.get(part.detail or "")
            if level and self._model is not None and is_third(self._model):
                written["mediaResolution"] = {"level": level}
            else:
                self.lost.append(f"{where}.detail")
        self.lost += [f"{where}.{name}" for name in _unsaid(part)]
        return written

    def _sign(self, written: Written, part: Text | Reasoning | ToolCall, where: str) -> None:
        seal = part.seal
        if seal is None:
            return
        if self._model is not None and seal.dialect != NAME:
            self.lost.append(f"{where}.seal")
            return
        written["thoughtSignature"] = sealed(seal, NAME)


def _seals_medium(part: Text, before: Written) -> bool:
    """Whether the part is only the seal of the picture or file before it."""
    sealing = not part.text and part.seal is not None
    return sealing and bool(before.keys() & {"inlineData", "fileData"})


def _sign_first_call(written: list[Written]) -> None:
    """Give a turn's first call, where it came from elsewhere, what stands for a signature."""
    call = next((part for part in written if "functionCall" in part), None)
    if call is not None:
        call.setdefault("thoughtSignature", UNSIGNED)


def _unsaid(part: Image | Audio | Document) -> list[str]:
    if isinstance(part, Image):
        return ["cache_control"] if part.cache is not None else []
    if isinstance(part, Audio):
        return [name for name in ("transcript", "id") if getattr(part, name) is not None]
    names = {"title": part.title, "context": part.context, "cite": part.cite or None}
    lost = [name for name, value in names.items() if value is not None]
    return [*lost, "cache_control"] if part.cache is not None else lost
