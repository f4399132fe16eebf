"""Turns of a conversation as `contents` and `systemInstruction`.

https://ai.google.dev/api/caching#Content
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from motet.core.chat import Audio, Document, Image, Message, Part, Text
from motet.core.errors import UsageError
from motet.core.json import JSON
from motet.models.dialects.gemini.arguments import written_result
from motet.models.dialects.gemini.part_writer import PartWriter, Written

_SYSTEM = ("system", "developer")


class TurnWriter:
    """Writes the messages of one request to a provider's model."""

    def __init__(self, messages: Sequence[Message], model: str) -> None:
        self._parts = PartWriter(model)
        self._messages = messages
        self._names: dict[str, str] = {}

    @property
    def lost(self) -> list[str]:
        """What cannot be said."""
        return self._parts.lost

    def system(self) -> dict[str, JSON] | None:
        """Return the `systemInstruction`: there is one, so all that is said by it is joined."""
        parts: list[JSON] = []
        begun = False
        for place, message in enumerate(self._messages):
            if message.role not in _SYSTEM:
                begun = True
                continue
            if begun:
                self.lost.append(f"messages[{place}].role")
            parts += self._parts.turn(message.parts, f"messages[{place}].content")
            self._unsaid(message, place)
        return {"parts": parts} if parts else None

    def contents(self) -> list[JSON]:
        """Return the turns. Raises `UsageError` for an answer to a call that is not there."""
        turns = [
            (place, message)
            for place, message in enumerate(self._messages)
            if message.role not in _SYSTEM
        ]
        found: list[JSON] = []
        for is_result, group in groupby(turns, key=lambda turn: turn[1].role == "tool"):
            if is_result:
                # All results of a turn's calls must stand together.
                parts = [self._result(message, place) for place, message in group]
                found.append({"role": "user", "parts": parts})
            else:
                found += [self._turn(message, place) for place, message in group]
        # The API takes no request without a turn.
        return found or [{"role": "user", "parts": [{"text": ""}]}]

    def _turn(self, message: Message, place: int) -> dict[str, JSON]:
        for call in message.tool_calls:
            self._names[call.id] = call.name
        self._unsaid(message, place)
        parts = self._parts.turn(message.parts, f"messages[{place}].content")
        role = "model" if message.role == "assistant" else "user"
        return {"role": role, "parts": parts or [{"text": ""}]}

    def _result(self, message: Message, place: int) -> Written:
        path = f"messages[{place}]"
        id = message.tool_call_id
        name = message.name or self._names.get(id or "")
        if name is None:
            raise UsageError(f"{path} answers no call before it", hint="give it the call's id")
        if message.cache is not None:
            self.lost.append(f"{path}.cache_control")
        response = written_result(message.text, is_error=message.is_error)
        result: dict[str, JSON] = {"name": name, "response": response}
        if id is not None:
            result["id"] = id
        if media := self._media(message.parts, f"{path}.content"):
            result["parts"] = media
        return {"functionResponse": result}

    def _media(self, parts: Sequence[Part], path: str) -> list[JSON]:
        """Return what a result holds beside its text."""
        media: list[JSON] = []
        for place, part in enumerate(parts):
            where = f"{path}[{place}]"
            if isinstance(part, Image | Audio | Document):
                if (written := self._parts.part(part, where)) is not None:
                    media.append(written)
            elif not isinstance(part, Text):
                self.lost.append(where)
            elif part.cache is not None:
                self.lost.append(f"{where}.cache_control")
        return media

    def _unsaid(self, message: Message, place: int) -> None:
        fields = {"name": message.name, "cache_control": message.cache}
        self.lost.extend(f"messages[{place}].{name}" for name, v in fields.items() if v is not None)
