"""One turn of a chat model: asked as a step of the running method, its calls given out early."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol, cast

from motet.core.chat import (
    ChatRequest,
    ChatResponse,
    Finished,
    FinishReason,
    Part,
    Text,
    TextDelta,
)
from motet.core.errors import ProviderError
from motet.core.json import JSON
from motet.models.assembly import Assembly
from motet.models.tool_stream import StreamedCall, ToolCallStream
from motet.runtime.context import Context, Outcome
from motet.runtime.methods.echoes import echoed, is_plain, parts_from_json, parts_to_json
from motet.runtime.methods.speech import check_withheld, used

RETRIES = 2


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered in one turn.

    `parts` are what later requests repeat, in order, with a part for each call; `calls` are
    those in the order of their indexes.
    """

    parts: tuple[Part, ...]
    calls: tuple[StreamedCall, ...]
    reason: FinishReason

    @property
    def text(self) -> str:
        """All its written text."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    def to_json(self) -> JSON:
        """Return the reply as the journal keeps it; the parts only where they say more."""
        calls: list[JSON] = [call.to_json() for call in self.calls]
        said: dict[str, JSON] = {"parts": parts_to_json(self.parts)}
        if is_plain(self.parts):
            said = {"text": self.text}
        return {**said, "calls": calls, "reason": self.reason}


def reply_from_json(record: JSON) -> Reply:
    """Return the reply of a record."""
    found = cast("dict[str, Any]", record)
    calls = tuple(StreamedCall(**each) for each in found["calls"])
    made = [call.as_message() for call in calls]
    if "parts" in found:
        parts = parts_from_json(found["parts"], made)
    else:
        text = (Text(found["text"]),) if found["text"] else ()
        parts = (*text, *made)
    return Reply(parts, calls, found["reason"])


class Listener(Protocol):
    """Who hears a reply while it streams; `begin` comes before each attempt at it."""

    def begin(self) -> None:
        """Hear that an attempt begins; what an earlier one said does not count."""
        ...

    def text(self, piece: str) -> None:
        """Hear more of the text."""
        ...

    def call(self, call: StreamedCall) -> None:
        """Hear of a call that is complete."""
        ...


async def asked(
    context: Context, model: str, request: ChatRequest, id: str, operator: str, hears: Listener
) -> Reply:
    """Return the model's reply to a request, asked as the step `id`; of a finished one its record.

    Nobody hears what was recorded before. Raises `ProviderError`.
    """
    found = await context.steps.step(
        id,
        lambda: _ask(context, model, request, hears),
        operator=operator,
        method="answer.generate",
        choice=model,
        restore=reply_from_json,
        retries=RETRIES,
    )
    return cast(Reply, found)


async def _ask(context: Context, model: str, request: ChatRequest, hears: Listener) -> Outcome:
    hears.begin()
    calls: list[StreamedCall] = []
    stream, assembly = ToolCallStream(), Assembly()
    answer: ChatResponse | None = None
    async with aclosing(context.means.chat(model).stream(request)) as events:
        async for event in events:
            if isinstance(event, Finished):
                check_withheld(event, model)
            answer = assembly.feed(event) or answer
            if isinstance(event, TextDelta):
                hears.text(event.text)
            for call in stream.feed(event):
                calls.append(call)
                hears.call(call)
    reply = _reply(answer, calls, model)
    usage = answer.usage if answer else None
    return Outcome(reply, used(usage, context.means.price(model)), reply.to_json())


def _reply(answer: ChatResponse | None, calls: list[StreamedCall], model: str) -> Reply:
    if answer is None:
        raise ProviderError("the stream ended before the answer was finished", where=model)
    if answer.finish_reason == "tool_calls" and not calls:
        raise ProviderError("the model announced calls and made none", where=model)
    ordered = tuple(sorted(calls, key=lambda call: call.index))
    return Reply(echoed(answer.parts), ordered, answer.finish_reason)
