"""Models of every dialect over HTTP: the same answer streamed and whole, the key in its place."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from dialect_server import DialectServer

from motet.core.chat import (
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Message,
    Reasoning,
    Seal,
    Text,
    ToolCall,
    ToolSpec,
    Usage,
)
from motet.core.errors import DeclarationError, ProviderError, UsageError
from motet.models.assembly import assemble
from motet.models.dialects.registry import NAMES, dialect
from motet.models.remote import RemoteChat
from motet.models.target import Target, target

KEY = "sk-canary-0123456789abcdef"
PRICE = ToolSpec("price", "The price of a part", {"type": "object", "properties": {}})
ASKED = ChatRequest((Message("user", "How much?"),), tools=(PRICE,), max_tokens=99)
ANSWER = ChatResponse(
    (
        Reasoning("It is about a price.", Seal("anthropic", "c2ln")),
        Text("Let me see."),
        ToolCall("call_1", "price", '{"part":"hinge"}'),
        ToolCall("call_2", "price", "{}"),
    ),
    "tool_calls",
    Usage(20, 10, 5, 2),
)

every_dialect = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def server() -> Iterator[DialectServer]:
    with DialectServer() as server:
        yield server


def spoken(server: DialectServer, name: str, model: str) -> Target:
    return target(f"test/{model}", base_url=server.base_url, key=KEY, dialect=name)


@every_dialect
def test_answers_are_the_same_streamed_and_whole(server: DialectServer, name: str) -> None:
    chat = RemoteChat(spoken(server, name, server.add(lambda request: ANSWER)))

    async def run() -> tuple[ChatResponse, ChatResponse]:
        events: list[ChatEvent] = [event async for event in chat.stream(ASKED)]
        return assemble(events), await chat.complete(ASKED)

    streamed, whole = asyncio.run(run())
    assert replace(streamed, id=None, model=None) == replace(whole, id=None, model=None)
    assert replace(whole, id=None, model=None) == ANSWER
    assert [each.messages[0].text for each in server.requests[-2:]] == ["How much?"] * 2
    assert KEY in str(server.exchanges[-1].headers)
    assert KEY not in server.exchanges[-1].path


@every_dialect
def test_a_refusal_of_the_server_is_told_without_the_key(server: DialectServer, name: str) -> None:
    base = replace(spoken(server, name, "m"), base_url=f"{server.base_url}/nowhere")
    with pytest.raises(ProviderError, match="404: Invalid URL") as caught:
        asyncio.run(RemoteChat(base).complete(ASKED))
    assert caught.value.status == 404
    assert KEY not in str(caught.value)


def test_a_target_speaks_its_providers_dialect() -> None:
    preferred = {use: target(use).dialects for use in ("openai/m", "anthropic/m", "google/m")}
    assert preferred == {
        "openai/m": ("openai", "responses"),
        "anthropic/m": ("anthropic",),
        "google/m": ("gemini",),
    }
    assert target("anthropic/m").spoken().name == "anthropic"
    assert target("openai/m").spoken("responses").name == "responses"
    assert target("mistral/m", dialect="anthropic").dialects == ("anthropic",)


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(DeclarationError, match="there is no dialect 'klingon'"):
        target("openai/m", dialect="klingon")
    with pytest.raises(UsageError, match="known: openai, responses, anthropic, gemini"):
        dialect("klingon")


def test_what_is_local_is_found_by_the_address_or_declared() -> None:
    assert target("ollama/m").local
    assert not target("openai/m").local
    assert target("vllm/m", base_url="http://10.0.0.7/v1", local=True).local
    assert not target("vllm/m", local=False).local
