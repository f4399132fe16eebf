"""`/v1/chat/completions`: a system as a chat model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from motet.core.answers import Answer
from motet.core.chat import Message, Role, TextDelta
from motet.core.clock import now
from motet.core.errors import ApprovalNeeded, MotetError
from motet.core.json import JSON, dumps
from motet.gateway.denial import Denial
from motet.runtime.decisions import waiting
from motet.server.failures import body, of_error, status_of
from motet.server.people import whose
from motet.server.requests import or_gone, served
from motet.server.resumes import Resumes
from motet.system import Event, Started, System


@dataclass(frozen=True, slots=True)
class Asked:
    """A chat request as we take it."""

    system: System
    question: str
    history: tuple[Message, ...]
    stream: bool
    include_usage: bool


async def completions(request: Request, given: Mapping[str, JSON]) -> Response:
    """Answer a chat completion request, as given in its body, streamed or whole.

    Leaving early cancels the run. Errors before the first text have their HTTP status;
    later ones are an error object in the stream. A run that asks people pauses: that is an
    error, unless the answer is streamed and the server waits for them.
    """
    asked = _asked(request, given)
    events = asked.system.astream(asked.question, history=asked.history, **whose(request, given))
    started: Event | None = None
    first: Event | None = None
    try:
        started = await or_gone(request, anext(events))
        assert isinstance(started, Started)
        first = await or_gone(request, anext(events))
    except ApprovalNeeded as error:
        await events.aclose()
        if not (asked.stream and request.app.state.wait and isinstance(started, Started)):
            return await _needs_approval(asked, error)
    except BaseException:
        await events.aclose()
        raise
    headers = {"x-motet-run": started.run, "x-motet-model": quote(started.model, safe="/:@+ ")}
    if asked.stream:
        headers |= {"cache-control": "no-cache", "x-accel-buffering": "no"}
        pieces = _through_pauses(request, asked, started.run, first, events)
        chunks = _chunks(asked, started, pieces)
        return StreamingResponse(chunks, media_type="text/event-stream", headers=headers)
    try:
        answer = await or_gone(request, _last(events))
    except ApprovalNeeded as error:
        return await _needs_approval(asked, error)
    return JSONResponse(_whole(answer), headers=headers)


async def _needs_approval(asked: Asked, error: ApprovalNeeded) -> Response:
    content = await asyncio.to_thread(_approval, asked.system, error)
    return JSONResponse(content, status_of(error), headers={"x-motet-run": error.where or ""})


def _approval(system: System, error: ApprovalNeeded) -> dict[str, JSON]:
    """Return the error object of a run that waits for people, and beside it what for."""
    run = error.where or ""
    record = system.journal.get(run)
    pending = waiting(system.journal, record)
    asked = "; ".join(f"{each.node}: {each.message}" for each in pending)
    text = (
        f"the run {run} waits for a person: {asked} (answer on the page, with `motet runs answer "
        f"{run}`, or at /api/runs/{run}/answers; the run then goes on)"
    )
    found: dict[str, JSON] = {
        "run": run,
        "status": record.status,
        "pending": [each.to_json() for each in pending],
    }
    return {**body(status_of(error), text, error.code), "motet": found}


async def _through_pauses(
    request: Request,
    asked: Asked,
    run: str,
    first: Event | None,
    events: AsyncGenerator[Event, None],
) -> AsyncGenerator[Event | None, None]:
    """Yield a run's events; None, now and then, while it waits for people."""
    shown = ""
    try:
        async with aclosing(events):
            if first is not None:
                yield first
                shown = first.text if isinstance(first, TextDelta) else ""
                async for event in events:
                    shown += event.text if isinstance(event, TextDelta) else ""
                    yield event
                return
    except ApprovalNeeded:
        if not request.app.state.wait:
            raise
    yield None
    resumes: Resumes = request.app.state.resumes
    async with aclosing(resumes.answer(asked.system, run, request.app.state.wait)) as answers:
        async for answer in answers:
            if answer is not None:
                whole = answer.marked
                yield TextDelta(whole[len(shown) :] if whole.startswith(shown) else f"\n\n{whole}")
            yield answer


async def _last(events: AsyncGenerator[Event, None]) -> Answer:
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Answer):
                return event
    raise AssertionError("a stream ends with an answer")


def _asked(request: Request, given: Mapping[str, JSON]) -> Asked:
    system = served(request, given.get("model"))
    if given.get("n") not in (None, 1):
        raise Denial(400, "n must be 1", code="unsupported_value", param="n")
    if given.get("tools") or given.get("functions"):
        raise Denial(
            400,
            "a system calls its own tools; it does not take any from the caller",
            code="unsupported_parameter",
            param="tools",
        )
    form = given.get("response_format")
    if form is not None and not (isinstance(form, Mapping) and form.get("type") == "text"):
        raise Denial(
            400,
            "a system answers in text; there is no other response_format",
            code="unsupported_value",
            param="response_format",
        )
    stream = given.get("stream", False)
    if stream not in (None, True, False):
        raise Denial(400, "stream must be true or false", code="invalid_type", param="stream")
    turns = _turns(given.get("messages"))
    if turns[-1].role != "user" or not turns[-1].text.strip():
        raise Denial(
            400,
            "the last message must be a question of the user",
            code="invalid_value",
            param="messages",
        )
    options = given.get("stream_options")
    usage = isinstance(options, Mapping) and bool(options.get("include_usage"))
    return Asked(system, turns[-1].text, tuple(turns[:-1]), bool(stream), usage)


_ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "developer",
    "user": "user",
    "assistant": "assistant",
}


def _turns(messages: JSON) -> list[Message]:
    if not isinstance(messages, list) or not messages:
        raise Denial(
            400, "messages must be a list of at least one", code="invalid_type", param="messages"
        )
    return [_turn(each, f"messages[{place}]") for place, each in enumerate(messages)]


def _turn(message: JSON, where: str) -> Message:
    if not isinstance(message, Mapping):
        raise Denial(400, f"{where} must be an object", code="invalid_type", param=where)
    role = _ROLES.get(str(message.get("role")))
    if role is None:
        known = ", ".join(_ROLES)
        raise Denial(
            400, f"{where}.role must be one of {known}", code="invalid_value", param=f"{where}.role"
        )
    content = message.get("content")
    if content is None and role == "assistant":
        content = ""  # a turn that refused or only called tools
    return Message(role, _content(content, f"{where}.content"))


def _content(content: JSON, where: str) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        texts = []
        for place, part in enumerate(content):
            if not isinstance(part, Mapping) or part.get("type") != "text":
                raise Denial(
                    400,
                    f"{where}[{place}]: only text parts can be read",
                    code="unsupported_value",
                    param=f"{where}[{place}]",
                )
            texts.append(str(part.get("text", "")))
        return "\n".join(texts)
    raise Denial(400, f"{where} must be text", code="invalid_type", param=where)


def _whole(answer: Answer) -> dict[str, JSON]:
    message: dict[str, JSON] = {
        "role": "assistant",
        "content": answer.marked,
        "refusal": None,
        "annotations": _annotations(answer),
    }
    choice: dict[str, JSON] = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": "stop",
    }
    return {
        "id": f"chatcmpl-{answer.run}",
        "object": "chat.completion",
        "created": int(now()),
        "model": answer.system,
        "choices": [choice],
        "usage": _usage(answer),
        "motet": _motet(answer),
    }


async def _chunks(
    asked: Asked, started: Started, events: AsyncGenerator[Event | None, None]
) -> AsyncIterator[str]:
    head: dict[str, JSON] = {
        "id": f"chatcmpl-{started.run}",
        "object": "chat.completion.chunk",
        "created": int(now()),
        "model": asked.system.name,
    }
    if asked.include_usage:
        head["usage"] = None  # as in every chunk but the last one
    yield _chunk(head, {"role": "assistant", "content": ""})
    try:
        async with aclosing(events):
            async for event in events:
                if event is None:
                    yield ": waiting for a person\n\n"
                elif isinstance(event, TextDelta):
                    yield _chunk(head, {"content": event.text})
                elif isinstance(event, Answer):
                    for line in _ending(head, event, asked.include_usage):
                        yield line
    except ApprovalNeeded as error:
        found = await asyncio.to_thread(_approval, asked.system, error)
        yield f"data: {dumps(found)}\n\n"
    except MotetError as error:
        yield f"data: {dumps(of_error(error))}\n\n"
    yield "data: [DONE]\n\n"


def _ending(head: Mapping[str, JSON], answer: Answer, usage: bool) -> Iterator[str]:
    if answer.citations:
        yield _chunk(head, {"annotations": _annotations(answer)})
    yield _chunk({**head, "motet": _motet(answer)}, {}, "stop")
    if usage:
        yield f"data: {dumps({**head, 'choices': [], 'usage': _usage(answer)})}\n\n"


def _chunk(head: Mapping[str, JSON], delta: Mapping[str, JSON], reason: str | None = None) -> str:
    choice: dict[str, JSON] = {
        "index": 0,
        "delta": delta,
        "logprobs": None,
        "finish_reason": reason,
    }
    return f"data: {dumps({**head, 'choices': [choice]})}\n\n"


def _annotations(answer: Answer) -> list[JSON]:
    found: list[JSON] = []
    for citation in answer.citations:
        mark = f"[{citation.id}]"
        start = answer.marked.find(mark)
        place: dict[str, JSON] = {
            "start_index": start,
            "end_index": start + len(mark),
            "title": citation.source,
            "url": f"motet://source/{quote(citation.source)}#{citation.start}-{citation.end}",
        }
        found.append({"type": "url_citation", "url_citation": place})
    return found


def _usage(answer: Answer) -> dict[str, JSON]:
    spent = answer.usage
    return {
        "prompt_tokens": spent.input_tokens,
        "completion_tokens": spent.output_tokens,
        "total_tokens": spent.input_tokens + spent.output_tokens,
        "cost_usd": round(spent.cost_usd, 8),
    }


def _motet(answer: Answer) -> dict[str, JSON]:
    citations: list[JSON] = [each.to_json() for each in answer.citations]
    return {
        "run": answer.run,
        "model": answer.model,
        "abstained": answer.abstained,
        "citations": citations,
    }
