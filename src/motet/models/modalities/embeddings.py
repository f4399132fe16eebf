"""Embeddings: a client's request in OpenAI's form, any provider's answer.

https://platform.openai.com/docs/api-reference/embeddings. How each API writes and reads them
is in `embedding_apis`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from motet.core.chat import Usage
from motet.core.json import JSON
from motet.models.dialects.openai.given import Given
from motet.models.modalities.apis import Api
from motet.models.modalities.exchange import Spent
from motet.models.modalities.vectors import Vector, numbers, packed

Purpose = Literal["query", "document", "classification", "clustering", "similarity"]
Input = str | tuple[int, ...]
MAX_INPUTS = 2048

PURPOSES: Mapping[str, Purpose] = {
    "query": "query",
    "search_query": "query",
    "retrieval_query": "query",
    "document": "document",
    "passage": "document",
    "search_document": "document",
    "retrieval_document": "document",
    "classification": "classification",
    "clustering": "clustering",
    "similarity": "similarity",
    "semantic_similarity": "similarity",
}
"""What clients of different APIs call what a text is embedded for."""


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """Texts to embed, or their token ids.

    `encoding` is what the client wants to see. `purpose` is what `input_type` says, a field
    that OpenAI does not have and many others do; `extra` holds all others.
    """

    inputs: tuple[Input, ...]
    dimensions: int | None = None
    encoding: Literal["float", "base64"] = "float"
    purpose: Purpose | None = None
    user: str | None = None
    extra: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EmbeddingAnswer:
    """Vectors in the order of the inputs, and what they used.

    `api` is whose form `extra` has: fields that only a client of that API gets.
    """

    vectors: tuple[Vector, ...]
    spent: Spent = field(default_factory=Spent)
    model: str | None = None
    api: Api = "openai"
    extra: Mapping[str, JSON] = field(default_factory=dict)


def read_request(body: Mapping[str, JSON]) -> tuple[str, EmbeddingRequest]:
    """Return the model and the request of a client. Raises `BadRequest`."""
    given = Given(body)
    model = given.needed("model")
    encoding = given.text("encoding_format") or "float"
    if encoding not in ("float", "base64"):
        given.refuse("encoding_format", "must be float or base64", "invalid_value")
    dimensions = given.integer("dimensions")
    if dimensions is not None and dimensions < 1:
        given.refuse("dimensions", "must be at least 1", "invalid_value")
    kind = given.text("input_type")
    inputs, user = _inputs(given), given.text("user")
    return model, EmbeddingRequest(
        inputs,
        dimensions,
        "base64" if encoding == "base64" else "float",
        PURPOSES.get(kind.lower()) if kind else None,
        user,
        given.rest() | ({} if kind is None else {"input_type": kind}),
    )


def _inputs(given: Given) -> tuple[Input, ...]:
    value = given.raw("input")
    if isinstance(value, str) or _is_ids(value):
        value = [value]
    if not isinstance(value, list) or not value:
        given.refuse("input", "must be a text or a list of texts", "invalid_type")
    if len(value) > MAX_INPUTS:
        given.refuse("input", f"must hold at most {MAX_INPUTS} texts", "invalid_value")
    found: list[Input] = []
    for place, item in enumerate(value):
        if isinstance(item, str) and item:
            found.append(item)
        elif isinstance(item, list) and _is_ids(item):
            found.append(tuple(one for one in item if isinstance(one, int)))
        else:
            given.refuse(f"input[{place}]", "must be a text that is not empty", "invalid_type")
    return tuple(found)


def _is_ids(value: JSON) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(item, int) and not isinstance(item, bool) for item in value)


def most(request: EmbeddingRequest) -> Spent:
    """Return the most the request can use: no text has more tokens than bytes and two more."""
    sizes = (
        len(each.encode()) + 2 if isinstance(each, str) else len(each) for each in request.inputs
    )
    return Spent(Usage(input_tokens=sum(sizes)))


def split(request: EmbeddingRequest, size: int) -> list[EmbeddingRequest]:
    """Return requests of at most `size` inputs that together ask the same."""
    places = range(0, len(request.inputs), size)
    return [replace(request, inputs=request.inputs[place : place + size]) for place in places]


def joined(answers: Sequence[EmbeddingAnswer]) -> EmbeddingAnswer:
    """Return the answers to what was split, as one."""
    first = answers[0]
    if len(answers) == 1:
        return first
    vectors = tuple(vector for answer in answers for vector in answer.vectors)
    counted = [answer.spent.usage for answer in answers if answer.spent.usage is not None]
    usage = None
    if len(counted) == len(answers):
        usage = Usage(input_tokens=sum(each.input_tokens for each in counted))
    units: dict[str, float] = {}
    for answer in answers:
        for name, value in answer.spent.units.items():
            units[name] = units.get(name, 0) + value
    return replace(first, vectors=vectors, spent=Spent(usage, units), extra={})


def written_answer(
    answer: EmbeddingAnswer, request: EmbeddingRequest, model: str
) -> dict[str, JSON]:
    """Return the body of the answer as the client asked for it; `model` where it names none."""
    data: list[JSON] = [
        {
            "object": "embedding",
            "index": place,
            "embedding": packed(vector) if request.encoding == "base64" else numbers(vector),
        }
        for place, vector in enumerate(answer.vectors)
    ]
    used = answer.spent.usage
    tokens = 0 if used is None else used.input_tokens
    own = answer.extra if answer.api == "openai" else {}
    return {
        **own,
        "object": "list",
        "data": data,
        "model": answer.model or model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }
