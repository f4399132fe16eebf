"""The chat model adapter against the simulator: answers, tools, usage, cancellation."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chat_scripts import Call, Reply
from chat_server import ChatServer

from motet.core.chat import (
    ChatEvent,
    ChatModel,
    ChatRequest,
    ChatResponse,
    Finished,
    Message,
    NamedTool,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    ToolSpec,
    Usage,
)
from motet.models.assembly import assemble
from motet.models.remote import RemoteChat
from motet.models.target import target

COMPLETIONS = Path(__file__).parent / "dialects" / "completions"
PROMPT = "[1] The warranty lasts five years.\n[2] Blum makes the hinges.\n\nQuestion: "
PRICE = ToolSpec(
    "price",
    "The price of a part",
    {"type": "object", "properties": {"part": {"type": "string"}}, "required": ["part"]},
)


def ask(text: str, **fields: Any) -> ChatRequest:
    return ChatRequest((Message("user", text),), **fields)


def model(server: ChatServer, name: str) -> RemoteChat:
    return RemoteChat(target(f"test/{name}", base_url=server.base_url))


async def collect(events: AsyncIterator[ChatEvent]) -> list[ChatEvent]:
    return [event async for event in events]


def both(chat: ChatModel, request: ChatRequest) -> ChatResponse:
    """Ask streamed and not, in one loop; the answers must be equal."""

    async def run() -> tuple[ChatResponse, ChatResponse]:
        return assemble(await collect(chat.stream(request))), await chat.complete(request)

    streamed, whole = asyncio.run(run())
    assert replace(streamed, id=None) == replace(whole, id=None)
    return whole


def test_answers_from_passages(chat_server: ChatServer) -> None:
    answer = both(model(chat_server, "quoting"), ask(PROMPT + "Who makes the hinges?"))
    assert answer.text == "Blum makes the hinges. [2]"
    assert answer.finish_reason == "stop"
    assert answer.model == "quoting"
    assert answer.usage is not None
    assert answer.usage.input_tokens > answer.usage.output_tokens > 0


def test_text_arrives_in_pieces(chat_server: ChatServer) -> None:
    events = asyncio.run(collect(model(chat_server, "echo").stream(ask("one two three"))))
    assert events[:3] == [TextDelta("one"), TextDelta(" two"), TextDelta(" three")]
    assert isinstance(events[3], Finished)
    assert len(events) == 4


def test_parallel_tool_calls(chat_server: ChatServer) -> None:
    calls = (Call("price", '{"part": "hinge"}', "call_1"), Call("price", "{}", "call_2"))
    name = chat_server.add_script(lambda messages, tools: Reply("Looking. ", calls))
    answer = both(model(chat_server, name), ask("How much?", tools=(PRICE,)))
    assert answer.text == "Looking. "
    assert answer.tool_calls == (
        ToolCall("call_1", "price", '{"part": "hinge"}'),
        ToolCall("call_2", "price", "{}"),
    )
    assert answer.finish_reason == "tool_calls"


def test_tool_arguments_arrive_in_fragments(chat_server: ChatServer) -> None:
    request = ask("How much?", tools=(PRICE,))
    events = asyncio.run(collect(model(chat_server, "calling").stream(request)))
    deltas = [event for event in events if isinstance(event, ToolCallDelta)]
    assert deltas[0].name == "price"
    assert deltas[0].id
    assert len(deltas) > 2
    assert json.loads("".join(delta.arguments for delta in deltas)) == {"part": "example"}


def test_a_tool_round_trip(chat_server: ChatServer) -> None:
    async def run() -> ChatResponse:
        chat = model(chat_server, "calling")
        asked = Message("user", "How much?")
        first = await chat.complete(ChatRequest((asked,), tools=(PRICE,)))
        turn = Message("assistant", first.parts)
        result = Message("tool", "4 €", tool_call_id=first.tool_calls[0].id)
        return await chat.complete(ChatRequest((asked, turn, result), tools=(PRICE,)))

    assert asyncio.run(run()).text == "The tool said: 4 €"


def test_a_forced_call_is_finished_by_tool_calls(chat_server: ChatServer) -> None:
    request = ask("Hello", tools=(PRICE,), tool_choice=NamedTool("price"))
    answer = asyncio.run(model(chat_server, "echo").complete(request))
    assert answer.finish_reason == "tool_calls"
    assert answer.tool_calls[0].name == "price"


def test_usage_counts_cached_and_reasoning_tokens(chat_server: ChatServer) -> None:
    reply = Reply("Yes", cached_tokens=7, reasoning_tokens=40)
    name = chat_server.add_script(lambda messages, tools: reply)
    usage = both(model(chat_server, name), ask("Sure?")).usage
    assert usage == Usage(8, 41, cached_tokens=7, reasoning_tokens=40)


@pytest.mark.parametrize("reason", ["stop", "length", "content_filter"])
def test_finish_reasons(chat_server: ChatServer, reason: str) -> None:
    name = chat_server.add_script(lambda messages, tools: Reply("x", finish_reason=reason))
    assert both(model(chat_server, name), ask("?")).finish_reason == reason


def test_a_limit_cuts_the_answer(chat_server: ChatServer) -> None:
    answer = both(model(chat_server, "echo"), ask("one two three", max_tokens=2))
    assert (answer.text, answer.finish_reason) == ("one two", "length")


def test_the_request_says_everything(chat_server: ChatServer) -> None:
    turns = (
        Message("developer", "Be brief."),
        Message("user", "Hi", name="ann"),
        Message("assistant", (ToolCall("c1", "price", "{}"),)),
        Message("tool", "4", tool_call_id="c1"),
    )
    request = ChatRequest(
        turns,
        tools=(PRICE,),
        tool_choice="auto",
        temperature=0.0,
        max_tokens=9,
        response_format={"type": "text"},
        extra={"seed": 7, "model": "another"},
    )
    for use, role, limit in (
        ("a/echo", "system", "max_tokens"),
        ("openai/echo", "developer", "max_completion_tokens"),
    ):
        chat = RemoteChat(target(use, base_url=chat_server.base_url, key="k"))
        asyncio.run(chat.complete(request))
        exchange = chat_server.exchanges[-1]
        assert exchange.headers["Authorization"] == "Bearer k"
        function = {"name": "price", "arguments": "{}"}
        assert exchange.body == {
            "model": "echo",
            "seed": 7,
            "messages": [
                {"role": role, "content": "Be brief."},
                {"role": "user", "content": "Hi", "name": "ann"},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"id": "c1", "type": "function", "function": function}],
                },
                {"role": "tool", "content": "4", "tool_call_id": "c1"},
            ],
            "tools": [
                {
                    "type": "function",
                    "function": {
                        "name": "price",
                        "description": "The price of a part",
                        "parameters": PRICE.parameters,
                    },
                }
            ],
            "tool_choice": "auto",
            "temperature": 0.0,
            limit: 9,
            "response_format": {"type": "text"},
        }


@pytest.mark.parametrize("size", [1, 7, 64])
@pytest.mark.parametrize("name", ["text", "parallel_calls", "no_ids"])
def test_replays_streams_in_pieces(chat_server: ChatServer, name: str, size: int) -> None:
    stream = (COMPLETIONS / f"{name}.sse").read_bytes()
    pieces = [stream[i : i + size] for i in range(0, len(stream), size)]
    recorded = chat_server.add_recording(pieces)
    whole = chat_server.add_recording(
        [(COMPLETIONS / f"{name}.json").read_bytes()], "application/json"
    )

    async def run() -> None:
        events = await collect(model(chat_server, recorded).stream(ask("?")))
        assert assemble(events) == await model(chat_server, whole).complete(ask("?"))

    asyncio.run(run())


def test_a_server_that_never_streams_is_understood(chat_server: ChatServer) -> None:
    body = (COMPLETIONS / "text.json").read_bytes()
    name = chat_server.add_recording([body], "application/json; charset=utf-8")
    both(model(chat_server, name), ask("?"))


def test_a_stream_without_done_and_usage_is_whole(chat_server: ChatServer) -> None:
    answer = assemble(asyncio.run(collect(model(chat_server, "undone").stream(ask("Hi there")))))
    assert (answer.text, answer.finish_reason, answer.usage) == ("Hi there", "stop", None)


def test_a_connection_is_used_again(chat_server: ChatServer) -> None:
    async def run() -> None:
        chat = model(chat_server, "echo")
        for _ in range(3):
            await collect(chat.stream(ask("Hi")))
            await chat.complete(ask("Hi"))

    asyncio.run(run())
    assert len({exchange.client for exchange in chat_server.exchanges[-6:]}) == 1


def test_leaving_closes_the_connection_at_once(chat_server: ChatServer) -> None:
    async def leave() -> None:
        async with aclosing(model(chat_server, "stalling").stream(ask("Hi"))) as events:
            await anext(events)

    assert disconnected_within(chat_server, leave()) < 0.5


@pytest.mark.parametrize("name", ["stalling", "hanging"])
def test_cancelling_a_stream_closes_the_connection_at_once(
    chat_server: ChatServer, name: str
) -> None:
    async def cancel() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await collect(model(chat_server, name).stream(ask("Hi")))

    assert disconnected_within(chat_server, cancel()) < 0.5


def test_cancelling_a_whole_answer_closes_the_connection_at_once(chat_server: ChatServer) -> None:
    async def cancel() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await model(chat_server, "hanging").complete(ask("Hi"))

    assert disconnected_within(chat_server, cancel()) < 0.5


def disconnected_within(server: ChatServer, work: Coroutine[Any, Any, None]) -> float:
    """Run the work; return the seconds after it until the server saw its client leave."""

    async def run() -> float:
        await work
        left = time.perf_counter()
        seen = server.exchanges[-1].disconnected
        assert await asyncio.to_thread(seen.wait, 5)
        return time.perf_counter() - left

    return asyncio.run(run())


def test_many_streams_at_once_in_many_loops(chat_server: ChatServer) -> None:
    chat = model(chat_server, "echo")

    async def run() -> list[ChatResponse]:
        requests = [ask(f"number {number}") for number in range(20)]
        return await asyncio.gather(*map(chat.complete, requests))

    def loop() -> list[str]:
        return [answer.text for answer in asyncio.run(run())]

    with ThreadPoolExecutor(3) as pool:
        for future in [pool.submit(loop) for _ in range(6)]:
            assert future.result() == [f"number {number}" for number in range(20)]
