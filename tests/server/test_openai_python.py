"""The official Python SDK of OpenAI, unmodified, against a real server."""

from __future__ import annotations

import asyncio
import base64
import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import openai
import pytest
from chat_server import ChatServer
from motet_process import Served, motet
from openai.types.chat import ChatCompletion, ChatCompletionChunk

QUESTION = "How much is a membership?"
ASKED = [{"role": "user", "content": QUESTION}]


@pytest.fixture
def client(served: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="unused", max_retries=0) as client:
        yield client


def test_models(client: openai.OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert "quoting" in names
    assert names[-2:] == ["all-MiniLM-L6-v2", "all-MiniLM-L6-v2-cosine"]
    for name in ("quoting", *names[-2:]):
        model = client.models.retrieve(name)
        assert (model.id, model.object, model.owned_by) == (name, "model", "motet")
    with pytest.raises(openai.NotFoundError, match="nearest: quoting") as caught:
        client.models.retrieve("quotin")
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


def check_citations(client: openai.OpenAI, home: Path, completion: ChatCompletion) -> None:
    message = completion.choices[0].message
    assert message.content is not None
    assert message.annotations
    extra = completion.model_extra or {}
    for annotation, citation in zip(message.annotations, extra["motet"]["citations"], strict=True):
        assert annotation.type == "url_citation"
        place = annotation.url_citation
        assert message.content[place.start_index : place.end_index] == f"[{citation['id']}]"
        assert place.title == citation["source"]
        source, _, span = unquote(place.url).removeprefix("motet://source/").partition("#")
        assert span == f"{citation['start']}-{citation['end']}"
        text = (home / source).read_bytes().decode()
        assert text[citation["start"] : citation["end"]] == citation["text"]
        assert "38 euros" in citation["text"]


def test_a_completion(client: openai.OpenAI, home: Path) -> None:
    raw = client.chat.completions.with_raw_response.create(model="quoting", messages=ASKED)
    completion = raw.parse()
    assert completion.object == "chat.completion"
    assert completion.model == "quoting"
    [choice] = completion.choices
    assert (choice.index, choice.finish_reason) == (0, "stop")
    assert choice.message.role == "assistant"
    assert "38 euros" in (choice.message.content or "")
    check_citations(client, home, completion)
    motet_object = (completion.model_extra or {})["motet"]
    assert set(motet_object) == {"run", "model", "abstained", "citations"}
    assert raw.headers["x-motet-run"] == motet_object["run"]
    assert raw.headers["x-motet-model"] == motet_object["model"] == "quoting-model"
    assert motet_object["abstained"] is False
    assert completion.usage is not None
    assert completion.usage.prompt_tokens > 0
    used = completion.usage.prompt_tokens + completion.usage.completion_tokens
    assert completion.usage.total_tokens == used


def test_an_abstention(client: openai.OpenAI) -> None:
    asked = [{"role": "user", "content": "Who painted the Mona Lisa?"}]
    completion = client.chat.completions.create(model="quoting", messages=asked)
    message = completion.choices[0].message
    assert message.content == "The sources do not say."
    assert message.annotations == []
    assert (completion.model_extra or {})["motet"]["abstained"] is True


def test_invented_quotes_are_no_citations(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(model="inventing", messages=ASKED)
    message = completion.choices[0].message
    assert message.annotations == []
    assert "[" not in (message.content or "")
    assert (completion.model_extra or {})["motet"]["citations"] == []


def assembled(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


@pytest.mark.parametrize("usage", [False, True])
def test_a_stream(client: openai.OpenAI, usage: bool) -> None:
    options = {"stream_options": {"include_usage": True}} if usage else {}
    with client.chat.completions.create(
        model="quoting", messages=ASKED, stream=True, **options
    ) as stream:
        chunks = list(stream)
    whole = client.chat.completions.create(model="quoting", messages=ASKED)
    assert assembled(chunks) == whole.choices[0].message.content
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk.id for chunk in chunks}) == 1
    if usage:
        *chunks, last = chunks
        assert last.choices == []
        assert last.usage == whole.usage
    assert all(chunk.usage is None for chunk in chunks)
    *_, cited, end = chunks
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [c.choices[0].finish_reason for c in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    annotations = (cited.choices[0].delta.model_extra or {})["annotations"]
    message = whole.choices[0].message
    assert annotations == [each.model_dump() for each in message.annotations or []]
    assert set((end.model_extra or {})["motet"]) == {"run", "model", "abstained", "citations"}


def test_a_conversation_with_parts_and_settings(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(
        model="quoting",
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": None, "refusal": "No."},
            {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
        ],
        temperature=0.1,
        max_tokens=500,
        user="someone",
        n=1,
        response_format={"type": "text"},
        extra_body={"something": "new"},
    )
    assert "38 euros" in (completion.choices[0].message.content or "")


def test_the_asynchronous_client(served: Served) -> None:
    async def ask() -> list[str]:
        url = f"{served.url}/v1"
        async with openai.AsyncOpenAI(base_url=url, api_key="unused") as client:
            many = [client.chat.completions.create(model="quoting", messages=ASKED)] * 1
            many += [client.chat.completions.create(model="quoting", messages=ASKED)]
            answers = [
                each.choices[0].message.content or "" for each in await asyncio.gather(*many)
            ]
            stream = await client.chat.completions.create(
                model="quoting", messages=ASKED, stream=True
            )
            return [*answers, assembled([chunk async for chunk in stream])]

    first, second, streamed = asyncio.run(ask())
    assert first == second == streamed


@pytest.mark.encoder
def test_embeddings(client: openai.OpenAI) -> None:
    texts = ["The hinge is made of brass.", "Brass is what the hinge consists of.", "We close."]
    plain = client.embeddings.create(model="all-MiniLM-L6-v2", input=texts, encoding_format="float")
    packed = client.embeddings.create(model="all-MiniLM-L6-v2", input=texts)
    vectors = [each.embedding for each in plain.data]
    assert [len(each) for each in vectors] == [384] * 3
    for one, other in zip(vectors, packed.data, strict=True):
        assert one == pytest.approx(other.embedding, abs=1e-6)
    near, far = (sum(a * b for a, b in zip(vectors[0], v, strict=True)) for v in vectors[1:])
    assert near > 0.8 > 0.5 > far
    assert plain.usage.prompt_tokens == plain.usage.total_tokens > 0
    raw = client.embeddings.with_raw_response.create(
        model="all-MiniLM-L6-v2", input="We close.", encoding_format="base64"
    )
    sent = array("f", base64.b64decode(raw.http_response.json()["data"][0]["embedding"]))
    assert sent.tolist() == pytest.approx(vectors[2], abs=1e-6)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"messages": []}, "messages must be a list"),
        ({"messages": [{"role": "user", "content": " "}]}, "must be a question"),
        ({"messages": [*ASKED, {"role": "assistant", "content": "a"}]}, "must be a question"),
        ({"messages": [{"role": "robot", "content": "a"}]}, "role must be one of"),
        ({"messages": [{"role": "user", "content": 1}]}, "content must be text"),
        ({"messages": ["a"]}, "must be an object"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "only text parts"),
        ({"messages": [{"role": "user", "content": "why " * 26_000}]}, "longer than"),
        ({"n": 2}, "n must be 1"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "calls its own tools"),
        ({"response_format": {"type": "json_object"}}, "answers in text"),
        ({"stream": 1.5}, "stream must be"),
    ],
)
def test_requests_that_are_wrong(
    client: openai.OpenAI, given: dict[str, object], named: str
) -> None:
    asked = {"model": "quoting", "messages": ASKED, **given}
    with pytest.raises(openai.BadRequestError, match=named) as caught:
        client.chat.completions.create(**asked)  # type: ignore[call-overload]
    assert caught.value.type == "invalid_request_error"


