"""A GGUF file as a chat model: one with random weights, written here, run by llama.cpp."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import time
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
from tiny_gguf import CONTEXT, write

from motet.core.chat import (
    ChatEvent,
    ChatRequest,
    ChatResponse,
    Data,
    Finished,
    Image,
    Message,
    Text,
    TextDelta,
    ToolSpec,
)
from motet.core.errors import ProviderError, UsageError
from motet.models.assembly import Assembly
from motet.models.llama import LlamaChat

pytest.importorskip("llama_cpp", reason="the extra `llama` is not installed")

SAY = (Message("system", "Speak."), Message("user", "abc def"))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture(scope="module")
def chat(file: Path) -> Iterator[LlamaChat]:
    chat = LlamaChat(file, name="llama/tiny.gguf")
    yield chat
    chat.close()


def asked(**options: object) -> ChatRequest:
    return ChatRequest(SAY, **{"max_tokens": 20, "seed": 7, **options})


def streamed(chat: LlamaChat, request: ChatRequest) -> tuple[list[ChatEvent], ChatResponse]:
    async def listen() -> tuple[list[ChatEvent], ChatResponse]:
        assembly, events = Assembly(), []
        async with aclosing(chat.stream(request)) as stream:
            async for event in stream:
                events.append(event)
                if (answer := assembly.feed(event)) is not None:
                    return events, answer
        raise AssertionError("no end")

    return asyncio.run(listen())


def whole(chat: LlamaChat, request: ChatRequest) -> ChatResponse:
    return asyncio.run(chat.complete(request))


def test_streamed_and_whole_answers_are_the_same(chat):
    request = asked()
    events, answer = streamed(chat, request)
    assert answer == whole(chat, request)
    assert answer.text
    assert sum(isinstance(event, TextDelta) for event in events) > 1
    assert isinstance(events[-1], Finished)
    assert answer.model == "tiny.gguf"


def test_usage_counts_the_prompt_of_the_template_and_each_token(chat):
    usage = whole(chat, asked()).usage
    assert usage.output_tokens == 20
    prompt = "<|system|>Speak.\n<|user|>abc def\n<|assistant|>"
    # Every character is a token of its own here, besides the beginning and a space before it.
    assert usage.input_tokens == len(prompt) + 2


def test_the_seed_decides(chat):
    assert whole(chat, asked()).text == whole(chat, asked()).text
    assert whole(chat, asked()).text != whole(chat, asked(seed=8)).text
    assert whole(chat, asked(seed=None)).text != whole(chat, asked(seed=None)).text


def test_without_temperature_the_seed_does_not_matter(chat):
    first = whole(chat, asked(temperature=0.0))
    assert first.text == whole(chat, asked(temperature=0.0, seed=9)).text


def test_the_limit_is_kept(chat):
    answer = whole(chat, asked(max_tokens=3))
    assert (answer.finish_reason, answer.usage.output_tokens) == ("length", 3)


def test_without_a_limit_the_context_is(chat):
    answer = whole(chat, asked(max_tokens=None))
    assert answer.usage.input_tokens + answer.usage.output_tokens <= CONTEXT


def test_a_stop_sequence_is_met_and_left_out(chat):
    text = whole(chat, asked()).text
    stop = text[6:9]
    place = text.index(stop)
    events, answer = streamed(chat, asked(stop=(stop,)))
    assert answer.text == text[:place]
    assert (answer.finish_reason, answer.stop) == ("stop", stop)
    assert all(stop not in event.text for event in events if isinstance(event, TextDelta))


def test_a_schema_is_kept_to(chat):
    schema = {
        "type": "object",
        "properties": {"ok": {"type": "boolean"}},
        "required": ["ok"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "it", "schema": schema}}
    answer = whole(chat, asked(response_format=form, max_tokens=150))
    assert answer.finish_reason == "stop"
    assert json.loads(answer.text).keys() == {"ok"}


def test_a_prompt_that_is_too_long_is_refused(chat):
    with pytest.raises(UsageError, match=rf"the context holds {CONTEXT}"):
        whole(chat, ChatRequest((Message("user", "a" * CONTEXT),)))
    assert whole(chat, asked()).text


def test_pictures_and_tools_are_refused(chat):
    picture = Message("user", (Text("What?"), Image(Data("image/png", "AAAA"))))
    with pytest.raises(UsageError, match="text only, not: image"):
        whole(chat, ChatRequest((picture,)))
    with pytest.raises(UsageError, match="takes no tools"):
        whole(chat, asked(tools=(ToolSpec("t", "", {"type": "object"}),)))


def test_leaving_a_stream_frees_the_model_at_once(chat):
    async def leave() -> float:
        async with aclosing(chat.stream(asked(max_tokens=None))) as stream:
            await anext(stream)
        began = time.perf_counter()
        await chat.complete(asked(max_tokens=1))
        return time.perf_counter() - began

    whole(chat, asked(max_tokens=1))
    assert asyncio.run(leave()) < 2


def test_several_ask_at_once_from_several_loops(chat):
    async def both() -> list[ChatResponse]:
        return await asyncio.gather(*(chat.complete(asked(seed=n)) for n in (1, 2, 3)))

    first, second = asyncio.run(both()), asyncio.run(both())
    assert [each.text for each in first] == [each.text for each in second]
    assert len({each.text for each in first}) == 3


def test_the_process_may_die_and_is_started_again(file):
    chat = LlamaChat(file, name="llama/tiny.gguf")

    async def interrupted() -> None:
        async with aclosing(chat.stream(asked(max_tokens=None))) as stream:
            await anext(stream)
            os.kill(chat._process._popen.pid, 9)
            async for _ in stream:
                pass

    with pytest.raises(ProviderError, match="process ended"):
        asyncio.run(interrupted())
    assert whole(chat, asked()).text
    chat.close()


def test_a_model_that_nobody_holds_ends_its_process(file):
    chat = LlamaChat(file, name="llama/tiny.gguf")
    whole(chat, asked(max_tokens=1))
    popen = chat._process._popen
    del chat
    gc.collect()
    assert popen.wait(10) == 0


def test_a_declared_context_is_taken(file):
    chat = LlamaChat(file, name="llama/tiny.gguf", context=512)
    answer = whole(chat, ChatRequest((Message("user", "a" * CONTEXT),), max_tokens=1))
    assert answer.usage.input_tokens > CONTEXT
    chat.close()


def test_a_file_that_cannot_chat_is_named(tmp_path):
    silent = LlamaChat(write(tmp_path / "s.gguf", template=None), name="llama/s.gguf")
    with pytest.raises(ProviderError, match="no chat template"):
        whole(silent, asked())
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(write(tmp_path / "w.gguf").read_bytes()[:9000])
    broken = LlamaChat(cut, name="llama/cut.gguf")
    for _ in range(2):
        with pytest.raises(ProviderError, match=r"cannot load it.*whole GGUF"):
            whole(broken, asked())


def test_no_file_and_no_gguf_are_told_apart(tmp_path):
    missing = LlamaChat(tmp_path / "none.gguf", name="llama/none.gguf")
    assert "no such file" in missing.unavailable()
    other = tmp_path / "other.gguf"
    other.write_bytes(b"MZ")
    assert "no GGUF file" in LlamaChat(other, name="llama/other.gguf").unavailable()
