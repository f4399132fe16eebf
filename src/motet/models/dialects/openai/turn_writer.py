"""Canonical turns, written as messages of a chat completion request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.chat import Message, Part
from motet.core.json import JSON
from motet.models.dialects.openai.assistant_turn import AssistantTurn
from motet.models.dialects.openai.part_writer import PartWriter, shortest
from motet.models.providers import Flavour

_SEE_BELOW = "The result follows in the next message."


class TurnWriter:
    """Writes the messages of one request; what cannot be said is named in `lost`."""

    def __init__(self, flavour: Flavour, lost: list[str]) -> None:
        """Start; names are added to `lost`."""
        self._flavour = flavour
        self._extended = flavour == "extended"
        self._lost = lost
        self._parts = PartWriter(flavour, lost)
        self._moved: list[JSON] = []

    def write(self, messages: Sequence[Message]) -> list[JSON]:
        """Return the messages.

        What a result of a tool holds beside text comes in a user's message behind all
        results, where servers take only text as such.
        """
        written: list[JSON] = []
        for place, message in enumerate(messages):
            if message.role != "tool":
                written += self._rest_of_results()
            written.append(self._message(message, f"messages[{place}]"))
        return [*written, *self._rest_of_results()]

    def _rest_of_results(self) -> list[JSON]:
        moved, self._moved = self._moved, []
        return [{"role": "user", "content": moved}] if moved else []

    def _message(self, message: Message, path: str) -> JSON:
        role = message.role
        if role == "developer" and self._flavour != "openai":
            role = "system"
        body: dict[str, JSON] = {"role": role}
        if role == "assistant":
            body |= AssistantTurn(self._flavour, self._parts, self._lost, path).write(message)
        elif role == "tool":
            body["content"] = self._result(message, path)
        else:
            body["content"] = self._content(message.content, path)
        if message.name is not None:
            body["name"] = message.name
        if message.tool_call_id is not None:
            body["tool_call_id"] = message.tool_call_id
        if message.is_error:
            self._lost.append(f"{path}.is_error")
        return body | self._parts.cached(message.cache, path)

    def _content(self, content: str | tuple[Part, ...], path: str) -> JSON:
        if isinstance(content, str):
            return content
        found = [self._parts.write(part, f"{path}.content[{n}]") for n, part in enumerate(content)]
        return shortest([part for part in found if part is not None])

    def _result(self, message: Message, path: str) -> JSON:
        if isinstance(message.content, str) or self._extended:
            return self._content(message.content, path)
        texts: list[Mapping[str, JSON]] = []
        moved: list[JSON] = []
        for place, part in enumerate(message.content):
            found = self._parts.write(part, f"{path}.content[{place}]")
            if found is not None and found.get("type") == "text":
                texts.append(found)
            elif found is not None:
                self._lost.append(f"{path}.content[{place}]")
                moved.append(found)
        if moved:
            self._moved += [{"type": "text", "text": f"Result of {message.tool_call_id}:"}, *moved]
        return shortest(texts) or (_SEE_BELOW if moved else "")