def test_embedding_requests_that_are_wrong(client: openai.OpenAI) -> None:
    name = "all-MiniLM-L6-v2"
    for given in ({"input": []}, {"input": [""]}, {"input": [[1, 2]]}, {"dimensions": 3}):
        with pytest.raises(openai.BadRequestError):
            client.embeddings.create(**{"model": name, "input": "a", **given})  # type: ignore[arg-type]
    with pytest.raises(openai.NotFoundError, match="there is: all-MiniLM-L6-v2"):
        client.embeddings.create(model="quoting", input="a")


@pytest.mark.parametrize("stream", [False, True])
def test_errors_of_the_provider_have_its_shape(client: openai.OpenAI, stream: bool) -> None:
    with pytest.raises(openai.InternalServerError, match="answered 500") as caught:
        client.chat.completions.create(model="failing", messages=ASKED, stream=stream)
    assert (caught.value.status_code, caught.value.code) == (502, "provider")
    with pytest.raises(openai.RateLimitError) as limited:
        client.chat.completions.create(model="rate-limited", messages=ASKED, stream=stream)
    assert limited.value.response.headers["retry-after"] == "7"


def test_an_error_in_the_middle_of_a_stream(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(model="erring", messages=ASKED, stream=True)
    with pytest.raises(openai.APIError, match="ran out of memory") as caught:
        list(stream)
    assert caught.value.code == "provider"
    with pytest.raises(openai.InternalServerError, match="ran out of memory"):
        client.chat.completions.create(model="erring", messages=ASKED)


def test_an_unknown_system(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="nearest: quoting"):
        client.chat.completions.create(model="qouting", messages=ASKED)


def wait_for_cancelled(home: Path, system: str, known: set[str]) -> None:
    end = time.monotonic() + 15
    while time.monotonic() < end:
        listed = motet("trace", "list", "--json", "-s", f"{system}.yaml", at=home).json["runs"]
        new = [run for run in listed if run["id"] not in known]
        if new and all(run["status"] == "cancelled" for run in new):
            return
        time.sleep(0.1)
    raise AssertionError(f"still not cancelled: {new}")


def runs(home: Path, system: str) -> set[str]:
    listed = motet("trace", "list", "--json", "-s", f"{system}.yaml", at=home).json["runs"]
    return {run["id"] for run in listed}


@pytest.mark.parametrize(("system", "stream"), [("stalling", True), ("hanging", False)])
def test_leaving_early_cancels_the_run(
    served: Served, home: Path, chat_server: ChatServer, system: str, stream: bool
) -> None:
    known = runs(home, system)
    url = f"{served.url}/v1"
    before = len(chat_server.exchanges)
    with openai.OpenAI(base_url=url, api_key="unused", max_retries=0, timeout=3) as client:
        if stream:
            chunks = client.chat.completions.create(model=system, messages=ASKED, stream=True)
            assert next(iter(chunks)).choices[0].delta.role == "assistant"
            chunks.close()
        else:
            with pytest.raises(openai.APITimeoutError):
                client.chat.completions.create(model=system, messages=ASKED)
    wait_for_cancelled(home, system, known)
    asked = [
        each
        for each in chat_server.exchanges[before:]
        if each.body and each.body["model"] == system
    ]
    assert asked
    assert all(each.disconnected.wait(10) for each in asked)
