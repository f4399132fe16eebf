"""A request to `POST /v1/messages`."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import ChatRequest
from motet.core.errors import UsageError
from motet.core.json import JSON
from motet.models.dialects.anthropic.extra import put_back
from motet.models.dialects.anthropic.own import NAME
from motet.models.dialects.anthropic.response_format import write_format
from motet.models.dialects.anthropic.thinking import suited, write_thinking
from motet.models.dialects.anthropic.tools import write_choice, write_tools
from motet.models.dialects.anthropic.turns_writer import TurnsWriter
from motet.models.dialects.dialect import Outgoing

PATH = "/messages"
_OUTPUT = 4096
_HOTTEST = 1.0


def write_request(request: ChatRequest, model: str, *, stream: bool) -> Outgoing:
    """Write a request. Raises `UsageError` where there are no messages.

    The API requires `max_tokens`: where the request has none, it is the most that the model
    can write, or 4096 where that is not known, and what the thoughts may take.
    """
    lost: list[str] = []
    body = _prompt(request, model, lost)
    limit = _limit(request, model)
    body["max_tokens"] = limit
    body |= _tools(request, lost)
    body |= _output(request, model, limit, lost)
    body |= _sampling(request, lost, thinks=_thinks(body))
    if request.user is not None:
        body["metadata"] = {"user_id": request.user}
    if stream:
        body["stream"] = True
    if request.extra_dialect in (NAME, ""):
        lost += put_back(body, request.extra)
    else:
        lost += request.extra
    return Outgoing(PATH, body, lost=tuple(lost))


def _is_own(request: ChatRequest) -> bool:
    """Whether an Anthropic client asks, who means what it says as Anthropic does."""
    return request.extra_dialect == NAME


def _prompt(request: ChatRequest, model: str, lost: list[str]) -> dict[str, JSON]:
    writer = TurnsWriter(lost, system_in_place=_is_own(request))
    system, turns = writer.write(request.messages)
    if not turns:
        raise UsageError(
            "there is no message of a user or an assistant", hint="Anthropic needs one to answer"
        )
    body: dict[str, JSON] = {"model": model, "messages": turns}
    if system:
        body["system"] = system
    return body


def _limit(request: ChatRequest, model: str) -> int:
    if request.max_tokens is not None:
        return request.max_tokens
    from motet.models.catalogue.catalogue import card  # it reads all prices, once

    known = card(NAME, model)
    if known is not None and known.max_output is not None:
        return known.max_output
    budget = request.thinking.budget if request.thinking is not None else None
    return _OUTPUT + (budget or 0)


def _thinks(body: Mapping[str, JSON]) -> bool:
    thinking = body.get("thinking")
    return isinstance(thinking, Mapping) and thinking.get("type") != "disabled"


def _sampling(request: ChatRequest, lost: list[str], *, thinks: bool) -> dict[str, JSON]:
    unknown: Mapping[str, object] = {
        "seed": request.seed,
        "presence_penalty": request.presence_penalty,
        "frequency_penalty": request.frequency_penalty,
    }
    lost += [name for name, value in unknown.items() if value is not None]
    known: dict[str, JSON] = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "top_k": request.top_k,
        "stop_sequences": list(request.stop) or None,
    }
    known = {name: value for name, value in known.items() if value is not None}
    return known if _is_own(request) else _accepted(known, lost, thinks=thinks)


def _accepted(sampling: Mapping[str, JSON], lost: list[str], *, thinks: bool) -> dict[str, JSON]:
    """Leave out what the API refuses: all but the defaults where the model thinks."""
    accepted = dict(sampling)
    temperature = sampling.get("temperature")
    if isinstance(temperature, int | float) and (temperature > _HOTTEST or thinks):
        accepted["temperature"] = _HOTTEST
    if thinks:
        accepted.pop("top_k", None)
        accepted.pop("top_p", None)
    lost += [name for name, value in sampling.items() if accepted.get(name) != value]
    return accepted


def _tools(request: ChatRequest, lost: list[str]) -> dict[str, JSON]:
    """Write the tools; a choice among none is refused, so it is left out."""
    tools, choice = write_tools(request, lost), write_choice(request, lost)
    if not tools and not _is_own(request):
        wishes = ("tool_choice", "parallel_tool_calls")
        lost += [name for name in wishes if getattr(request, name) is not None]
        return {}
    written: dict[str, JSON] = {"tools": tools} if tools else {}
    return written if choice is None else {**written, "tool_choice": choice}


def _output(request: ChatRequest, model: str, limit: int, lost: list[str]) -> dict[str, JSON]:
    """Write `thinking` and `output_config`."""
    written: dict[str, JSON] = {}
    config: dict[str, JSON] = {}
    own = _is_own(request)
    thinking = request.thinking if own else suited(request, model, limit, lost)
    if thinking is not None:
        wish = write_thinking(thinking, lost)
        written |= {"thinking": wish.thinking} if wish.thinking is not None else {}
        config |= {"effort": wish.effort} if wish.effort is not None else {}
    if request.response_format is not None:
        format = write_format(request.response_format, lost)
        config |= {"format": format} if format is not None else {}
    return {**written, "output_config": config} if config else written
