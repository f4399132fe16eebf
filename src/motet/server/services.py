"""What models do beside chat, over OpenAI's API, and reranking over Cohere's and Jina's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from motet.core.chat import Usage
from motet.core.clock import now
from motet.core.errors import UsageError
from motet.core.ids import new_id
from motet.core.json import JSON
from motet.gateway.denial import Denial
from motet.gateway.services import Delivered, Flow, Job, Passing, Received, Services, StreamJob
from motet.models.dialects.anthropic import token_count
from motet.models.dialects.dialect import BadRequest
from motet.models.modalities import (
    embedding_apis,
    embeddings,
    image_apis,
    images,
    moderations,
    rerank,
    rerank_apis,
    speech,
    transcription,
)
from motet.models.modalities.apis import Api
from motet.models.modalities.exchange import Sent, Spent, posted
from motet.models.modalities.multipart import Field, read_form
from motet.models.modalities.watch import Watch
from motet.server.chats import gateway_of, header_of, tenant_of
from motet.server.requests import object_of, read_bytes
from motet.server.streamed import Streamed

if TYPE_CHECKING:
    from motet.models.encoder import Encoder

A = TypeVar("A")
EMBEDDING = "all-MiniLM-L6-v2"
"""The embedded model of `/v1/embeddings` and `/v1/rerank`."""
MAX_INPUTS = 2048
LARGEST = 128 << 20
"""Bytes of a form with sound or pictures."""


async def embed(request: Request) -> Response:
    """Embed texts: with the base encoder, or a model of the gateway."""
    try:
        name, asked = embeddings.read_request(object_of(await read_bytes(request)))
    except BadRequest as error:
        raise _bad(error) from error
    if len(asked.inputs) > MAX_INPUTS:
        raise Denial(400, f"at most {MAX_INPUTS} inputs in one request", param="input")
    if name.casefold() == EMBEDDING.casefold():
        return JSONResponse(await _embedded(request, asked))
    if request.app.state.gateway is None:
        text = f"The model '{name}' does not exist or does not embed (there is: {EMBEDDING})"
        raise Denial(404, text, code="model_not_found", param="model")

    def read(got: Received) -> embeddings.EmbeddingAnswer:
        return embedding_apis.read(got.body, asked, got.api, where=got.where, key=got.key)

    def write(model: str, api: Api, base_url: str) -> Sent:
        return embedding_apis.written(asked, model, api, base_url)

    most = embeddings.most(asked)
    job = Job("embeddings", name, most, write, read, lambda a: a.spent, asked.user or "")
    found = await _run(request, job)
    return _json(found, embeddings.written_answer(found.answer, asked, name))


async def _embedded(request: Request, asked: embeddings.EmbeddingRequest) -> Mapping[str, JSON]:
    texts = [each for each in asked.inputs if isinstance(each, str)]
    if len(texts) < len(asked.inputs):
        raise Denial(400, "the base encoder takes texts, no token ids", param="input")
    encoder: Encoder = await asyncio.to_thread(request.app.state.encoder)
    if asked.dimensions not in (None, encoder.dimensions):
        raise Denial(400, f"dimensions must be {encoder.dimensions}", param="dimensions")
    vectors = await asyncio.to_thread(encoder.embed, texts)
    tokens = await asyncio.to_thread(encoder.count_tokens, texts)
    answer = embeddings.EmbeddingAnswer(
        tuple(tuple(map(float, each)) for each in vectors),
        Spent(Usage(input_tokens=tokens)),
        EMBEDDING,
    )
    return embeddings.written_answer(answer, asked, EMBEDDING)


async def rank(request: Request) -> Response:
    """Rank documents by what they have to do with a query."""
    try:
        name, asked = rerank.read_request(object_of(await read_bytes(request)))
    except BadRequest as error:
        raise _bad(error) from error
    if name.casefold() == EMBEDDING.casefold():
        from motet.models.modalities.local_rerank import CosineReranker

        encoder: Encoder = await asyncio.to_thread(request.app.state.encoder)
        answer = await asyncio.to_thread(CosineReranker(encoder).rank, asked)
        return JSONResponse(rerank.written_answer(answer, asked, EMBEDDING, id=new_id("req")))

    def read(got: Received) -> rerank.RerankAnswer:
        return rerank_apis.read(got.body, asked, got.api, where=got.where, key=got.key)

    def write(model: str, api: Api, base_url: str) -> Sent:
        return rerank_apis.written(asked, model, api, base_url)

    job = Job("rerank", name, rerank.most(asked), write, read, lambda a: a.spent)
    found = await _run(request, job)
    return _json(found, rerank.written_answer(found.answer, asked, name, id=found.id))


async def moderate(request: Request) -> Response:
    """Judge texts and pictures by a provider's policy."""
    try:
        name, asked = moderations.read_request(object_of(await read_bytes(request)))
    except BadRequest as error:
        raise _bad(error) from error

    def read(got: Received) -> moderations.ModerationAnswer:
        return moderations.read(got.body, where=got.where, key=got.key)

    def write(model: str, api: Api, base_url: str) -> Sent:
        return moderations.written(asked, model, api, base_url)

    job = Job("moderations", name, moderations.most(asked), write, read, lambda a: a.spent)
    found = await _run(request, job)
    return _json(found, moderations.written_answer(found.answer, name, id=found.id))


async def generate_images(request: Request) -> Response:
    """Make pictures from a prompt."""
    try:
        name, asked = images.read_request(object_of(await read_bytes(request)))
    except BadRequest as error:
        raise _bad(error) from error
    return await _images(request, name, asked, "images.generations")


