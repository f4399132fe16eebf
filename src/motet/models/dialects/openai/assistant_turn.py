"""A turn of the model in the history, whose parts have fields of their own here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.chat import Audio, File, Image, Message, Native, Part, Reasoning, Text, ToolCall
from motet.core.json import JSON
from motet.models.dialects.openai.part_writer import PartWriter, shortest
from motet.models.dialects.openai.thoughts import seal_field, write_details
from motet.models.providers import Flavour


class AssistantTurn:
    """Writes one message; what cannot be said is named in `lost`."""

    def __init__(self, flavour: Flavour, parts: PartWriter, lost: list[str], path: str) -> None:
        """Start; `path` is the message's."""
        self._extended = flavour == "extended"
        self._parts = parts
        self._lost = lost
        self._path = path
        self._said: list[Mapping[str, JSON]] = []
        self._calls: list[JSON] = []
        self._images: list[JSON] = []
        self._thoughts: list[Reasoning] = []
        self._fields: dict[str, JSON] = {}

    def write(self, message: Message) -> dict[str, JSON]:
        """Return the message's fields but for its role."""
        if isinstance(message.content, str):
            return {"content": message.content}
        ranks = [rank(part) for part in message.content]
        if ranks != sorted(ranks):
            self._lost.append(f"{self._path}.content.order")
        alone = sum(isinstance(part, Text) for part in message.content) == 1
        for place, part in enumerate(message.content):
            self._add(part, f"{self._path}.content[{place}]", alone)
        # Null is content only beside calls.
        empty = None if self._calls or "audio" in self._fields else ""
        body: dict[str, JSON] = {"content": shortest(self._said) if self._said else empty}
        if self._images:
            body["images"] = self._images
        if self._calls:
            body["tool_calls"] = self._calls
        return body | self._fields | _thought(self._thoughts)

    def _add(self, part: Part, path: str, alone: bool) -> None:
        if isinstance(part, Reasoning) and self._extended:
            self._thoughts.append(part)
        elif isinstance(part, ToolCall):
            self._calls.append(self._call(part, path))
        elif isinstance(part, Native) and is_custom_call(part):
            self._calls.append(part.value)
        elif isinstance(part, Audio) and part.id is not None:
            self._fields["audio"] = {"id": part.id}
            if part.source != File("openai", part.id):
                self._lost.append(f"{path}.source")
        elif isinstance(part, Image):
            self._image(part, path)
        elif isinstance(part, Text) and alone and self._extended:
            self._fields |= seal_field(part.seal)
            self._say(Text(part.text, part.cache, part.citations), path)
        else:
            self._say(part, path)

    def _say(self, part: Part, path: str) -> None:
        if (found := self._parts.write(part, path)) is not None:
            self._said.append(found)

    def _image(self, part: Image, path: str) -> None:
        if not self._extended:
            self._lost.append(path)
        elif (found := self._parts.write(part, path)) is not None:
            self._images.append(found)

    def _call(self, call: ToolCall, path: str) -> JSON:
        function: dict[str, JSON] = {"name": call.name, "arguments": call.arguments}
        body: dict[str, JSON] = {"id": call.id, "type": "function", "function": function}
        if self._extended:
            body |= seal_field(call.seal)
        elif call.seal is not None:
            self._lost.append(f"{path}.seal")
        return body | self._parts.cached(call.cache, path)


def is_custom_call(part: Native) -> bool:
    """Whether the part is the call of a custom tool, which stands among the calls."""
    return part.dialect == "openai" and part.value.get("type") == "custom"


def rank(part: Part) -> int:
    """Return the part's place among the fields, in the order in which they are read."""
    if isinstance(part, Reasoning):
        return 0
    if isinstance(part, Audio):
        return 2
    if isinstance(part, Image):
        return 3
    if isinstance(part, ToolCall) or (isinstance(part, Native) and is_custom_call(part)):
        return 4
    return 1


def _thought(parts: Sequence[Reasoning]) -> dict[str, JSON]:
    """Return the thoughts; in parts only where a plain text would not say it all."""
    if not parts:
        return {}
    text = "".join(part.text for part in parts)
    body: dict[str, JSON] = {"reasoning_content": text} if text else {}
    if len(parts) > 1 or parts[0].seal is not None:
        body["reasoning_details"] = write_details(parts)
    return body
