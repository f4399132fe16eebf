"""Messages written as a system prompt and turns.

The API wants turns of user and assistant; consecutive messages of one side make one turn.
Answers to tool calls belong to the user's side and must stand before its other words.
"""

from __future__ import annotations

from collections.abc import Sequence

from motet.core.chat import Message
from motet.core.json import JSON
from motet.models.dialects.anthropic.part_writer import Block, accepted_id, write_parts

Content = str | list[Block]
_SYSTEM = ("system", "developer")


class TurnsWriter:
    """Writes messages; `lost` takes the paths of what the API cannot be told."""

    def __init__(self, lost: list[str], *, system_in_place: bool) -> None:
        """Start. `system_in_place` leaves later system messages among the turns.

        Only new models take them there, so of other dialects' clients all go into the prompt.
        """
        self._lost = lost
        self._in_place = system_in_place
        self._system: list[Content] = []
        self._turns: list[tuple[str, list[Content]]] = []

    def write(self, messages: Sequence[Message]) -> tuple[Content, list[JSON]]:
        """Return the system prompt, empty where there is none, and the turns."""
        for at, message in enumerate(messages):
            self._message(message, f"messages[{at}]")
        turns: list[JSON] = [
            {"role": role, "content": _results_first(_joined(contents))}
            for role, contents in self._turns
        ]
        return _joined(self._system), turns

    def _message(self, message: Message, path: str) -> None:
        if message.name is not None:
            self._lost.append(f"{path}.name")
        content = self._content(message, path)
        if message.role == "tool":
            self._add("user", [_result(message, content)])
        elif not content:
            self._lost.append(path)  # the API refuses a turn without words
        elif message.role not in _SYSTEM:
            self._add(message.role, content)
        elif not self._turns:
            self._system.append(content)
        elif self._in_place:
            self._add("system", content)
        else:
            self._lost.append(f"{path}.role")
            self._system.append(content)

    def _content(self, message: Message, path: str) -> Content:
        own_cache = message.role != "tool" and message.cache is not None
        if isinstance(message.content, str) and not own_cache:
            return message.content
        blocks = write_parts(message.parts, f"{path}.content", self._lost)
        if own_cache and blocks:
            blocks[-1].setdefault("cache_control", message.cache)
        return blocks

    def _add(self, role: str, content: Content) -> None:
        if self._turns and self._turns[-1][0] == role:
            self._turns[-1][1].append(content)
        else:
            self._turns.append((role, [content]))


def _result(message: Message, content: Content) -> Block:
    block: Block = {"type": "tool_result", "tool_use_id": accepted_id(message.tool_call_id or "")}
    if content:
        block["content"] = content
    if message.is_error:
        block["is_error"] = True
    if message.cache is not None:
        block["cache_control"] = message.cache
    return block


def _joined(contents: Sequence[Content]) -> Content:
    """Return one content for several; a single text stays a text."""
    if not contents:
        return ""
    if len(contents) == 1:
        return contents[0]
    joined: list[Block] = []
    for content in contents:
        joined += [{"type": "text", "text": content}] if isinstance(content, str) else content
    return joined


def _results_first(content: Content) -> Content:
    if isinstance(content, str):
        return content
    return sorted(content, key=lambda block: block.get("type") != "tool_result")
