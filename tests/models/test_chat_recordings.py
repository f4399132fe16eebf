"""Real traffic: recorded exchanges with providers are read without loss.

The recordings (VCR files of the pydantic-ai test suite, MIT) are not part of the project.
`MOTET_DATA` names the folder that holds them as `cassettes/openai/*.yaml`.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from chat_server import ChatServer

from motet.core.chat import ChatEvent, ChatRequest, Message
from motet.core.errors import ProviderError
from motet.models.assembly import assemble
from motet.models.remote import RemoteChat
from motet.models.target import target

HELLO = ChatRequest((Message("user", "Hello"),))

FOLDER = Path(os.environ.get("MOTET_DATA", "")) / "cassettes" / "openai"
FILES = sorted(FOLDER.glob("*.yaml")) if "MOTET_DATA" in os.environ else []

pytestmark = pytest.mark.skipif(not FILES, reason="MOTET_DATA names no folder with recordings")


def exchanges(path: Path) -> Iterator[tuple[int, str, bytes]]:
    """Yield status, content type and body of every chat completion in the file."""
    for exchange in yaml.safe_load(path.read_text("utf-8"))["interactions"]:
        response = exchange["response"]
        if not exchange["request"]["uri"].endswith("/chat/completions"):
            continue
        if "parsed_body" in response:
            body = json.dumps(response["parsed_body"]).encode()
        else:
            body = response["body"]["string"].encode()
        yield response["status"]["code"], response["headers"]["content-type"][0], body


def answer(server: ChatServer, name: str, *, stream: bool) -> Any:
    chat = RemoteChat(target(f"test/{name}", base_url=server.base_url))

    async def collect() -> list[ChatEvent]:
        return [event async for event in chat.stream(HELLO)]

    return assemble(asyncio.run(collect())) if stream else asyncio.run(chat.complete(HELLO))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_recordings_are_read(chat_server: ChatServer, path: Path) -> None:
    for status, content_type, body in exchanges(path):
        pieces = [body[i : i + 11] for i in range(0, len(body), 11)]
        name = chat_server.add_recording(pieces, content_type, status)
        stream = content_type.startswith("text/event-stream")
        if status != 200 or (not stream and b'"choices"' not in body):
            with pytest.raises(ProviderError) as caught:
                answer(chat_server, name, stream=stream)
            assert caught.value.status == (status if status != 200 else None)
        elif stream:
            compare_stream(answer(chat_server, name, stream=True), body)
        else:
            compare_whole(answer(chat_server, name, stream=False), json.loads(body))


def compare_whole(got: Any, body: dict[str, Any]) -> None:
    choice = body["choices"][0]
    message = choice["message"]
    assert got.text == (message.get("content") or "")
    assert got.finish_reason == choice["finish_reason"]
    assert got.model == body["model"]
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
    assert got.finish_reason == choices[-1]["finish_reason"]
    compare_usage(got, next(chunk["usage"] for chunk in chunks if chunk["usage"]))


def compare_usage(got: Any, usage: dict[str, Any]) -> None:
    prompt = usage.get("prompt_tokens_details") or {}
    completion = usage.get("completion_tokens_details") or {}
    assert got.usage.input_tokens == usage["prompt_tokens"]
    # Google leaves its thoughts out of `completion_tokens`.
    hidden = usage["total_tokens"] - usage["prompt_tokens"] - usage["completion_tokens"]
    assert got.usage.output_tokens == usage["completion_tokens"] + hidden
    assert got.usage.cached_tokens == (prompt.get("cached_tokens") or 0)
    assert got.usage.reasoning_tokens == (completion.get("reasoning_tokens") or hidden)
