"""The models that are part of Motet, behind `/v1/embeddings` and `/v1/rerank`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request

from motet.core.chat import Usage
from motet.core.ids import new_id
from motet.core.json import JSON
from motet.gateway.denial import Denial
from motet.models.modalities import embeddings, rerank
from motet.models.modalities.exchange import Spent

if TYPE_CHECKING:
    from motet.gateway.gateway import Gateway
    from motet.models.encoder import Encoder

EMBEDDER = "all-MiniLM-L6-v2"
RERANKER = "all-MiniLM-L6-v2-cosine"
NAMES = (EMBEDDER, RERANKER)
Answer = tuple[Mapping[str, JSON], Spent]


@dataclass(frozen=True, slots=True)
class Work:
    """What a model of ours is to do: `most` is what it can use at most."""

    model: str
    most: Spent
    do: Callable[[], Answer]

    async def __call__(self) -> Answer:
        """Do it in a thread; return the answer's body and what was used."""
        return await asyncio.to_thread(self.do)


def is_embedder(request: Request, name: str) -> bool:
    """Whether a name of `/v1/embeddings` means the base encoder. Raises `Denial`."""
    if name.casefold() == RERANKER.casefold() and not _declared(request, name):
        text = f"{RERANKER} only reranks; {EMBEDDER} embeds"
        raise Denial(400, text, code="unsupported_model", param="model")
    return _is_one_of(request, name, (EMBEDDER,))


def is_reranker(request: Request, name: str) -> bool:
    """Whether a name of `/v1/rerank` means the base encoder. Raises `Denial`."""
    return _is_one_of(request, name, NAMES)


def _is_one_of(request: Request, name: str, names: Sequence[str]) -> bool:
    if _declared(request, name):
        return False
    found = name.casefold() in [each.casefold() for each in names]
    if not found and request.app.state.gateway is None:
        text = f"The model '{name}' does not exist or does not do that (there is: {names[-1]})"
        raise Denial(404, text, code="model_not_found", param="model")
    return found


def _declared(request: Request, name: str) -> bool:
    """Whether the gateway serves another model by that name."""
    gateway: Gateway | None = request.app.state.gateway
    return gateway is not None and gateway.services.serves(name)


def embed(request: Request, asked: embeddings.EmbeddingRequest) -> Work:
    """Return the work of embedding. Raises `Denial` for what the encoder cannot do."""
    texts = [each for each in asked.inputs if isinstance(each, str)]
    if len(texts) < len(asked.inputs):
        raise Denial(400, "the base encoder takes texts, no token ids", param="input")

    def do() -> Answer:
        encoder: Encoder = request.app.state.encoder()
        if asked.dimensions not in (None, encoder.dimensions):
            raise Denial(400, f"dimensions must be {encoder.dimensions}", param="dimensions")
        found = encoder.embed(texts)
        vectors = tuple(tuple(map(float, each)) for each in found)
        spent = Spent(Usage(input_tokens=encoder.count_tokens(texts)))
        answer = embeddings.EmbeddingAnswer(vectors, spent, EMBEDDER)
        return embeddings.written_answer(answer, asked, EMBEDDER), spent

    return Work(EMBEDDER, embeddings.most(asked), do)


def rank(request: Request, asked: rerank.RerankRequest) -> Work:
    """Return the work of ranking by cosine."""

    def do() -> Answer:
        from motet.models.modalities.local_rerank import CosineReranker

        answer = CosineReranker(request.app.state.encoder()).rank(asked)
        return rerank.written_answer(answer, asked, RERANKER, id=new_id("req")), answer.spent

    return Work(RERANKER, rerank.most(asked), do)
