"""Real chat completion traffic is read without loss, and written as clients write it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from chat_server import ChatServer
from exchanges import Exchange, answered, exchanges

from motet.core.chat import ChatEvent, ChatRequest, Message
from motet.core.errors import ProviderError
from motet.core.json import dumps
from motet.models.assembly import assemble
from motet.models.dialects.openai import DIALECT
from motet.models.remote import RemoteChat
from motet.models.target import target

HELLO = ChatRequest((Message("user", "Hello"),))
OURS = [each for each in exchanges() if each.dialect == "openai"]
recorded = pytest.mark.parametrize("exchange", OURS, ids=lambda each: each.name)


def answer(server: ChatServer, exchange: Exchange) -> Any:
    """Return the answer as it is read from a server that replays it."""
    kind = "text/event-stream" if exchange.streamed else "application/json"
    pieces = [exchange.body[i : i + 11] for i in range(0, len(exchange.body), 11)]
    name = server.add_recording(pieces, kind, exchange.status)
    chat = RemoteChat(target(f"test/{name}", base_url=server.base_url))

    async def collect() -> list[ChatEvent]:
        return [event async for event in chat.stream(HELLO)]

    return (
        assemble(asyncio.run(collect())) if exchange.streamed else asyncio.run(chat.complete(HELLO))
    )


@recorded
def test_answers_are_read(chat_server: ChatServer, exchange: Exchange) -> None:
    if exchange not in answered("openai"):
        with pytest.raises(ProviderError) as caught:
            answer(chat_server, exchange)
        assert caught.value.status == (exchange.status if exchange.status != 200 else None)
    elif exchange.streamed:
        compare_stream(answer(chat_server, exchange), exchange.body)
    else:
        compare_whole(answer(chat_server, exchange), json.loads(exchange.body))


def compare_whole(got: Any, body: dict[str, Any]) -> None:
    choice = body["choices"][0]
    message = choice["message"]
    assert got.text == (message.get("content") or "")
    assert got.reasoning == (message.get("reasoning") or "")
    assert got.finish_reason == choice["finish_reason"]
    assert (got.model, got.id) == (body["model"], body["id"])
    assert [(call.name, call.arguments) for call in got.tool_calls] == [
        (call["function"]["name"], call["function"]["arguments"])
        for call in message.get("tool_calls") or ()
    ]
    assert all(call.id for call in got.tool_calls)
    compare_usage(got, body["usage"])


def compare_stream(got: Any, body: bytes) -> None:
    lines = [line for line in body.decode().splitlines() if line.startswith("data: {")]
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines]
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    deltas = [choice["delta"] for choice in choices]
    assert got.text == "".join(delta.get("content") or "" for delta in deltas)
    calls = [call["function"] for delta in deltas for call in delta.get("tool_calls") or ()]
    assert "".join(call.arguments for call in got.tool_calls) == "".join(
        call["arguments"] for call in calls
    )
    ends = [choice["finish_reason"] for choice in choices if choice["finish_reason"]]
    assert got.finish_reason == ends[-1]
    compare_usage(got, next(chunk["usage"] for chunk in chunks if chunk.get("usage")))


def compare_usage(got: Any, usage: dict[str, Any]) -> None:
    prompt = usage.get("prompt_tokens_details") or {}
    completion = usage.get("completion_tokens_details") or {}
    assert got.usage.input_tokens == usage["prompt_tokens"]
    # Google leaves its thoughts out of `completion_tokens`.
    hidden = usage["total_tokens"] - usage["prompt_tokens"] - usage["completion_tokens"]
    assert got.usage.output_tokens == usage["completion_tokens"] + hidden
    assert got.usage.cached_tokens == (prompt.get("cached_tokens") or 0)
    assert got.usage.reasoning_tokens == (completion.get("reasoning_tokens") or hidden)


@recorded
def test_requests_are_read_and_written_as_they_came(exchange: Exchange) -> None:
    incoming = DIALECT.incoming(exchange.request)
    assert incoming.lost == ()
    outgoing = DIALECT.outgoing(incoming.request, incoming.model, stream=incoming.stream)
    assert outgoing.lost == ()
    written = json.loads(dumps(outgoing.body))
    if not incoming.include_usage:
        written.pop("stream_options", None)
    assert same(written) == same(exchange.request)


def same(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request without what makes no difference."""
    found: dict[str, Any] = json.loads(json.dumps(body))
    if not found.get("stream"):
        found.pop("stream", None)
    if "max_tokens" in found:
        found["max_completion_tokens"] = found.pop("max_tokens")
    for message in found["messages"]:
        if isinstance(message.get("content"), list) and len(message["content"]) == 1:
            part = message["content"][0]
            message["content"] = part["text"] if part["type"] == "text" else [part]
        message.setdefault("content", None)
        for call in message.get("tool_calls") or ():
            call.pop("extra_content", None)
    for tool in found.get("tools") or ():
        if not tool["function"].get("description"):
            tool["function"].pop("description", None)
    return found
