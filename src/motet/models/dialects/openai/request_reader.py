"""A client's chat completion request, read as a canonical one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, cast

from motet.core.chat import ChatRequest, NamedTool, Native, ToolChoice, ToolSpec
from motet.core.json import JSON
from motet.models.dialects.dialect import Incoming
from motet.models.dialects.openai.effort import read_thinking
from motet.models.dialects.openai.given import Given
from motet.models.dialects.openai.turn_reader import TurnReader

_CHOICES = frozenset({"auto", "none", "required"})


@dataclass(frozen=True, slots=True)
class ChatIncoming(Incoming):
    """A request that may use `functions` in place of `tools`; then the answer does as well."""

    functions: bool = False


def read_request(body: Mapping[str, JSON]) -> ChatIncoming:
    """Read a request. Raises `BadRequest`; fields we do not know are kept in `extra`."""
    given = Given(body)
    lost: list[str] = []
    model = given.needed("model")
    if given.raw("messages") is None:
        given.refuse("messages", "is missing", "missing_required_parameter")
    turns = given.items("messages")
    if not turns:
        given.refuse("messages", "must hold at least one message", "empty_array")
    messages = TurnReader(lost).read(turns)
    functions = given.items("functions")
    tools, native = _tools(given, lost)
    tools += [_tool(each, None, lost) for each in functions]
    choice, extra = _choice(given)
    thinking, more = read_thinking(given, lost)
    stream, include_usage = _stream(given, extra)
    most = given.integer("max_completion_tokens")
    older = given.integer("max_tokens")
    request = ChatRequest(
        messages,
        tuple(tools),
        tuple(native),
        choice,
        given.flag("parallel_tool_calls"),
        given.number("temperature"),
        given.number("top_p"),
        given.integer("top_k"),
        older if most is None else most,
        _stop(given),
        given.integer("seed"),
        given.number("presence_penalty"),
        given.number("frequency_penalty"),
        given.object("response_format"),
        thinking,
        given.text("user"),
    )
    extra = {**given.rest(), **extra, **more}
    if extra:
        request = replace(request, extra=extra, extra_dialect="openai")
    return ChatIncoming(model, request, stream, include_usage, tuple(lost), bool(functions))


def _stream(given: Given, extra: dict[str, JSON]) -> tuple[bool, bool]:
    stream = bool(given.flag("stream"))
    options = given.within("stream_options")
    if options is None:
        return stream, False
    include_usage = bool(options.flag("include_usage"))
    if more := options.rest():
        extra["stream_options"] = more
    return stream, include_usage


def _stop(given: Given) -> tuple[str, ...]:
    stop = given.raw("stop")
    if stop is None:
        return ()
    if isinstance(stop, str):
        return (stop,)
    if not isinstance(stop, list) or not all(isinstance(each, str) for each in stop):
        given.refuse("stop", "must be a string or a list of strings", "invalid_type")
    return tuple(cast("list[str]", stop))


def _tools(given: Given, lost: list[str]) -> tuple[list[ToolSpec], list[Native]]:
    tools: list[ToolSpec] = []
    native: list[Native] = []
    for each in given.items("tools"):
        if each.needed("type") != "function":
            native.append(Native("openai", each.whole()))
            continue
        function = each.within("function")
        if function is None:
            each.refuse("function", "is missing", "missing_required_parameter")
        cache = each.object("cache_control") or function.object("cache_control")
        tools.append(_tool(function, cache, lost))
        lost += [each.at(name) for name in each.rest()]
    return tools, native


def _tool(function: Given, cache: Mapping[str, JSON] | None, lost: list[str]) -> ToolSpec:
    tool = ToolSpec(
        function.needed("name"),
        function.text("description") or "",
        function.object("parameters") or {},
        function.flag("strict"),
        cache,
    )
    lost += [function.at(name) for name in function.rest()]
    return tool


def _choice(given: Given) -> tuple[ToolChoice | None, dict[str, JSON]]:
    """Return the choice, and what must pass as it is because only this dialect has it."""
    older, choice = given.raw("function_call"), given.raw("tool_choice")
    if isinstance(older, Mapping) and isinstance(older.get("name"), str):
        choice = choice or {"type": "function", "function": {"name": older["name"]}}
    elif older is not None and choice is None:
        choice = older
    if choice is None:
        return None, {}
    if isinstance(choice, str):
        if choice not in _CHOICES:
            given.refuse("tool_choice", "must be auto, none or required", "invalid_value")
        return cast('Literal["auto", "none", "required"]', choice), {}
    if not isinstance(choice, Mapping):
        given.refuse("tool_choice", "must be a string or an object", "invalid_type")
    if choice.get("type") != "function":
        return None, {"tool_choice": choice}
    function = Given(choice.get("function"), "tool_choice.function")
    return NamedTool(function.needed("name")), {}
