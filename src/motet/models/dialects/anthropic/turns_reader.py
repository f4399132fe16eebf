"""Turns of a client's request, read as messages: each tool result becomes one of its own."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import Message, Part, Role
from motet.core.json import JSON
from motet.models.dialects.anthropic.fields import Fields, wrong
from motet.models.dialects.anthropic.part_reader import read_part, read_parts

_ROLES: Mapping[str, Role] = {"user": "user", "assistant": "assistant", "system": "system"}


def read_system(body: Fields, rest: dict[str, JSON]) -> list[Message]:
    """Read the system prompt, no message where there is none. Raises `BadRequest`."""
    content = _content(body, "system", rest)
    return [Message("system", content)] if content else []


def read_turn(value: JSON, path: str, rest: dict[str, JSON]) -> list[Message]:
    """Read one turn; `rest` takes, by path, what messages cannot hold. Raises `BadRequest`."""
    turn = Fields(value, path)
    role = _ROLES.get(turn.text("role"))
    if role is None:
        raise wrong(turn.at("role"), "user, assistant or system")
    results: list[Message] = []
    if role == "user" and not isinstance(turn.get("content"), str):
        kept, results = _split_results(turn, rest)
        content: str | tuple[Part, ...] = kept
    else:
        content = _content(turn, "content", rest)
    if role != "system":
        turn.required("content")
    rest |= {turn.at(key): each for key, each in turn.rest().items()}
    return results if results and not content else [*results, Message(role, content)]


def _content(fields: Fields, key: str, rest: dict[str, JSON]) -> str | tuple[Part, ...]:
    value = fields.get(key)
    if isinstance(value, str):
        return value
    return read_parts(fields.items(key), fields.at(key), rest)


def _split_results(turn: Fields, rest: dict[str, JSON]) -> tuple[tuple[Part, ...], list[Message]]:
    """Read the parts of a user's turn, and the tool results among them."""
    parts: list[Part] = []
    results: list[Message] = []
    for at, value in enumerate(turn.items("content")):
        block = Fields(value, f"{turn.at('content')}[{at}]")
        if block.get("type") == "tool_result":
            results.append(_result(block, rest))
        else:
            parts.append(read_part(block, rest))
    return tuple(parts), results


def _result(block: Fields, rest: dict[str, JSON]) -> Message:
    id = block.text("tool_use_id")
    content = _content(block, "content", rest)
    message = Message(
        "tool",
        content or "",
        tool_call_id=id,
        is_error=block.flag("is_error") or False,
        cache=block.object("cache_control"),
    )
    rest |= {block.at(key): each for key, each in block.rest().items()}
    return message
