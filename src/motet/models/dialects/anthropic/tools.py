"""Tools and the choice among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from motet.core.chat import ChatRequest, NamedTool, Native, ToolChoice, ToolSpec
from motet.core.json import JSON
from motet.models.dialects.anthropic.fields import Fields, wrong
from motet.models.dialects.anthropic.own import NAME

_CHOICES: Mapping[str, ToolChoice] = {"auto": "auto", "any": "required", "none": "none"}
_WORDS: Mapping[ToolChoice, str] = {choice: word for word, choice in _CHOICES.items()}


def read_tools(
    values: Sequence[JSON], rest: dict[str, JSON]
) -> tuple[tuple[ToolSpec, ...], tuple[Native, ...]]:
    """Read declared tools, and those that Anthropic defines. Raises `BadRequest`.

    `rest` takes fields that a `ToolSpec` cannot hold, as `tools[NAME].FIELD`.
    """
    specs: list[ToolSpec] = []
    native: list[Native] = []
    for at, value in enumerate(values):
        tool = Fields(value, f"tools[{at}]")
        if tool.maybe_text("type") in (None, "custom"):
            specs.append(_read_tool(tool))
            name = specs[-1].name
            rest |= {f"tools[{name}].{key}": each for key, each in tool.rest().items()}
        else:
            native.append(Native(NAME, tool.value))
    return tuple(specs), tuple(native)


def _read_tool(tool: Fields) -> ToolSpec:
    schema = tool.object("input_schema")
    if schema is None:
        tool.required("input_schema")
    return ToolSpec(
        name=tool.text("name"),
        description=tool.maybe_text("description") or "",
        parameters=schema or {},
        strict=tool.flag("strict"),
        cache=tool.object("cache_control"),
    )


def write_tools(request: ChatRequest, lost: list[str]) -> list[JSON]:
    """Write the tools, declared ones first; `lost` takes other dialects' own."""
    tools: list[JSON] = [_write_tool(tool) for tool in request.tools]
    for at, native in enumerate(request.native_tools):
        if native.dialect == NAME:
            tools.append(native.value)
        else:
            lost.append(f"native_tools[{at}]")
    return tools


def _write_tool(tool: ToolSpec) -> dict[str, JSON]:
    written: dict[str, JSON] = {"name": tool.name}
    if tool.description:
        written["description"] = tool.description
    # A schema without a type is refused, so one that takes anything is said to take an object.
    written["input_schema"] = {"type": "object", **tool.parameters}
    if tool.strict is not None:
        written["strict"] = tool.strict
    if tool.cache is not None:
        written["cache_control"] = tool.cache
    return written


def read_choice(choice: Fields | None) -> tuple[ToolChoice | None, bool | None]:
    """Read the tool choice and whether calls may be parallel. Raises `BadRequest`."""
    if choice is None:
        return None, None
    kind, one = choice.text("type"), choice.flag("disable_parallel_tool_use")
    parallel = None if one is None else not one
    if kind == "tool":
        return NamedTool(choice.text("name")), parallel
    if kind not in _CHOICES:
        raise wrong(choice.at("type"), "auto, any, tool or none")
    return _CHOICES[kind], parallel


def write_choice(request: ChatRequest, lost: list[str]) -> dict[str, JSON] | None:
    """Write the tool choice; whether calls may be parallel is a part of it."""
    choice, parallel = request.tool_choice, request.parallel_tool_calls
    if choice is None and parallel is None:
        return None
    if isinstance(choice, NamedTool):
        written: dict[str, JSON] = {"type": "tool", "name": choice.name}
    else:
        written = {"type": _WORDS[choice or "auto"]}
    if parallel is not None and choice == "none":
        lost.append("parallel_tool_calls")
    elif parallel is not None:
        written["disable_parallel_tool_use"] = not parallel
    return written
