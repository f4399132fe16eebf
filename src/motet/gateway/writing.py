"""What is sent to a provider for a client's request, and how its answer comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import orjson

from motet.gateway import bounds
from motet.gateway.asked import Asked
from motet.gateway.passthrough import Passthrough
from motet.gateway.rendering import Rendering, Screen
from motet.gateway.translation import Translation
from motet.models.dialects.dialect import AnswerWriter
from motet.models.dialects.registry import DIALECTS
from motet.models.target import Target


@dataclass(slots=True)
class Written:
    """A request in a provider's dialect, below its base URL, and its answer's way back."""

    dialect: str
    path: str
    body: bytes
    answering: Passthrough | Translation
    headers: Mapping[str, str] = field(default_factory=dict)


_PATHS = {"openai": "/chat/completions", "responses": "/responses", "anthropic": "/messages"}


def written(asked: Asked, target: Target, bound: int | None, screen: Screen | None) -> Written:
    """Write a request for a target, in the client's dialect where both speak it.

    `bound` is the most output tokens, None where there is no bound. A screen must read the
    answer, so it is written anew even within one dialect. Raises `Denial`, `UsageError`.
    """
    spoken = asked.dialect
    if spoken in target.dialects and not asked.rewritten:
        path, body, drop = _same(asked, target, bound)
        if screen is None:
            as_it_is = Passthrough(
                spoken,
                lambda: _writer(asked),
                asked.stream,
                drop_usage=drop,
                keeps=bool(asked.body.get("tools")),
                key=target.secret(),
            )
            return Written(spoken, path, body, as_it_is)
        answering = translation(asked, target, spoken, screen=screen)
        return Written(spoken, path, body, answering)
    spoken = spoken if spoken in target.dialects else target.dialects[0]
    incoming = asked.incoming
    request = incoming.request if bound is None else replace(incoming.request, max_tokens=bound)
    found = target.spoken(spoken).outgoing(request, target.model, stream=asked.stream)
    lost = (*incoming.lost, *found.lost)
    answering = translation(asked, target, spoken, lost=lost, screen=screen)
    return Written(spoken, found.path, orjson.dumps(found.body), answering, found.headers)


def translation(
    asked: Asked,
    target: Target,
    spoken: str,
    *,
    lost: tuple[str, ...] = (),
    screen: Screen | None = None,
) -> Translation:
    """Return the way of an answer that is read in one dialect and written in the client's."""
    key = target.secret()
    reader = target.spoken(spoken).reader(target.name, key)
    writer = _writer(asked)
    return Translation(reader, writer, stream=asked.stream, lost=lost, screen=screen, key=key)


def inside(asked: Asked, screen: Screen | None) -> Rendering:
    """Return the way of an answer that a model of this process gives as events."""
    lost = asked.incoming.lost
    return Rendering(_writer(asked), stream=asked.stream, lost=lost, screen=screen)


def _writer(asked: Asked) -> AnswerWriter:
    return DIALECTS[asked.dialect].writer(asked.incoming, id=asked.id, created=int(asked.started))


def _same(asked: Asked, target: Target, bound: int | None) -> tuple[str, bytes, bool]:
    """Return the path, the body as it came but for what must change, and whether usage is ours."""
    body = {**asked.body, "model": target.model}
    if bound is not None and asked.output_bound is None:
        key = "max_tokens" if asked.dialect == "openai" and target.flavour == "compatible" else ""
        body = bounds.with_output_bound(asked.dialect, body, bound, key=key)
    if asked.dialect == "gemini":
        del body["model"]
        body.pop("stream", None)
        method = "streamGenerateContent?alt=sse" if asked.stream else "generateContent"
        return f"/models/{target.model}:{method}", orjson.dumps(body), False
    drop = False
    if asked.dialect == "openai" and asked.stream:
        options = body.get("stream_options")
        options = options if isinstance(options, dict) else {}
        drop = not options.get("include_usage")
        body["stream_options"] = {**options, "include_usage": True}
    return _PATHS[asked.dialect], orjson.dumps(body), drop
