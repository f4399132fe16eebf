"""Embeddings of every API, from a client of OpenAI's."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from motet.core.chat import Usage
from motet.core.errors import ProviderError, UsageError
from motet.models.dialects.dialect import BadRequest
from motet.models.modalities import embeddings
from motet.models.modalities.apis import Api, api_of, key_headers, root
from motet.models.modalities.embedding_apis import BATCH, read, written
from motet.models.modalities.embeddings import EmbeddingAnswer, EmbeddingRequest
from motet.models.modalities.exchange import Spent
from motet.models.modalities.vectors import numbers, packed

SHIPPED = sorted((Path(__file__).parent / "recordings").glob("*.yaml"))
MORE = Path(os.environ.get("MOTET_RECORDINGS", "")) / "embeddings"
FILES = [*SHIPPED, *(sorted(MORE.glob("*.yaml")) if "MOTET_RECORDINGS" in os.environ else ())]
SPOKEN = re.compile(r"/(embeddings|embed|models/[^/]+:(batchEmbedContents|embedContent))$")
ENDLESS = b'{"data":[{"embedding":[1e999]},{"embedding":[1]}]}'
ADDRESSES: dict[Api, str] = {
    "openai": "https://api.openai.com/v1",
    "gemini": "https://generativelanguage.googleapis.com/v1beta",
    "cohere": "https://api.cohere.com/v2",
    "voyage": "https://api.voyageai.com/v1",
}


def exchanges(path: Path) -> Iterator[tuple[str, dict[str, Any], int, Any]]:
    """Yield address, request, status and answer of every call for embeddings."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for found in yaml.load(path.read_text("utf-8"), Loader=loader)["interactions"]:
        request, response = found["request"], found["response"]
        if not SPOKEN.search(request["uri"]) or "bedrock" in request["uri"]:
            continue
        body = response.get("parsed_body") or json.loads(response["body"]["string"])
        asked = request.get("parsed_body") or json.loads(request["body"])
        yield request["uri"], asked, response["status"]["code"], body


def texts_of(body: dict[str, Any]) -> list[str]:
    """Return the texts of a recorded request of any API."""
    if "requests" in body:
        return [each["content"]["parts"][0]["text"] for each in body["requests"]]
    if "content" in body:
        return [body["content"]["parts"][0]["text"]]
    found: list[str] = body.get("input") or body["texts"]
    return found


def vectors_of(body: dict[str, Any]) -> list[Any]:
    """Return the vectors of a recorded answer of any API, as they stand there."""
    if "data" in body:
        return [entry["embedding"] for entry in body["data"]]
    if "embedding" in body:
        return [body["embedding"]["values"]]
    found = body["embeddings"]
    if isinstance(found, dict):
        return list(found["float"])
    return [entry["values"] for entry in found]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_recordings(path: Path) -> None:
    for address, asked, status, body in exchanges(path):
        api = api_of("", address, ("gemini",) if "googleapis" in address else ())
        request = EmbeddingRequest(tuple(texts_of(asked)))
        data = json.dumps(body).encode()
        if status != 200:
            with pytest.raises(ProviderError):
                read(data, request, api, where="test/m")
            continue
        answer = read(data, request, api, where="test/m")
        found = [one if isinstance(one, str) else list(one) for one in answer.vectors]
        assert found == vectors_of(body)
        told = embeddings.written_answer(answer, request, "m")
        assert [entry["index"] for entry in told["data"]] == list(range(len(request.inputs)))
        spent = answer.spent.usage
        counts = body.get("usage") or body.get("usageMetadata") or body.get("meta")
        if counts is None:
            assert spent is None
        else:
            assert spent is not None
            assert str(spent.input_tokens) in json.dumps(counts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_recorded_requests_are_written_the_same(path: Path) -> None:
    for address, asked, _, _ in exchanges(path):
        api = api_of("", address)
        if "aiplatform" in address:
            continue  # the addresses of Vertex AI hold a project
        one = asked["requests"][0] if "requests" in asked else asked
        kind = one.get("taskType") or one.get("input_type")
        client: dict[str, Any] = {
            "model": (asked.get("model") or one["model"]).removeprefix("models/"),
            "input": texts_of(asked),
            "encoding_format": asked.get("encoding_format", "float"),
            "dimensions": one.get("outputDimensionality") or one.get("output_dimension"),
        }
        client["dimensions"] = client["dimensions"] or asked.get("dimensions")
        if kind:
            client["input_type"] = kind
        model, request = embeddings.read_request(client)
        sent = written(request, model, api, ADDRESSES[api])
        assert sent.url == address
        own = {"truncate", "truncation", "output_dtype", "max_tokens"}
        want = {name: v for name, v in asked.items() if v is not None and name not in own}
        assert json.loads(sent.body) == want
        assert not sent.lost


def test_apis_by_name_and_address() -> None:
    assert api_of("openai", "https://api.openai.com/v1", ("openai", "responses")) == "openai"
    assert api_of("google", "http://127.0.0.1:1/v1beta", ("gemini",)) == "gemini"
    assert api_of("cohere", "https://api.cohere.ai/compatibility/v1") == "cohere"
    assert api_of("mine", "https://api.jina.ai/v1") == "jina"
    assert root("cohere", "https://api.cohere.ai/compatibility/v1") == "https://api.cohere.ai/v2"
    assert root("tei", "http://127.0.0.1:8080/v1") == "http://127.0.0.1:8080"
    assert key_headers("gemini", "k") == {"x-goog-api-key": "k"}
    assert key_headers("jina", "k") == {"Authorization": "Bearer k"}
    assert key_headers("openai", "") == {}


def test_unknown_fields_reach_servers_like_openai() -> None:
    body = {"model": "m", "input": "a", "user": "u", "truncate": "END", "input_type": "passage"}
    model, request = embeddings.read_request(body)
    assert (model, request.purpose, request.user) == ("m", "document", "u")
    sent = written(request, model, "openai", "http://127.0.0.1/v1")
    assert json.loads(sent.body) == {**body, "input": ["a"], "encoding_format": "float"}
    sent = written(request, model, "voyage", "https://api.voyageai.com/v1")
    assert sent.lost == ("user", "truncate")
    odd = EmbeddingRequest(("a",), purpose=None, extra={"input_type": "odd"})
    assert written(odd, "m", "jina", "https://api.jina.ai/v1").lost == ("input_type",)


def test_token_ids_need_a_server_like_openai() -> None:
    _, request = embeddings.read_request({"model": "m", "input": [1, 2]})
    assert request.inputs == ((1, 2),)
    sent = written(request, "m", "openai", "http://127.0.0.1/v1")
    assert json.loads(sent.body)["input"] == [[1, 2]]
    for api in ("gemini", "cohere", "voyage", "jina"):
        with pytest.raises(UsageError, match="not token ids"):
            written(request, "m", api, "http://127.0.0.1/v1")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": ""}, "input[0]"),
        ({"input": ["a", 1]}, "input[1]"),
        ({"input": [[]]}, "input[0]"),
        ({"input": ["a"] * 2049}, "input"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": True}, "dimensions"),
        ({"encoding_format": "int8"}, "encoding_format"),
        ({"model": None}, "model"),
        ({"input_type": 1}, "input_type"),
    ],
)
def test_wrong_requests_are_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        embeddings.read_request({"model": "m", "input": "a", **fields})
    assert caught.value.param == param


