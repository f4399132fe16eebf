"""A client's request: `POST /v1/messages` and `/v1/messages/count_tokens`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from motet.core.chat import ChatRequest, Message, Thinking
from motet.core.json import JSON
from motet.models.dialects.anthropic.fields import Fields, wrong
from motet.models.dialects.anthropic.own import NAME
from motet.models.dialects.anthropic.response_format import read_format
from motet.models.dialects.anthropic.thinking import read_thinking
from motet.models.dialects.anthropic.tools import read_choice, read_tools
from motet.models.dialects.anthropic.turns_reader import read_system, read_turn
from motet.models.dialects.dialect import BadRequest, Incoming


def read_request(body: Mapping[str, JSON], *, counting: bool = False) -> Incoming:
    """Read a request; one that asks for a count of its tokens needs no `max_tokens`.

    Raises `BadRequest`. Fields that the canonical request cannot hold stay in its `extra`,
    those of inner objects by their path.
    """
    fields = Fields(body)
    model = fields.text("model")
    if not counting:
        fields.required("max_tokens")
    max_tokens = fields.integer("max_tokens")
    if max_tokens is not None and max_tokens < 0:
        raise wrong("max_tokens", "0 or more")
    inner: dict[str, JSON] = {}
    messages = _messages(fields, inner)
    tools, native_tools = read_tools(fields.items("tools"), inner)
    choice = fields.fields("tool_choice")
    tool_choice, parallel = read_choice(choice)
    thinking, format = _output(fields, inner)
    user = _user(fields, inner)
    _keep(choice, inner)
    request = ChatRequest(
        messages=messages,
        tools=tools,
        native_tools=native_tools,
        tool_choice=tool_choice,
        parallel_tool_calls=parallel,
        temperature=fields.number("temperature"),
        top_p=fields.number("top_p"),
        top_k=fields.integer("top_k"),
        max_tokens=max_tokens,
        stop=_stop(fields),
        response_format=format,
        thinking=thinking,
        user=user,
        extra_dialect=NAME,
    )
    stream = fields.flag("stream") or False
    return Incoming(model, replace(request, extra={**fields.rest(), **inner}), stream)


def _messages(fields: Fields, inner: dict[str, JSON]) -> tuple[Message, ...]:
    fields.required("messages")
    turns = fields.items("messages")
    if not turns:
        raise BadRequest("messages: at least one message is required", param="messages")
    messages = read_system(fields, inner)
    for at, value in enumerate(turns):
        messages += read_turn(value, f"messages[{at}]", inner)
    return tuple(messages)


def _output(
    fields: Fields, inner: dict[str, JSON]
) -> tuple[Thinking | None, Mapping[str, JSON] | None]:
    """Read what `thinking` and `output_config` say."""
    config, asked = fields.fields("output_config"), fields.fields("thinking")
    effort = None if config is None else config.maybe_text("effort")
    thinking = read_thinking(asked, effort, "output_config.effort")
    format = fields.fields("output_format") if config is None else config.fields("format")
    _keep(config, inner)
    _keep(asked, inner)
    return thinking, None if format is None else read_format(format)


def _user(fields: Fields, inner: dict[str, JSON]) -> str | None:
    metadata = fields.fields("metadata")
    user = None if metadata is None else metadata.maybe_text("user_id")
    _keep(metadata, inner)
    return user


def _keep(object: Fields | None, inner: dict[str, JSON]) -> None:
    if object is not None:
        inner |= {object.at(key): value for key, value in object.rest().items()}


def _stop(fields: Fields) -> tuple[str, ...]:
    found = fields.items("stop_sequences")
    stop = tuple(each for each in found if isinstance(each, str))
    if len(stop) < len(found):
        raise wrong("stop_sequences", "a list of strings")
    return stop
