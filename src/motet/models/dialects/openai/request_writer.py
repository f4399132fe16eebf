"""A canonical request, written as a chat completion request."""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import ChatRequest, NamedTool, ToolChoice, ToolSpec
from motet.core.json import JSON
from motet.models.dialects.dialect import Outgoing
from motet.models.dialects.openai.effort import write_thinking
from motet.models.dialects.openai.turn_writer import TurnWriter
from motet.models.providers import Flavour

PATH = "/chat/completions"
_SHARED = frozenset(
    {
        "metadata",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "store",
    }
)
"""Fields that the Responses API writes in the same way."""


def write_request(request: ChatRequest, model: str, flavour: Flavour, *, stream: bool) -> Outgoing:
    """Return the request for a server of that flavour."""
    lost: list[str] = []
    body: dict[str, JSON] = {
        **_extra(request, lost),
        "model": model,
        "messages": TurnWriter(flavour, lost).write(request.messages),
    }
    body |= {
        name: value for name, value in _fields(request, flavour, lost).items() if value is not None
    }
    body |= write_thinking(request.thinking, flavour, lost)
    if stream:
        options = body.get("stream_options")
        more = options if isinstance(options, Mapping) else {}
        body |= {"stream": True, "stream_options": {**more, "include_usage": True}}
    else:
        body.pop("stream_options", None)
    return Outgoing(PATH, body, {}, tuple(lost))


def _extra(request: ChatRequest, lost: list[str]) -> Mapping[str, JSON]:
    if request.extra_dialect in ("openai", ""):
        return request.extra
    shared = _SHARED if request.extra_dialect == "responses" else frozenset()
    lost += [name for name in request.extra if name not in shared]
    return {name: value for name, value in request.extra.items() if name in shared}


def _fields(request: ChatRequest, flavour: Flavour, lost: list[str]) -> dict[str, JSON]:
    limit = "max_completion_tokens" if flavour == "openai" else "max_tokens"
    fields: dict[str, JSON] = {
        "tools": _tools(request, flavour, lost) or None,
        "tool_choice": _choice(request.tool_choice),
        "parallel_tool_calls": request.parallel_tool_calls,
        "temperature": request.temperature,
        "top_p": request.top_p,
        limit: request.max_tokens,
        "stop": list(request.stop) or None,
        "seed": request.seed,
        "presence_penalty": request.presence_penalty,
        "frequency_penalty": request.frequency_penalty,
        "response_format": request.response_format,
        "user": request.user,
    }
    if flavour == "extended":
        fields["top_k"] = request.top_k
    elif request.top_k is not None:
        lost.append("top_k")
    return fields


def _tools(request: ChatRequest, flavour: Flavour, lost: list[str]) -> list[JSON]:
    found: list[JSON] = []
    for place, tool in enumerate(request.tools):
        cached: dict[str, JSON] = {}
        if tool.cache is not None and flavour == "extended":
            cached = {"cache_control": tool.cache}
        elif tool.cache is not None:
            lost.append(f"tools[{place}].cache")
        found.append({"type": "function", "function": _function(tool), **cached})
    for place, native in enumerate(request.native_tools):
        if native.dialect == "openai":
            found.append(native.value)
        else:
            lost.append(f"native_tools[{place}]")
    return found


def _function(tool: ToolSpec) -> dict[str, JSON]:
    function: dict[str, JSON] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    if tool.parameters:
        function["parameters"] = tool.parameters
    if tool.strict is not None:
        function["strict"] = tool.strict
    return function


def _choice(choice: ToolChoice | None) -> JSON:
    if isinstance(choice, NamedTool):
        return {"type": "function", "function": {"name": choice.name}}
    return choice
