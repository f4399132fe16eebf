"""The `input` of a request, read as turns: the items of one model's turn become its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from motet.core.chat import (
    Citation,
    Message,
    Native,
    Part,
    Reasoning,
    Role,
    Seal,
    Text,
    ToolCall,
)
from motet.core.json import JSON
from motet.models.dialects.dialect import BadRequest
from motet.models.dialects.responses.citations import read_annotation
from motet.models.dialects.responses.content import read_content
from motet.models.dialects.responses.fields import Fields
from motet.models.dialects.responses.output import read_picture, read_reasoning
from motet.models.dialects.responses.sealing import (
    NAME,
    REFUSAL,
    message_key,
    read_seal,
    told_seal,
)

ROLES: Final = ("user", "assistant", "system", "developer")


class Turns:
    """Reads the items one after the other; `lost` names what the turns cannot hold."""

    def __init__(self, lost: list[str]) -> None:
        """Start without any."""
        self.messages: list[Message] = []
        self._lost = lost

    def read(self, value: JSON) -> None:
        """Read the whole `input`. Raises `BadRequest`."""
        if isinstance(value, str):
            self.messages.append(Message("user", value))
            return
        if not isinstance(value, Sequence):
            raise BadRequest("'input' must be a string or an array", param="input")
        for place, item in enumerate(value):
            self._item(Fields(item, f"input[{place}]"))

    def _item(self, item: Fields) -> None:
        kind = item.text("type")
        if kind is None and "role" not in item.value:
            raise BadRequest(f"'{item.at('type')}' is required", param=item.at("type"))
        if kind in (None, "message"):
            self._message(item)
        elif kind == "function_call_output":
            self._result(item)
        elif kind == "function_call":
            self._said(self._call(item))
        elif kind == "reasoning":
            self._said(self._thoughts(item))
        elif (picture := read_picture(item.value)) is not None:
            self._said(picture)
        else:
            self._said(Native(NAME, item.value))

    def _message(self, item: Fields) -> None:
        role = item.needed("role")
        if role not in ROLES:
            known = ", ".join(ROLES)
            raise BadRequest(f"'{item.at('role')}' must be one of {known}", param=item.at("role"))
        item.raw("status")
        if role == "assistant":
            self._answer(item)
            return
        item.raw("id")
        content = read_content(item, "content", self._lost)
        if role == "system" and not self.messages and isinstance(content, str):
            # A first text alone stands for `instructions`, which no later request inherits.
            content = (Text(content),)
        self.messages.append(Message(cast(Role, role), content))
        self._lost += item.unread()

    def _answer(self, item: Fields) -> None:
        phase = item.text("phase") or ""
        seal = told_seal(item.text("id"), phase)
        self._lost += [path for path in item.unread() if not path.endswith(".content")]
        content = item.value.get("content")
        begins = not self._in_turn(seal)
        if isinstance(content, str) and seal is None and begins:
            self.messages.append(Message("assistant", content))
            return
        if begins:
            self.messages.append(Message("assistant", ()))
        if isinstance(content, str):
            self._said(Text(content, seal=seal))
            return
        for place, part in enumerate(item.items("content")):
            self._said(self._answered(Fields(part, f"{item.path}.content[{place}]"), item))

    def _in_turn(self, seal: Seal | None) -> bool:
        """Whether a message with this seal goes on with the turn of the model before it."""
        last = self.messages[-1] if self.messages else None
        if last is None or last.role != "assistant":
            return False
        # Texts of two messages would become one message, were they of one turn.
        text = last.parts[-1] if last.parts else None
        return not (isinstance(text, Text) and message_key(text.seal) == message_key(seal))

    def _answered(self, part: Fields, item: Fields) -> Part:
        kind = part.needed("type")
        part.text("encrypted_content")
        told = REFUSAL if kind == "refusal" else item.text("phase") or ""
        seal = read_seal(part.value, told, id=item.value.get("id"))
        if kind == "refusal":
            return Text(part.needed("refusal"), seal=seal)
        if kind not in ("output_text", "input_text", "text"):
            return Native(NAME, {**item.value, "type": "message", "content": [part.value]})
        text = part.needed("text")
        part.raw("logprobs")
        citations: list[Citation] = []
        for place, value in enumerate(part.items("annotations")):
            citation = read_annotation(value)
            if citation is None:
                self._lost.append(f"{part.path}.annotations[{place}]")
            else:
                citations.append(citation)
        self._lost += part.unread()
        return Text(text, citations=tuple(citations), seal=seal)

    def _call(self, item: Fields) -> ToolCall:
        call = ToolCall(
            item.needed("call_id"),
            item.needed("name"),
            item.needed("arguments"),
            seal=read_seal(item.value),
        )
        for name in ("id", "encrypted_content", "status"):
            item.text(name)
        self._lost += item.unread()
        return call

    def _thoughts(self, item: Fields) -> Reasoning:
        for name in ("type", "id", "encrypted_content", "status"):
            item.text(name)
        item.items("summary")
        item.items("content")
        self._lost += item.unread()
        return read_reasoning(item.value)

    def _result(self, item: Fields) -> None:
        call = item.needed("call_id")
        content = read_content(item, "output", self._lost)
        for name in ("id", "status"):
            item.raw(name)
        self._lost += item.unread()
        self.messages.append(Message("tool", content, tool_call_id=call))

    def _said(self, *parts: Part) -> None:
        """Add to the model's turn, which the last message is or which begins."""
        last = self.messages[-1] if self.messages else None
        if last is not None and last.role == "assistant":
            self.messages[-1] = Message("assistant", (*last.parts, *parts))
        else:
            self.messages.append(Message("assistant", parts))
