"""How each API asks for embeddings and answers.

OpenAI and all that follow it (/embeddings), Voyage (https://docs.voyageai.com/reference),
Jina (https://api.jina.ai/redoc), Cohere (https://docs.cohere.com/reference/embed), Gemini
(https://ai.google.dev/api/embeddings).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from motet.core.chat import Usage
from motet.core.errors import ProviderError, UsageError
from motet.core.json import JSON
from motet.models.modalities.apis import Api, root
from motet.models.modalities.embeddings import EmbeddingAnswer, EmbeddingRequest, Purpose
from motet.models.modalities.exchange import (
    Fields,
    Sent,
    Spent,
    answered,
    count,
    mappings,
    posted,
    text,
    unexpected,
)
from motet.models.modalities.vectors import Vector, read_vector

BATCH: Mapping[Api, int] = {"gemini": 100, "cohere": 96, "voyage": 1000, "tei": 32}
"""Most inputs of one request, where that is fewer than clients may send.

Of TEI it is what it takes unless told otherwise (`--max-client-batch-size`).
"""

_WHAT = "embeddings"
_COHERE: Mapping[Purpose, str] = {
    "query": "search_query",
    "document": "search_document",
    "classification": "classification",
    "clustering": "clustering",
}
_GEMINI: Mapping[Purpose, str] = {
    "query": "RETRIEVAL_QUERY",
    "document": "RETRIEVAL_DOCUMENT",
    "classification": "CLASSIFICATION",
    "clustering": "CLUSTERING",
    "similarity": "SEMANTIC_SIMILARITY",
}
_JINA: Mapping[Purpose, str] = {
    "query": "retrieval.query",
    "document": "retrieval.passage",
    "classification": "classification",
    "clustering": "separation",
    "similarity": "text-matching",
}
_VOYAGE: Mapping[Purpose, str] = {"query": "query", "document": "document"}


@dataclass(frozen=True, slots=True)
class _Asking:
    """A request on its way to one API."""

    request: EmbeddingRequest
    model: str
    address: str

    def texts(self) -> list[str]:
        """Return the inputs where the API takes only texts. Raises `UsageError`."""
        found = [each for each in self.request.inputs if isinstance(each, str)]
        if len(found) < len(self.request.inputs):
            raise UsageError(
                f"{self.model} embeds texts, not token ids", where="input", hint="send the text"
            )
        return found

    def lost(self, purposes: Mapping[Purpose, str], *names: str) -> tuple[str, ...]:
        """Return what an API cannot say beside what it can: the purpose, `names`, the extra."""
        request = self.request
        unsaid = [name for name in names if getattr(request, name) is not None]
        extra = [name for name in request.extra if name != "input_type"]
        if "input_type" in request.extra and self.purpose(purposes) is None:
            extra.append("input_type")
        return (*unsaid, *extra)

    def purpose(self, purposes: Mapping[Purpose, str]) -> str | None:
        """Return the API's word for the purpose, None where it has none or none was said."""
        purpose = self.request.purpose
        return None if purpose is None else purposes.get(purpose)


def written(request: EmbeddingRequest, model: str, api: Api, base_url: str) -> Sent:
    """Write a request for a provider's model. Raises `UsageError` where its API takes no ids."""
    asking = _Asking(request, model, root(api, base_url))
    return _WRITERS[api](asking)


def _openai(asking: _Asking) -> Sent:
    request = asking.request
    inputs: list[JSON] = list(request.inputs)
    body: dict[str, JSON] = {
        **request.extra,
        "model": asking.model,
        "input": inputs,
        "encoding_format": request.encoding,
        "dimensions": request.dimensions,
        "user": request.user,
    }
    return posted(f"{asking.address}/embeddings", body)


def _tei(asking: _Asking) -> Sent:
    return _openai(_Asking(asking.request, asking.model, f"{asking.address}/v1"))


def _voyage(asking: _Asking) -> Sent:
    request = asking.request
    body: dict[str, JSON] = {
        "model": asking.model,
        "input": asking.texts(),
        "input_type": asking.purpose(_VOYAGE),
        "output_dimension": request.dimensions,
        "encoding_format": "base64" if request.encoding == "base64" else None,
    }
    return posted(f"{asking.address}/embeddings", body, asking.lost(_VOYAGE, "user"))


def _jina(asking: _Asking) -> Sent:
    request = asking.request
    body: dict[str, JSON] = {
        "model": asking.model,
        "input": asking.texts(),
        "task": asking.purpose(_JINA),
        "dimensions": request.dimensions,
        "embedding_type": request.encoding,
    }
    return posted(f"{asking.address}/embeddings", body, asking.lost(_JINA, "user"))