def test_either_encoding_of_either_provider() -> None:
    vector = (0.5, -1.25, 3.0)
    text = packed(vector)
    assert numbers(text) == vector
    for given in (vector, text):
        answer = EmbeddingAnswer((given,), Spent(Usage(input_tokens=3)))
        as_numbers = embeddings.written_answer(answer, EmbeddingRequest(("a",)), "m")
        assert list(as_numbers["data"][0]["embedding"]) == list(vector)
        asked = EmbeddingRequest(("a",), encoding="base64")
        assert embeddings.written_answer(answer, asked, "m")["data"][0]["embedding"] == text
    assert as_numbers["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    with pytest.raises(ProviderError, match="not base64"):
        numbers("AAA")


def test_answers_that_are_none() -> None:
    request = EmbeddingRequest(("a", "b"))
    one = b'{"data":[{"index":0,"embedding":[1.0]}]}'
    with pytest.raises(ProviderError, match="1 embeddings came for 2 texts"):
        read(one, request, "openai", where="test/m")
    for body in (b"<html>", b"[]", b"{}", b'{"data":[{"embedding":["a"]}]}', ENDLESS):
        with pytest.raises(ProviderError, match="holds no embeddings"):
            read(body, request, "openai", where="test/m")
    with pytest.raises(ProviderError, match=r"quota of \[key\]") as caught:
        error = b'{"error":{"code":429,"message":"quota of secret"}}'
        read(error, request, "gemini", where="test/m", key="secret")
    assert caught.value.status == 429


def test_vectors_stand_in_the_order_of_the_texts() -> None:
    body = {"data": [{"index": 1, "embedding": [2.0]}, {"index": 0, "embedding": [1.0]}]}
    answer = read(json.dumps(body).encode(), EmbeddingRequest(("a", "b")), "jina", where="m")
    assert answer.vectors == ((1.0,), (2.0,))


def test_many_texts_are_split_and_joined() -> None:
    request = EmbeddingRequest(tuple(map(str, range(250))), dimensions=2)
    split = embeddings.split(request, BATCH["gemini"])
    assert [len(each.inputs) for each in split] == [100, 100, 50]
    answers = [
        EmbeddingAnswer(
            tuple((float(text),) for text in each.inputs if isinstance(text, str)),
            Spent(Usage(input_tokens=len(each.inputs)), {"input_image_tokens": 1.0}),
        )
        for each in split
    ]
    joined = embeddings.joined(answers)
    assert joined.vectors == tuple((float(place),) for place in range(250))
    assert joined.spent == Spent(Usage(input_tokens=250), {"input_image_tokens": 3.0})
    uncounted = embeddings.joined([*answers, EmbeddingAnswer(((1.0,),))])
    assert uncounted.spent.usage is None


def test_the_most_that_is_used() -> None:
    request = EmbeddingRequest(("häß", (1, 2, 3)))
    assert embeddings.most(request) == Spent(Usage(input_tokens=5 + 2 + 3))
