"""A system as a chat model in every other dialect: responses, Anthropic's messages, Gemini's."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from motet.core.answers import Answer
from motet.core.chat import (
    ChatEvent,
    Citation,
    Cited,
    Finished,
    Message,
    Text,
    TextDelta,
    Usage,
)
from motet.core.clock import now
from motet.core.errors import MotetError
from motet.core.json import JSON
from motet.gateway.denial import Denial
from motet.models.assembly import assemble
from motet.models.dialects.dialect import AnswerWriter, BadRequest, Incoming
from motet.models.dialects.registry import DIALECTS
from motet.server.failures import status_of
from motet.server.people import whose
from motet.server.requests import or_gone
from motet.server.streamed import Streamed
from motet.system import Event, Started, System


async def answer(
    request: Request, system: System, dialect: str, given: Mapping[str, JSON]
) -> Response:
    """Answer a chat request to a system, streamed or whole. Leaving early cancels the run.

    Raises `Denial`, and what the run raises before its first text.
    """
    incoming = _incoming(dialect, given)
    question, history = _question(incoming)
    events = system.astream(question, history=history, **whose(request, given))
    try:
        started = await or_gone(request, anext(events))
        assert isinstance(started, Started)
        first = await or_gone(request, anext(events))
    except BaseException:
        await events.aclose()
        raise
    headers = {"x-motet-run": started.run, "x-motet-model": quote(started.model, safe="/:@+ ")}
    writer = DIALECTS[dialect].writer(incoming, id=started.run, created=int(now()))
    if incoming.stream:
        pieces = _written(writer, first, events)
        return Streamed(pieces, "text/event-stream; charset=utf-8", headers)
    said = [each async for each in _said(first, events)]
    return JSONResponse(writer.whole(assemble(said)), headers=headers)


def _incoming(dialect: str, given: Mapping[str, JSON]) -> Incoming:
    try:
        incoming = DIALECTS[dialect].incoming(given)
    except BadRequest as error:
        code = error.code or "invalid_value"
        raise Denial(400, error.message, code=code, param=error.param) from error
    request = incoming.request
    if request.tools or request.native_tools:
        text = "a system calls its own tools; it does not take any from the caller"
        raise Denial(400, text, code="unsupported_parameter", param="tools")
    form = request.response_format
    if form is not None and form.get("type") != "text":
        text = "a system answers in text; there is no other format"
        raise Denial(400, text, code="unsupported_value", param="response_format")
    return incoming


def _question(incoming: Incoming) -> tuple[str, tuple[Message, ...]]:
    """Return the question and the turns before it, all of them texts."""
    *history, last = incoming.request.messages or (Message("system", ""),)
    if last.role != "user" or not last.text.strip():
        text = "the last message must be a question of the user"
        raise Denial(400, text, code="invalid_value", param="messages")
    for turn in incoming.request.messages:
        for part in turn.parts:
            if not isinstance(part, Text) or turn.role == "tool":
                text = f"only texts can be read, not {type(part).__name__.lower()} parts"
                raise Denial(400, text, code="unsupported_value", param="messages")
    return last.text, tuple(Message(turn.role, turn.text) for turn in history)


async def _written(
    writer: AnswerWriter, first: Event, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[bytes, None]:
    """Yield an answer's bytes; a failure is told in-band."""
    yield writer.start()
    try:
        async with aclosing(_said(first, events)) as said:
            async for event in said:
                yield writer.event(event)
    except MotetError as error:
        yield writer.failure(status_of(error), str(error), error.code)


async def _said(
    first: Event, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[ChatEvent, None]:
    """Yield a run's events as a chat model's."""
    async with aclosing(events):
        for event in _events_of(first):
            yield event
        async for each in events:
            for event in _events_of(each):
                yield event


def _events_of(event: Event) -> Iterator[ChatEvent]:
    if isinstance(event, TextDelta):
        yield event
    elif isinstance(event, Answer):
        for each in event.citations:
            url = f"motet://source/{quote(each.source)}#{each.start}-{each.end}"
            mark = f"[{each.id}]"
            start = event.marked.find(mark)
            place = Citation(url, each.source, each.text, start, start + len(mark))
            yield Cited(place)
        usage = Usage(event.usage.input_tokens, event.usage.output_tokens)
        yield Finished("stop", usage, event.system, id=event.run)
