"""Reranking at every API, and by the base encoder."""

from __future__ import annotations

import json
from typing import Any

import pytest

from motet.core.chat import Usage
from motet.core.errors import ProviderError, UsageError
from motet.models.dialects.dialect import BadRequest
from motet.models.modalities import rerank
from motet.models.modalities.exchange import Spent
from motet.models.modalities.rerank import Ranked, RerankAnswer, RerankRequest
from motet.models.modalities.rerank_apis import read, written

DOCUMENTS = ("red", "green", "blue")
REQUEST = RerankRequest("which?", DOCUMENTS, top=2)


def sent(api: Any, base_url: str, **extra: Any) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    request = RerankRequest("which?", DOCUMENTS, top=2, extra=extra)
    found = written(request, "m", api, base_url)
    return found.url, json.loads(found.body), found.lost


def test_requests_of_both_forms() -> None:
    model, request = rerank.read_request(
        {
            "model": "m",
            "query": "q",
            "documents": ["a", {"text": "b", "id": 1}],
            "top_n": 1,
            "return_documents": True,
            "max_tokens_per_doc": 512,
        }
    )
    assert model == "m"
    assert request == RerankRequest("q", ("a", "b"), 1, True, {"max_tokens_per_doc": 512})
    _, voyage = rerank.read_request({"model": "m", "query": "q", "documents": ["a"], "top_k": 3})
    assert voyage.top == 3


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"query": None}, "query"),
        ({"documents": []}, "documents"),
        ({"documents": ["a", {"title": "b"}]}, "documents[1]"),
        ({"documents": ["a"] * 10_001}, "documents"),
        ({"top_n": 0}, "top_n"),
        ({"return_documents": "yes"}, "return_documents"),
    ],
)
def test_wrong_requests_are_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        rerank.read_request({"model": "m", "query": "q", "documents": ["a"], **fields})
    assert caught.value.param == param


def test_requests_to_each_api() -> None:
    same = {"model": "m", "query": "which?", "documents": list(DOCUMENTS)}
    assert sent("openai", "http://127.0.0.1:8000/v1", truncate_prompt_tokens=9) == (
        "http://127.0.0.1:8000/v1/rerank",
        {**same, "top_n": 2, "truncate_prompt_tokens": 9},
        (),
    )
    assert sent("cohere", "https://api.cohere.ai/compatibility/v1") == (
        "https://api.cohere.ai/v2/rerank",
        {**same, "top_n": 2},
        (),
    )
    assert sent("voyage", "https://api.voyageai.com/v1", truncation=True) == (
        "https://api.voyageai.com/v1/rerank",
        {**same, "top_k": 2},
        ("truncation",),
    )
    assert sent("tei", "http://127.0.0.1:8080") == (
        "http://127.0.0.1:8080/rerank",
        {"query": "which?", "texts": list(DOCUMENTS)},
        (),
    )
    with pytest.raises(UsageError, match="cannot rerank"):
        sent("gemini", "https://generativelanguage.googleapis.com/v1beta")


@pytest.mark.parametrize(
    ("body", "spent"),
    [
        (
            {
                "id": "1",
                "results": [
                    {"index": 2, "relevance_score": 0.9},
                    {"index": 0, "relevance_score": 0.5},
                ],
                "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}},
            },
            Spent(None, {"search_units": 1}),
        ),
        (
            {
                "id": "1",
                "model": "m",
                "usage": {"total_tokens": 12},
                "results": [
                    {"index": 0, "document": {"text": "red"}, "relevance_score": 0.5},
                    {"index": 2, "document": {"text": "blue"}, "relevance_score": 0.9},
                ],
            },
            Spent(Usage(input_tokens=12)),
        ),
        (
            {
                "object": "list",
                "data": [
                    {"relevance_score": 0.9, "index": 2},
                    {"relevance_score": 0.5, "index": 0},
                ],
                "usage": {"total_tokens": 7},
            },
            Spent(Usage(input_tokens=7)),
        ),
        (
            [
                {"index": 1, "score": 0.1},
                {"index": 2, "score": 0.9},
                {"index": 0, "score": 0.5},
            ],
            Spent(),
        ),
    ],
    ids=["cohere", "jina and vllm", "voyage", "tei"],
)
def test_answers_of_each_api(body: Any, spent: Spent) -> None:
    answer = read(json.dumps(body).encode(), REQUEST, "openai", where="test/m")
    assert answer.results == (Ranked(2, 0.9), Ranked(0, 0.5))
    assert answer.spent == spent


@pytest.mark.parametrize(
    "body",
    [
        b"no json",
        b"{}",
        b'{"results":[]}',
        b'{"results":[{"index":3,"relevance_score":1}]}',
        b'{"results":[{"index":-1,"relevance_score":1}]}',
        b'{"results":[{"index":0,"relevance_score":1},{"index":0,"relevance_score":1}]}',
        b'{"results":[{"index":0}]}',
        b'{"results":[{"index":0,"relevance_score":1e999}]}',
    ],
)
def test_answers_that_are_no_ranking(body: bytes) -> None:
    with pytest.raises(ProviderError, match="holds no ranking"):
        read(body, REQUEST, "openai", where="test/m")


def test_the_clients_answer_has_both_forms() -> None:
    request = RerankRequest("which?", DOCUMENTS, echo=True)
    answer = RerankAnswer((Ranked(2, 0.5),), Spent(Usage(input_tokens=9), {"search_units": 1.0}))
    assert rerank.written_answer(answer, request, "m", id="r") == {
        "id": "r",
        "model": "m",
        "results": [{"index": 2, "relevance_score": 0.5, "document": {"text": "blue"}}],
        "usage": {"prompt_tokens": 9, "total_tokens": 9},
        "meta": {"billed_units": {"input_tokens": 9, "search_units": 1.0}},
    }
    bare = rerank.written_answer(RerankAnswer((Ranked(2, 0.5),)), REQUEST, "m", id="r")
    assert bare["results"] == [{"index": 2, "relevance_score": 0.5}]
    assert "usage" not in bare


def test_the_most_that_is_used() -> None:
    request = RerankRequest("ab", ("x" * 600,) * 100)
    spent = rerank.most(request)
    assert spent.usage == Usage(input_tokens=100 * (602 + 4))
    assert spent.units == {"search_units": 2}
