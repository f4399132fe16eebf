"""A client's `contents` and `systemInstruction` as messages.

https://ai.google.dev/api/caching#Content
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.chat import (
    Image,
    Message,
    Native,
    Part,
    Reasoning,
    Role,
    Seal,
    Text,
    ToolCall,
)
from motet.core.json import JSON, dumps
from motet.models.dialects.dialect import BadRequest
from motet.models.dialects.gemini.arguments import read_result
from motet.models.dialects.gemini.fields import Fields
from motet.models.dialects.gemini.media import Medium, read_address, read_blob
from motet.models.dialects.gemini.signatures import NAME, seal_of

_DETAILS = {"MEDIA_RESOLUTION_LOW": "low", "MEDIA_RESOLUTION_HIGH": "high"}


class TurnReader:
    """Reads turns in order; calls without an id get one, their results find it by name."""

    def __init__(self) -> None:
        self.lost: list[str] = []
        self._open: list[tuple[str, str]] = []
        self._ids: set[str] = set()

    def system(self, value: JSON) -> list[Message]:
        """Read a `systemInstruction`. Raises `BadRequest`."""
        if value is None:
            return []
        if isinstance(value, str):
            return [Message("system", value)]
        fields = Fields(value, "systemInstruction")
        fields.take("role")
        parts = self._parts(fields)
        self.lost += fields.unknown()
        return [_message("system", parts)] if parts else []

    def contents(self, body: Fields) -> list[Message]:
        """Read all turns. Raises `BadRequest`."""
        found: list[Message] = []
        for place, value in enumerate(body.items("contents")):
            fields = Fields(value, f"contents[{place}]")
            role = fields.text("role") or "user"
            if role not in ("user", "model", "function"):
                raise fields.wrong("role", "user or model")
            found += self._turn(fields, "assistant" if role == "model" else "user")
            self.lost += fields.unknown()
        return found

    def _turn(self, fields: Fields, role: Role) -> list[Message]:
        """Read one turn; each result in it is a message of its own."""
        found: list[Message] = []
        parts: list[Part] = []
        for place, value in enumerate(fields.items("parts")):
            part = Fields(value, f"{fields.path}.parts[{place}]")
            result = part.object("functionResponse")
            if result is None:
                parts += self._part(part)
                continue
            if parts:
                found.append(_message(role, parts))
                parts = []
            found.append(self._result(result))
            self.lost += part.unknown()
        return [*found, _message(role, parts)] if parts or not found else found

    def _parts(self, fields: Fields) -> list[Part]:
        return [
            part
            for place, value in enumerate(fields.items("parts"))
            for part in self._part(Fields(value, f"{fields.path}.parts[{place}]"))
        ]

    def _part(self, fields: Fields) -> list[Part]:
        whole = dict(fields.left)
        thought = fields.flag("thought") or False
        seal = seal_of(fields.text("thoughtSignature"))
        text = fields.text("text")
        if (call := fields.object("functionCall")) is not None:
            self.lost += fields.unknown()
            return [self._call(call, seal=seal)]
        if text is not None or (thought and not fields.left):
            self.lost += fields.unknown()
            if not thought:
                return [Text(text or "", seal=seal)]
            redacted = text is None and seal is not None and seal.dialect != NAME
            return [Reasoning(text or "", seal, redacted)]
        medium = None if thought else self._medium(fields)
        if medium is None:
            return [Native(NAME, whole)]
        return [medium, Text("", seal=seal)] if seal else [medium]

    def _medium(self, fields: Fields) -> Medium | None:
        blob, address = fields.object("inlineData"), fields.object("fileData")
        medium = None
        if blob is not None:
            medium = read_blob(blob)
        elif address is not None:
            medium = read_address(address)
        resolution = fields.object("mediaResolution")
        level = resolution.text("level") if resolution is not None else None
        if isinstance(medium, Image) and level in _DETAILS:
            medium = Image(medium.source, _DETAILS[level])
        elif medium is not None and level is not None:
            self.lost.append(fields.at("mediaResolution"))
        if medium is not None:
            self.lost += fields.unknown()
        return medium

    def _call(self, fields: Fields, *, seal: Seal | None) -> ToolCall:
        name = fields.text("name")
        if not name:
            raise fields.wrong("name", "the name of a function")
        id = fields.text("id") or self._made_id()
        self._ids.add(id)
        self._open.append((id, name))
        arguments = fields.mapping("args")
        self.lost += fields.unknown()
        return ToolCall(id, name, _written(arguments or {}, fields.at("args")), seal)

    def _result(self, fields: Fields) -> Message:
        name = fields.text("name")
        if not name:
            raise fields.wrong("name", "the name of a function")
        id, called = self._answered(fields.text("id"), name)
        response = fields.mapping("response") or {}
        _written(response, fields.at("response"))
        text, is_error = read_result(response)
        content: list[Part] = [Text(text)] if text else []
        for place, value in enumerate(fields.items("parts")):
            part = Fields(value, fields.at(f"parts[{place}]"))
            whole = dict(part.left)
            content.append(self._medium(part) or Native(NAME, whole))
        self.lost += fields.unknown()
        plain = text if content == [Text(text)] or not content else tuple(content)
        # The name is said only where the call before it does not say the same.
        told = None if called == name else name
        return Message("tool", plain, tool_call_id=id, name=told, is_error=is_error)

    def _answered(self, id: str | None, name: str) -> tuple[str, str | None]:
        """Return id and name of the call that a result answers: by its id, else by its name."""
        for call in self._open:
            if id == call[0] or (id is None and name == call[1]):
                self._open.remove(call)
                return call
        if id is None:
            id = self._made_id()
            self._ids.add(id)
        return id, None

    def _made_id(self) -> str:
        number = len(self._ids)
        while f"call_{number}" in self._ids:
            number += 1
        return f"call_{number}"


def _written(value: Mapping[str, JSON], path: str) -> str:
    try:
        return dumps(value)
    except ValueError as error:
        raise BadRequest(f"{path} holds a number beyond all bounds", param=path) from error


def _message(role: Role, parts: Sequence[Part]) -> Message:
    match parts:
        case []:
            return Message(role, "")
        case [Text(text) as only] if only == Text(text):
            return Message(role, text)
    return Message(role, tuple(parts))
