"""Tools and how they may be called, both ways.

https://ai.google.dev/api/caching#Tool and `ToolConfig`
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from motet.core.chat import ChatRequest, NamedTool, Native, ToolChoice, ToolSpec
from motet.core.json import JSON
from motet.models.dialects.gemini.fields import Fields
from motet.models.dialects.gemini.schemas import json_schema
from motet.models.dialects.gemini.signatures import NAME

_MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
_CHOICES: Mapping[str, ToolChoice | None] = {
    "AUTO": "auto",
    "MODE_UNSPECIFIED": None,
    "VALIDATED": None,
    "ANY": "required",
    "NONE": "none",
}
_NOTHING: Mapping[str, JSON] = {"type": "object", "properties": {}}


def written_tools(request: ChatRequest, lost: list[str]) -> list[JSON]:
    """Return the `tools`; what cannot be said of them is added to `lost`."""
    tools: list[JSON] = []
    for place, native in enumerate(request.native_tools):
        if native.dialect == NAME:
            tools.append(native.value)
        else:
            lost.append(f"native_tools[{place}]")
    validated = _validated(request)
    declared: list[JSON] = []
    for place, tool in enumerate(request.tools):
        declared.append(
            {
                "name": tool.name,
                "description": tool.description,
                "parametersJsonSchema": tool.parameters,
            }
        )
        if tool.strict and not validated:
            lost.append(f"tools[{place}].strict")
        if tool.cache is not None:
            lost.append(f"tools[{place}].cache_control")
    return [*tools, {"functionDeclarations": declared}] if declared else tools


def written_choice(request: ChatRequest) -> dict[str, JSON] | None:
    """Return the `functionCallingConfig`, None where nothing is asked."""
    choice = request.tool_choice
    if isinstance(choice, NamedTool):
        return {"mode": "ANY", "allowedFunctionNames": [choice.name]}
    if _validated(request):
        return {"mode": "VALIDATED"}
    return None if choice is None else {"mode": _MODES[choice]}


def _validated(request: ChatRequest) -> bool:
    """Whether every tool is strict and may be called or not: a mode of its own."""
    strict = bool(request.tools) and all(tool.strict for tool in request.tools)
    return strict and request.tool_choice in (None, "auto")


def read_tools(body: Fields, lost: list[str]) -> tuple[list[ToolSpec], list[Native]]:
    """Read the `tools`: functions, and those that the provider runs. Raises `BadRequest`."""
    functions: list[ToolSpec] = []
    natives: list[Native] = []
    for place, value in enumerate(body.items("tools")):
        fields = Fields(value, f"tools[{place}]")
        for number, entry in enumerate(fields.items("functionDeclarations")):
            path = fields.at(f"functionDeclarations[{number}]")
            functions.append(_function(Fields(entry, path), lost))
        if fields.left:
            natives.append(Native(NAME, fields.left))
    return functions, natives


def _function(fields: Fields, lost: list[str]) -> ToolSpec:
    name = fields.text("name")
    if not name:
        raise fields.wrong("name", "the name of a function")
    schema = fields.mapping("parametersJsonSchema")
    google = fields.take("parameters")
    if schema is None and google is not None:
        schema = json_schema(google, fields.at("parameters"))
    description = fields.text("description") or ""
    lost += fields.unknown()
    return ToolSpec(name, description, _NOTHING if schema is None else schema)


@dataclass(frozen=True, slots=True)
class Choice:
    """How tools may be called: `strict` where arguments must fit their schema.

    `only` names several tools that alone may be called, which only this dialect can say.
    """

    choice: ToolChoice | None = None
    strict: bool = False
    only: tuple[str, ...] = ()


def read_choice(fields: Fields | None, tools: Sequence[ToolSpec], lost: list[str]) -> Choice:
    """Read a `functionCallingConfig`. Raises `BadRequest`."""
    if fields is None:
        return Choice()
    mode = (fields.text("mode") or "AUTO").upper()
    if mode not in _CHOICES:
        raise fields.wrong("mode", "AUTO, ANY, NONE or VALIDATED")
    names = fields.texts("allowedFunctionNames")
    lost += fields.unknown()
    if mode == "ANY" and len(names) == 1:
        return Choice(NamedTool(names[0]))
    only = names if {tool.name for tool in tools} - set(names) else ()
    return Choice(_CHOICES[mode], mode == "VALIDATED", only)
