"""Thoughts and seals of a model's turns come back to it, in order, also after a crash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from dialect_server import DialectServer
from hypothesis import given
from hypothesis import strategies as st
from tool_runs import ToolRuns

import motet
from motet.core.chat import (
    ChatModel,
    ChatRequest,
    ChatResponse,
    Native,
    Part,
    Reasoning,
    Seal,
    Text,
    ToolCall,
)
from motet.core.errors import ProviderError
from motet.core.json import dumps, loads
from motet.models.remote import RemoteChat
from motet.models.target import target
from motet.models.tool_stream import StreamedCall
from motet.runtime.journal import Journal
from motet.runtime.methods.replies import Reply, reply_from_json

SIGNED = "c2lnbmVk"
TURNS: dict[str, tuple[Part, ...]] = {
    "openai": (
        Reasoning("Both prices matter."),
        Text("Let me see."),
        ToolCall("call_1", "price", '{"company":"A"}'),
        ToolCall("call_2", "price", '{"company":"AB"}'),
    ),
    "anthropic": (
        Reasoning("Both prices matter.", Seal("anthropic", SIGNED)),
        Reasoning("", Seal("anthropic", "aGlkZGVu"), redacted=True),
        Text("Let me see."),
        Reasoning("First A.", Seal("anthropic", "Zmlyc3Q=")),
        ToolCall("call_1", "price", '{"company":"A"}'),
        Native(
            "anthropic",
            {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}},
        ),
        ToolCall("call_2", "price", '{"company":"AB"}'),
    ),
    "responses": (
        Reasoning("Both prices matter.", Seal("responses", SIGNED, "rs_1")),
        Text("Let me see."),
        ToolCall("call_1", "price", '{"company":"A"}'),
        ToolCall("call_2", "price", '{"company":"AB"}'),
    ),
    "gemini": (
        Reasoning("Both prices matter."),
        ToolCall("call_1", "price", '{"company":"A"}', Seal("gemini", SIGNED)),
        ToolCall("call_2", "price", '{"company":"AB"}'),
        Text("Let me see.", seal=Seal("gemini", "bGFzdA==")),
    ),
}


@motet.operator(effect="read")
def price(company: str) -> float:
    return len(company) * 1.5


@pytest.fixture(scope="module")
def server() -> Iterator[DialectServer]:
    with DialectServer() as server:
        yield server


@dataclass
class DialectRuns(ToolRuns):
    """Asks in a dialect; chat completions as servers speak them that take thoughts back."""

    dialect: str = "openai"

    def chat(self, name: str) -> ChatModel:
        found = target(f"vllm/{name}", base_url=self.base_url, dialect=self.dialect)
        return RemoteChat(replace(found, name=f"test/{name}"))


def echoed(server: DialectServer) -> list[tuple[Part, ...]]:
    """Return the turns of the model that the last request repeats."""
    messages = server.requests[-1].messages
    return [each.parts for each in messages if each.role == "assistant"]


@pytest.mark.parametrize("name", TURNS)
def test_a_turn_comes_back_as_it_was(server: DialectServer, tmp_path: Path, name: str) -> None:
    def answer(request: ChatRequest) -> ChatResponse:
        if any(each.role == "tool" for each in request.messages):
            return ChatResponse((Text("Done."),), "stop", None)
        return ChatResponse(TURNS[name], "tool_calls", None)

    runs = DialectRuns(tmp_path, server.base_url, functions=(price,), dialect=name)
    assert runs.ask(server.add(answer)).draft.text == "Done."
    assert echoed(server) == [TURNS[name]]
    results = [each for each in server.requests[-1].messages if each.role == "tool"]
    assert [(each.tool_call_id, each.text) for each in results] == [
        ("call_1", "1.5"),
        ("call_2", "3.0"),
    ]


@pytest.mark.parametrize("name", TURNS)
def test_a_turn_comes_back_after_a_crash(server: DialectServer, tmp_path: Path, name: str) -> None:
    """The second turn fails; a new process goes on, and does not ask the first again."""
    broken = [True]

    def answer(request: ChatRequest) -> ChatResponse:
        if not any(each.role == "tool" for each in request.messages):
            return ChatResponse(TURNS[name], "tool_calls", None)
        if broken[0]:
            return ChatResponse((), "content_filter", None)
        return ChatResponse((Text("Done."),), "stop", None)

    runs = DialectRuns(tmp_path, server.base_url, functions=(price,), dialect=name)
    model = server.add(answer)
    with pytest.raises(ProviderError):
        runs.ask(model)
    asked = len(server.requests)
    broken[0] = False
    ran = runs.resume(last_run(tmp_path), model)
    assert ran.draft.text == "Done."
    assert len(server.requests) == asked + 1
    assert echoed(server) == [TURNS[name]]


def last_run(home: Path) -> str:
    journal = Journal(home / "runs.db")
    run = journal.recent("test", 1)[0].id
    journal.close()
    return run


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
seals = st.none() | st.builds(Seal, words, words, st.none() | words)
pieces = st.lists(
    st.builds(Text, words.filter(bool), seal=seals)
    | st.builds(Reasoning, words, seals, st.booleans())
    | st.builds(Native, words, st.dictionaries(words, st.integers(), max_size=2))
    | seals.map(lambda seal: ToolCall("", "", "", seal)),
    max_size=6,
)


@given(pieces)
def test_a_reply_is_kept_as_it_is(drawn: list[Part]) -> None:
    calls: list[StreamedCall] = []
    parts: list[Part] = []
    for part in drawn:
        if isinstance(part, ToolCall):
            made = StreamedCall(len(calls), f"call_{len(calls)}", "price", "", {"a": len(calls)})
            calls.append(made)
            parts.append(replace(made.as_message(), seal=part.seal))
        else:
            parts.append(part)
    reply = Reply(tuple(parts), tuple(calls), "tool_calls")
    assert reply_from_json(loads(dumps(reply.to_json()))) == reply


def test_a_plain_reply_is_kept_as_its_text_and_calls() -> None:
    reply = Reply((Text("Hi"),), (), "stop")
    assert reply.to_json() == {"text": "Hi", "calls": [], "reason": "stop"}
