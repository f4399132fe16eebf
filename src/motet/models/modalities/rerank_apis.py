"""How each API asks for reranking and answers.

Jina and all that follow it (vLLM, llama.cpp), Cohere (https://docs.cohere.com/reference/rerank),
Voyage (https://docs.voyageai.com/reference/reranker-api) and Text Embeddings Inference
(https://huggingface.github.io/text-embeddings-inference).
"""

from __future__ import annotations

from collections.abc import Mapping

from motet.core.chat import Usage
from motet.core.errors import UsageError
from motet.core.json import JSON
from motet.models.modalities.apis import Api, root
from motet.models.modalities.exchange import (
    Fields,
    Sent,
    Spent,
    answered,
    count,
    mappings,
    number,
    posted,
    text,
    unexpected,
)
from motet.models.modalities.rerank import Ranked, RerankAnswer, RerankRequest, best

_WHAT = "ranking"


def written(request: RerankRequest, model: str, api: Api, base_url: str) -> Sent:
    """Write a request for a provider's model. Raises `UsageError` where its API has none."""
    if api == "gemini":
        raise UsageError(f"{model} cannot rerank: its API has no such request", where="model")
    documents: list[JSON] = list(request.documents)
    url = f"{root(api, base_url)}/rerank"
    if api == "tei":
        body: dict[str, JSON] = {"query": request.query, "texts": documents}
        return posted(url, {**request.extra, **body})
    same: dict[str, JSON] = {"model": model, "query": request.query, "documents": documents}
    if api == "voyage":
        return posted(url, {"top_k": request.top, **same}, tuple(request.extra))
    # The texts are here already: they need not come back over the wire.
    return posted(url, {**request.extra, **same, "top_n": request.top})


def read(
    body: bytes, request: RerankRequest, api: Api, *, where: str, key: str = ""
) -> RerankAnswer:
    """Read a provider's answer; `where` names the model in errors. Raises `ProviderError`."""
    value = answered(body, _WHAT, where, key)
    listed = {"results": value} if isinstance(value, list) else value
    if not isinstance(listed, Mapping):
        raise unexpected(body, _WHAT, where, key)
    entries = mappings(listed.get("results")) or mappings(listed.get("data"))
    results = [found for entry in entries if (found := _ranked(entry)) is not None]
    places = {one.index for one in results}
    wrong = len(places) < len(entries) or not places <= set(range(len(request.documents)))
    if not results or wrong:
        raise unexpected(body, _WHAT, where, key)
    return RerankAnswer(
        best(results, request.top), _spent(listed), text(listed, "model"), text(listed, "id")
    )


def _ranked(entry: Fields) -> Ranked | None:
    score = number(entry, "relevance_score")
    if score is None:
        score = number(entry, "score")
    index = entry.get("index")
    if score is None or not isinstance(index, int) or isinstance(index, bool):
        return None
    return Ranked(index, score)


def _spent(value: Fields) -> Spent:
    meta = value.get("meta")
    billed = meta.get("billed_units") if isinstance(meta, Mapping) else None
    searches = number(billed, "search_units")
    units = {} if searches is None else {"search_units": searches}
    for counts, name in (
        (value.get("usage"), "total_tokens"),
        (value.get("usage"), "prompt_tokens"),
        (billed, "input_tokens"),
    ):
        if isinstance(counts, Mapping) and name in counts:
            return Spent(Usage(input_tokens=count(counts, name)), units)
    return Spent(None, units)