def _cohere(asking: _Asking) -> Sent:
    body: dict[str, JSON] = {
        "model": asking.model,
        "texts": asking.texts(),
        # Its models must know; a text to be found is the usual one.
        "input_type": asking.purpose(_COHERE) or "search_document",
        "embedding_types": ["float"],
        "output_dimension": asking.request.dimensions,
    }
    return posted(f"{asking.address}/embed", body, asking.lost(_COHERE, "user"))


def _gemini(asking: _Asking) -> Sent:
    model = f"models/{asking.model.removeprefix('models/')}"
    task, dimensions = asking.purpose(_GEMINI), asking.request.dimensions
    settings: dict[str, JSON] = {} if task is None else {"taskType": task}
    if dimensions is not None:
        settings["outputDimensionality"] = dimensions
    requests: list[JSON] = [
        {"model": model, "content": {"parts": [{"text": each}]}, **settings}
        for each in asking.texts()
    ]
    url = f"{asking.address}/{quote(model, safe='/-._~@')}:batchEmbedContents"
    return posted(url, {"requests": requests}, asking.lost(_GEMINI, "user"))


_WRITERS: Mapping[Api, Callable[[_Asking], Sent]] = {
    "openai": _openai,
    "tei": _tei,
    "voyage": _voyage,
    "jina": _jina,
    "cohere": _cohere,
    "gemini": _gemini,
}


def read(
    body: bytes, request: EmbeddingRequest, api: Api, *, where: str, key: str = ""
) -> EmbeddingAnswer:
    """Read a provider's answer to the request; `where` names the model in errors.

    Raises `ProviderError` where it is no embeddings, or not one for each input.
    """
    value = answered(body, _WHAT, where, key)
    if not isinstance(value, Mapping):
        raise unexpected(body, _WHAT, where, key)
    reading = _READERS.get(api, _read_openai)
    answer = reading(value, api)
    if not answer.vectors:
        raise unexpected(body, _WHAT, where, key)
    if len(answer.vectors) != len(request.inputs):
        text = f"{len(answer.vectors)} embeddings came for {len(request.inputs)} texts"
        raise ProviderError(text, where=where, hint="try again")
    return answer


def _read_openai(value: Fields, api: Api) -> EmbeddingAnswer:
    entries = mappings(value.get("data"))
    ordered = sorted(entries, key=lambda entry: count(entry, "index"))
    usage = value.get("usage")
    known = {"object", "data", "model", "usage"}
    return EmbeddingAnswer(
        _vectors([entry.get("embedding") for entry in ordered]),
        Spent(_tokens(usage, "prompt_tokens", "total_tokens")),
        text(value, "model"),
        api,
        {name: item for name, item in value.items() if name not in known},
    )


def _read_cohere(value: Fields, api: Api) -> EmbeddingAnswer:
    found = value.get("embeddings")
    vectors = found.get("float") if isinstance(found, Mapping) else found
    meta = value.get("meta")
    billed = meta.get("billed_units") if isinstance(meta, Mapping) else None
    usage = _tokens(billed, "input_tokens")
    images = count(billed, "image_tokens")
    units = {"input_image_tokens": float(images)} if images else {}
    rest = {name: item for name, item in value.items() if name != "embeddings"}
    return EmbeddingAnswer(_vectors(vectors), Spent(usage, units), None, api, rest)


def _read_gemini(value: Fields, api: Api) -> EmbeddingAnswer:
    several = mappings(value.get("embeddings")) or mappings([value.get("embedding")])
    usage = _tokens(value.get("usageMetadata"), "promptTokenCount")
    vectors = _vectors([entry.get("values") for entry in several])
    return EmbeddingAnswer(vectors, Spent(usage), None, api)


_READERS: Mapping[Api, Callable[[Fields, Api], EmbeddingAnswer]] = {
    "cohere": _read_cohere,
    "gemini": _read_gemini,
}


def _vectors(values: JSON) -> tuple[Vector, ...]:
    """Return the vectors, none where one of them is not one."""
    items = values if isinstance(values, list) else []
    found = [vector for item in items if (vector := read_vector(item)) is not None]
    return tuple(found) if len(found) == len(items) else ()


def _tokens(counts: JSON, *names: str) -> Usage | None:
    """Return the first count there is as input, None where there is none."""
    found = [
        count(counts, name) for name in names if isinstance(counts, Mapping) and name in counts
    ]
    return Usage(input_tokens=found[0]) if found else None
