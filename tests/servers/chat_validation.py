"""What OpenAI's API refuses, in its words: the checks of the chat simulator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn

_TOOL_NAME = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
_ROLES = ("system", "assistant", "user", "function", "tool", "developer")
_KNOWN = frozenset(
    "model messages tools tool_choice temperature top_p n stream stream_options stop max_tokens"
    " max_completion_tokens presence_penalty frequency_penalty logit_bias logprobs top_logprobs"
    " user seed response_format parallel_tool_calls service_tier store metadata reasoning_effort"
    " modalities prediction audio web_search_options verbosity prompt_cache_key"
    " safety_identifier functions function_call moderation".split()
)
_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
    "n": (1, 128),
    "max_tokens": (1, 1_000_000),
    "max_completion_tokens": (1, 1_000_000),
}


class APIError(Exception):
    """An answer that is no success, in OpenAI's shape."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body = {"error": {"message": message, "type": type, "param": param, "code": code}}


def validate(body: Any) -> None:
    """Check a request for a chat completion. Raises `APIError` as OpenAI would answer."""
    if not isinstance(body, dict):
        raise APIError(400, "We could not parse the JSON body of your request.")
    for name in body:
        if name not in _KNOWN:
            _refuse(f"Unrecognized request argument supplied: {name}", name, "unknown_parameter")
    if not isinstance(body.get("model"), str):
        raise APIError(400, "you must provide a model parameter")
    for name, (low, high) in _RANGES.items():
        _check_range(name, body.get(name), low, high)
    if body.get("stream_options") is not None and not body.get("stream"):
        _refuse(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            "stream_options",
        )
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        _refuse(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            "max_tokens",
        )
    _check_messages(body.get("messages"))
    _check_tools(body)


def _check_range(name: str, value: Any, low: float, high: float) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(f"Invalid type for '{name}': expected a decimal.", name, "invalid_type")
    if value < low:
        message = f"Invalid '{name}': below minimum value. Expected a value >= {low}, got {value}."
        _refuse(message, name, "decimal_below_min_value")
    if value > high:
        message = f"Invalid '{name}': above maximum value. Expected a value <= {high}, got {value}."
        _refuse(message, name, "decimal_above_max_value")


def _check_messages(messages: Any) -> None:
    if messages is None:
        _refuse("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
    if not isinstance(messages, list):
        _refuse("Invalid type for 'messages': expected an array.", "messages", "invalid_type")
    if not messages:
        message = "Invalid 'messages': empty array. Expected an array with minimum length 1."
        _refuse(message, "messages", "empty_array")
    waiting: set[str] = set()
    called = False
    for number, message in enumerate(messages):
        path = f"messages[{number}]"
        _check_message(message, path)
        if message["role"] == "tool":
            if not called:
                _refuse(
                    "Invalid parameter: messages with role 'tool' must be a response to a"
                    " preceeding message with 'tool_calls'.",
                    f"{path}.role",
                )
            waiting.discard(message.get("tool_call_id", ""))
            continue
        _check_answered(waiting, path)
        waiting = {call["id"] for call in message.get("tool_calls") or ()}
        called = bool(waiting)
    _check_answered(waiting, f"messages[{len(messages)}]")


def _check_answered(waiting: set[str], path: str) -> None:
    if waiting:
        _refuse(
            "An assistant message with 'tool_calls' must be followed by tool messages"
            " responding to each 'tool_call_id'. The following tool_call_ids did not have"
            f" response messages: {', '.join(sorted(waiting))}",
            f"{path}.role",
        )


def _check_message(message: Any, path: str) -> None:
    if not isinstance(message, dict):
        _refuse(f"Invalid type for '{path}': expected an object.", path, "invalid_type")
    role = message.get("role")
    if role is None:
        _missing(f"{path}.role")
    if role not in _ROLES:
        supported = ", ".join(f"'{name}'" for name in _ROLES)
        text = f"Invalid value: '{role}'. Supported values are: {supported}."
        _refuse(text, f"{path}.role", "invalid_value")
    content = message.get("content")
    if content is None and not (role == "assistant" and message.get("tool_calls")):
        _refuse("Invalid value for 'content': expected a string, got null.", f"{path}.content")
    if not isinstance(content, str | list | None):
        text = f"Invalid type for '{path}.content': expected a string or an array of objects."
        _refuse(text, f"{path}.content", "invalid_type")
    if role == "tool" and not isinstance(message.get("tool_call_id"), str):
        _missing(f"{path}.tool_call_id")
    for index, call in enumerate(message.get("tool_calls") or ()):
        _check_call(call, f"{path}.tool_calls[{index}]")


def _check_call(call: Any, path: str) -> None:
    if not isinstance(call.get("id"), str):
        _missing(f"{path}.id")
    for name in ("name", "arguments"):
        if not isinstance((call.get("function") or {}).get(name), str):
            _missing(f"{path}.function.{name}")


def _check_tools(body: Mapping[str, Any]) -> None:
    tools = body.get("tools")
    if tools is None:
        if body.get("tool_choice") not in (None, "none"):
            _refuse(
                "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are"
                " specified.",
                "tool_choice",
            )
        return
    if not isinstance(tools, list) or not tools:
        text = "Invalid 'tools': empty array. Expected an array with minimum length 1."
        _refuse(text, "tools", "empty_array")
    names = {_tool_name(tool, f"tools[{n}].function") for n, tool in enumerate(tools)}
    _check_choice(body.get("tool_choice"), names)


def _tool_name(tool: Any, path: str) -> str:
    function = tool.get("function") if tool.get("type") == "function" else None
    if not isinstance(function, dict):
        _missing(path)
    name = str(function.get("name", ""))
    if not _TOOL_NAME.match(name):
        text = f"Invalid '{path}.name': string does not match pattern '^[a-zA-Z0-9_-]+$'."
        _refuse(text, f"{path}.name", "invalid_value")
    if function.get("parameters", {"type": "object"}).get("type") != "object":
        text = f"Invalid schema for function '{name}': schema must be of 'type: \"object\"'."
        _refuse(text, f"{path}.parameters", "invalid_function_parameters")
    return name


def _check_choice(choice: Any, names: set[str]) -> None:
    if isinstance(choice, dict):
        wanted = choice.get("function", {}).get("name")
        if wanted not in names:
            _refuse(f"Tool choice '{wanted}' not found in 'tools' parameter.", "tool_choice")
    elif choice not in (None, "none", "auto", "required"):
        text = f"Invalid value: '{choice}'. Supported values are: 'none', 'auto', and 'required'."
        _refuse(text, "tool_choice", "invalid_value")


def _missing(path: str) -> NoReturn:
    _refuse(f"Missing required parameter: '{path}'.", path, "missing_required_parameter")


def _refuse(message: str, param: str, code: str | None = None) -> NoReturn:
    raise APIError(400, message, param=param, code=code)
