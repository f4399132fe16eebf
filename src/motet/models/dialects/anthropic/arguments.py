"""A tool call's arguments: JSON text for us, an object for Anthropic.

What is no object travels as `{"INVALID_JSON": "..."}`, as Anthropic advises for arguments that
broke off (https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/fine-grained-tool-streaming).
"""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.json import JSON, dumps, loads

_BROKEN = "INVALID_JSON"


def input_of(arguments: str) -> Mapping[str, JSON]:
    """Return the object that the arguments are."""
    if not arguments.strip():
        return {}
    try:
        value = loads(arguments)
        dumps(value)
    except ValueError:
        return {_BROKEN: arguments}
    return value if isinstance(value, Mapping) else {_BROKEN: arguments}


def arguments_of(input: JSON) -> str:
    """Return the arguments as JSON text."""
    if isinstance(input, Mapping) and list(input) == [_BROKEN]:
        broken = input[_BROKEN]
        return broken if isinstance(broken, str) else dumps(input)
    return dumps({} if input is None else input)
