"""Events of a stream put together to the answer they make."""

from __future__ import annotations

from collections.abc import Iterable

from motet.core.chat import ChatEvent, ChatResponse, Finished, TextDelta, ToolCall
from motet.core.errors import ProviderError


def assemble(events: Iterable[ChatEvent]) -> ChatResponse:
    """Return the answer that the events make. Raises `ProviderError` where the end is missing."""
    text: list[str] = []
    heads: dict[int, tuple[str, str]] = {}
    arguments: dict[int, list[str]] = {}
    for event in events:
        if isinstance(event, TextDelta):
            text.append(event.text)
        elif isinstance(event, Finished):
            calls = (ToolCall(*heads[i], "".join(arguments[i])) for i in sorted(heads))
            answer = "".join(text)
            return ChatResponse(answer, tuple(calls), event.reason, event.usage, event.model)
        else:
            id, name = heads.get(event.index, (event.id or "", ""))
            heads[event.index] = (id, name + (event.name or ""))
            arguments.setdefault(event.index, []).append(event.arguments)
    raise ProviderError("the stream ended before the answer was finished", hint="try again")