async def edit_images(request: Request) -> Response:
    """Change pictures as a prompt says."""
    try:
        name, asked = images.read_form_request(await _form(request), "edits")
    except BadRequest as error:
        raise _bad(error) from error
    return await _images(request, name, asked, "images.edits")


async def vary_images(request: Request) -> Response:
    """Make variations of a picture."""
    try:
        name, asked = images.read_form_request(await _form(request), "variations")
    except BadRequest as error:
        raise _bad(error) from error
    return await _images(request, name, asked, "images.variations")


async def _images(
    request: Request, name: str, asked: images.ImageRequest, endpoint: str
) -> Response:
    def write(model: str, api: Api, base_url: str) -> Sent:
        return image_apis.written(asked, model, api, base_url)

    most, user = images.most(asked), asked.user or ""
    if asked.stream:
        watched = StreamJob(
            endpoint, name, most, write, lambda *_: Watched(image_apis.watch()), user
        )
        return await _stream(request, watched)

    def read(got: Received) -> images.ImageAnswer:
        return image_apis.read(got.body, got.api, where=got.where, key=got.key)

    job = Job(endpoint, name, most, write, read, lambda a: a.spent, user)
    found = await _run(request, job)
    return _json(found, images.written_answer(found.answer, created=int(now())))


async def speak(request: Request) -> Response:
    """Say a text; the sound is passed on as it comes."""
    try:
        name, asked = speech.read_request(object_of(await read_bytes(request)))
    except BadRequest as error:
        raise _bad(error) from error

    def write(model: str, api: Api, base_url: str) -> Sent:
        return speech.written(asked, model, api, base_url)

    def passing(where: str, key: str) -> Passing:
        return speech.SpeechReader(asked, where, key)

    job = StreamJob("audio.speech", name, speech.most(asked), write, passing)
    return await _stream(request, job)


async def transcribe(request: Request) -> Response:
    """Write down what is said."""
    return await _written_down(request, "transcriptions")


async def translate(request: Request) -> Response:
    """Write down in English what is said."""
    return await _written_down(request, "translations")


async def _written_down(request: Request, task: transcription.Task) -> Response:
    try:
        name, asked = transcription.read_request(await _form(request), task)
    except BadRequest as error:
        raise _bad(error) from error

    def write(model: str, api: Api, base_url: str) -> Sent:
        return transcription.written(asked, model, api, base_url)

    endpoint, most = f"audio.{task}", transcription.most(asked)
    if asked.stream:
        watched = StreamJob(endpoint, name, most, write, lambda *_: Watched(transcription.watch()))
        return await _stream(request, watched)

    def read(got: Received) -> tuple[Received, transcription.Transcript]:
        return got, transcription.read(got.body, asked, where=got.where, key=got.key)

    job = Job(endpoint, name, most, write, read, lambda a: a[1].spent)
    found = await _run(request, job)
    got, _ = found.answer
    return Response(got.body, media_type=got.content_type, headers=_headings(found))


async def count_tokens(request: Request) -> Response:
    """Count the tokens of an Anthropic request, by a provider that speaks its dialect."""
    body = object_of(await read_bytes(request))
    try:
        incoming = token_count.incoming(body)
    except BadRequest as error:
        raise _bad(error) from error

    def write(model: str, api: Api, base_url: str) -> Sent:
        if not _speaks_anthropic(request, incoming.model):
            raise UsageError(f"{incoming.model} has no way to count tokens beforehand")
        return posted(f"{base_url}{token_count.PATH}", {**body, "model": model})

    def read(got: Received) -> int:
        return token_count.read_answer(got.body, where=got.where, key=got.key)

    job = Job("messages.count_tokens", incoming.model, Spent(), write, read, lambda _: Spent())
    found = await _run(request, job)
    return _json(found, token_count.answer(found.answer))


def _speaks_anthropic(request: Request, name: str) -> bool:
    model = gateway_of(request).served.models.get(name)
    return model is not None and model.target is not None and "anthropic" in model.target.dialects


class Watched:
    """Bytes that pass untouched; a `Passing`."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    @property
    def spent(self) -> Spent | None:
        """What the answer told."""
        return self._watch.spent

    def feed(self, piece: bytes) -> bytes:
        """Read a piece and give it back."""
        self._watch.feed(piece)
        return piece


def _services(request: Request) -> Services:
    return gateway_of(request).services


def _local(request: Request) -> bool:
    return header_of(request)(b"x-motet-local") in (b"1", b"true")


async def _run(request: Request, job: Job[A]) -> Delivered[A]:
    return await _services(request).run(job, tenant_of(request), local=_local(request))


async def _stream(request: Request, job: StreamJob) -> Response:
    found: Delivered[Flow] = await _services(request).stream(
        job, tenant_of(request), local=_local(request)
    )
    return Streamed(found.answer.pieces, found.answer.content_type, _headings(found))


async def _form(request: Request) -> list[Field]:
    kind = request.headers.get("content-type", "")
    return read_form(await read_bytes(request, LARGEST), kind)


def _json(found: Delivered[A], content: Mapping[str, JSON]) -> Response:
    return JSONResponse(content, headers=_headings(found))


def _headings(found: Delivered[A]) -> dict[str, str]:
    model = quote(found.model.name, safe="/:@+ ")
    return {"x-motet-request": found.id, "x-motet-model": model}


def _bad(error: BadRequest) -> Denial:
    return Denial(400, error.message, code=error.code or "invalid_value", param=error.param)
