"""One turn of a chat model: asked as a step of the running method, its calls given out early."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol, cast

from motet.core.chat import ChatEvent, ChatRequest, Finished, FinishReason, TextDelta
from motet.core.chat import Usage as ChatUsage
from motet.core.errors import ProviderError
from motet.core.json import JSON
from motet.models.tool_stream import StreamedCall, ToolCallStream
from motet.runtime.context import Context, Outcome
from motet.runtime.methods.speech import check_withheld, used

RETRIES = 2


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered in one turn; `calls` in the order of their indexes."""

    text: str
    calls: tuple[StreamedCall, ...]
    reason: FinishReason

    def to_json(self) -> JSON:
        """Return the reply as the journal keeps it."""
        calls: list[JSON] = [call.to_json() for call in self.calls]
        return {"text": self.text, "calls": calls, "reason": self.reason}


def reply_from_json(record: JSON) -> Reply:
    """Return the reply of a record."""
    found = cast("dict[str, Any]", record)
    calls = tuple(StreamedCall(**each) for each in found["calls"])
    return Reply(found["text"], calls, found["reason"])


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
    text: list[str] = []
    calls: list[StreamedCall] = []
    stream = ToolCallStream()
    finished: Finished | None = None
    async with aclosing(context.means.chat(model).stream(request)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                text.append(event.text)
                hears.text(event.text)
            for call in _completed(stream, event, model):
                calls.append(call)
                hears.call(call)
            if isinstance(event, Finished):
                finished = event
    reply = _reply("".join(text), calls, finished, model)
    usage: ChatUsage | None = finished.usage if finished else None
    return Outcome(reply, used(usage, context.means.price(model)), reply.to_json())


def _completed(stream: ToolCallStream, event: ChatEvent, model: str) -> list[StreamedCall]:
    if isinstance(event, Finished):
        check_withheld(event, model)
    return stream.feed(event)


def _reply(text: str, calls: list[StreamedCall], finished: Finished | None, model: str) -> Reply:
    if finished is None:
        raise ProviderError("the stream ended before the answer was finished", where=model)
    if finished.reason == "tool_calls" and not calls:
        raise ProviderError("the model announced calls and made none", where=model)
    return Reply(text, tuple(sorted(calls, key=lambda call: call.index)), finished.reason)
