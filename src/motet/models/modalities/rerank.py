"""Reranking: documents in the order in which they answer a query.

A client's request and answer are those of Cohere (https://docs.cohere.com/reference/rerank)
and Jina (https://api.jina.ai/redoc), which vLLM and llama.cpp follow: they differ only in
what they add. How each API writes and reads them is in `rerank_apis`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from motet.core.chat import Usage
from motet.core.json import JSON
from motet.models.dialects.openai.given import Given
from motet.models.modalities.exchange import Spent

MAX_DOCUMENTS = 10_000


@dataclass(frozen=True, slots=True)
class RerankRequest:
    """A query and documents; `top` bounds what comes back, `echo` asks for the texts too."""

    query: str
    documents: tuple[str, ...]
    top: int | None = None
    echo: bool = False
    extra: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranked:
    """The document at `index` of the request, and how well it answers; more is better."""

    index: int
    score: float


@dataclass(frozen=True, slots=True)
class RerankAnswer:
    """Documents, the best first, and what ranking them used."""

    results: tuple[Ranked, ...]
    spent: Spent = field(default_factory=Spent)
    model: str | None = None
    id: str | None = None


def read_request(body: Mapping[str, JSON]) -> tuple[str, RerankRequest]:
    """Return the model and the request of a client. Raises `BadRequest`."""
    given = Given(body)
    model, query = given.needed("model"), given.needed("query")
    top = given.integer("top_n")
    if top is None:
        top = given.integer("top_k")
    if top is not None and top < 1:
        given.refuse("top_n", "must be at least 1", "invalid_value")
    documents = _documents(given)
    echo = given.flag("return_documents") or False
    return model, RerankRequest(query, documents, top, echo, given.rest())


def _documents(given: Given) -> tuple[str, ...]:
    value = given.raw("documents")
    if not isinstance(value, list) or not value:
        given.refuse("documents", "must be a list of texts", "invalid_type")
    if len(value) > MAX_DOCUMENTS:
        given.refuse("documents", f"must hold at most {MAX_DOCUMENTS} texts", "invalid_value")
    found: list[str] = []
    for place, item in enumerate(value):
        said = item.get("text") if isinstance(item, Mapping) else item
        if not isinstance(said, str):
            given.refuse(f"documents[{place}]", "must be a text", "invalid_type")
        found.append(said)
    return tuple(found)


def most(request: RerankRequest) -> Spent:
    """Return the most the request can use: the query is read beside each document.

    No text has more tokens than bytes and two more. A search unit is up to a hundred
    documents, of which long ones count for each 500 tokens.
    """
    query = len(request.query.encode()) + 2
    sizes = [len(each.encode()) + 2 for each in request.documents]
    chunks = sum(1 + (size + query) // 500 for size in sizes)
    tokens = sum(sizes) + query * len(sizes)
    return Spent(Usage(input_tokens=tokens), {"search_units": -(-chunks // 100)})


def best(results: Sequence[Ranked], top: int | None) -> tuple[Ranked, ...]:
    """Return results with the best first, at most `top`; equal ones in the documents' order."""
    ordered = sorted(results, key=lambda one: (-one.score, one.index))
    return tuple(ordered[:top])


def written_answer(
    answer: RerankAnswer, request: RerankRequest, model: str, *, id: str
) -> dict[str, JSON]:
    """Return the body of the answer, with what clients of either form look for.

    `model` and `id` are written where the answer has none of its own.
    """
    results: list[JSON] = []
    for one in answer.results:
        result: dict[str, JSON] = {"index": one.index, "relevance_score": one.score}
        if request.echo:
            result["document"] = {"text": request.documents[one.index]}
        results.append(result)
    body: dict[str, JSON] = {
        "id": answer.id or id,
        "model": answer.model or model,
        "results": results,
    }
    billed: dict[str, JSON] = {}
    if answer.spent.usage is not None:
        tokens = answer.spent.usage.input_tokens
        body["usage"] = {"prompt_tokens": tokens, "total_tokens": tokens}
        billed["input_tokens"] = tokens
    if "search_units" in answer.spent.units:
        billed["search_units"] = answer.spent.units["search_units"]
    return {**body, "meta": {"billed_units": billed}} if billed else body
