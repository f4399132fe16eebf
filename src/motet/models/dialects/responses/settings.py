"""What a request asks beside its messages: tools, their choice, the format, how much to think.

Fields that the canonical request cannot hold stay as they are in `extra`, in objects that are
written together with what it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast, get_args

from motet.core.chat import (
    ChatRequest,
    Effort,
    NamedTool,
    Native,
    Thinking,
    ToolChoice,
    ToolSpec,
)
from motet.core.json import JSON
from motet.models.dialects.responses.fields import Fields
from motet.models.dialects.responses.sealing import NAME

_EFFORTS: Final = get_args(Effort)
_CHOICES: Final = ("auto", "none", "required")
_SCHEMA: Final = ("name", "description", "schema", "strict")
_LOW, _MEDIUM = 4096, 16384


def is_own(request: ChatRequest) -> bool:
    """Whether the request came in this dialect, so that its defaults are what was meant."""
    return request.extra_dialect == NAME


# Tools


def read_tools(body: Fields, lost: list[str]) -> tuple[tuple[ToolSpec, ...], tuple[Native, ...]]:
    """Read `tools`: functions, and what the provider offers itself."""
    tools: list[ToolSpec] = []
    natives: list[Native] = []
    for place, value in enumerate(body.items("tools")):
        tool = Fields(value, f"tools[{place}]")
        if tool.needed("type") != "function":
            natives.append(Native(NAME, tool.value))
            continue
        parameters = tool.object("parameters")
        spec = ToolSpec(
            tool.needed("name"),
            tool.text("description") or "",
            parameters.value if parameters else {},
            tool.flag("strict"),
        )
        tools.append(spec)
        lost += tool.unread()
    return tuple(tools), tuple(natives)


def written_tools(request: ChatRequest, lost: list[str]) -> list[JSON]:
    """Write the tools."""
    tools: list[JSON] = []
    for place, tool in enumerate(request.tools):
        tools.append(_written_tool(tool, own=is_own(request)))
        if tool.cache:
            lost.append(f"tools[{place}].cache_control")
    for place, native in enumerate(request.native_tools):
        if native.dialect == NAME:
            tools.append(native.value)
        else:
            lost.append(f"tools[{len(request.tools) + place}]")
    return tools


def _written_tool(tool: ToolSpec, *, own: bool) -> dict[str, JSON]:
    body: dict[str, JSON] = {"type": "function", "name": tool.name}
    if tool.description:
        body["description"] = tool.description
    body["parameters"] = tool.parameters or None
    # Who says nothing means "not strict" in every dialect but this one.
    strict = tool.strict if own else bool(tool.strict)
    return body if strict is None else {**body, "strict": strict}


def read_choice(body: Fields) -> tuple[ToolChoice | None, JSON]:
    """Read `tool_choice`; return what is no canonical choice beside it."""
    value = body.raw("tool_choice")
    if isinstance(value, str) and value in _CHOICES:
        return cast(ToolChoice, value), None
    if isinstance(value, Mapping):
        choice = Fields(value, "tool_choice")
        if choice.needed("type") == "function":
            return NamedTool(choice.needed("name")), None
    return None, value


def written_choice(choice: ToolChoice | None) -> JSON:
    """Write the choice of a tool."""
    return {"type": "function", "name": choice.name} if isinstance(choice, NamedTool) else choice


# The format of the text


def read_text(body: Fields) -> tuple[Mapping[str, JSON] | None, dict[str, JSON]]:
    """Read `text`: the format as chat completions write it, and what else there is."""
    text = body.object("text")
    format = text.object("format") if text is not None else None
    if text is None or format is None:
        return None, text.rest() if text is not None else {}
    kind = format.needed("type")
    if kind == "json_schema":
        format.needed("name")
        inner = {name: format.value[name] for name in _SCHEMA if name in format.value}
        return {"type": kind, "json_schema": inner}, text.rest()
    if kind in ("text", "json_object"):
        return {"type": kind}, text.rest()
    return None, {**text.rest(), "format": format.value}


def written_format(format: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """Write a format that chat completions wrote."""
    inner = format.get("json_schema")
    if format.get("type") != "json_schema" or not isinstance(inner, Mapping):
        return format
    return {"type": "json_schema", **inner}


# How much to think


def read_thinking(body: Fields) -> tuple[Thinking | None, dict[str, JSON]]:
    """Read `reasoning`; return what is no canonical thinking beside it."""
    reasoning = body.object("reasoning")
    if reasoning is None:
        return None, {}
    effort, summary = reasoning.text("effort"), reasoning.text("summary")
    rest = reasoning.rest()
    if effort is not None and effort not in _EFFORTS:
        rest["effort"], effort = effort, None
    if effort is None and summary is None:
        return None, rest
    return Thinking(effort=cast("Effort | None", effort), summary=summary), rest


def written_thinking(thinking: Thinking | None, lost: list[str]) -> dict[str, JSON]:
    """Write how much to think; a budget in tokens becomes the effort that is nearest."""
    if thinking is None:
        return {}
    effort = thinking.effort
    if thinking.budget is not None:
        effort = effort or _effort(thinking.budget)
        lost += ["thinking.budget"] if thinking.budget or effort != "none" else []
    if thinking.adaptive:
        lost.append("thinking.adaptive")
    # Thoughts stay hidden where nobody asks for a summary.
    summary = None if thinking.summary == "none" else thinking.summary
    written: dict[str, JSON] = {"effort": effort, "summary": summary}
    return {name: value for name, value in written.items() if value is not None}


def _effort(budget: int) -> Effort:
    if budget <= 0:
        return "none"
    if budget <= _LOW:
        return "low"
    return "medium" if budget <= _MEDIUM else "high"
