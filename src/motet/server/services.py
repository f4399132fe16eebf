"""What models do beside chat, over OpenAI's API, and reranking over Cohere's and Jina's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from motet.core.clock import now
from motet.core.errors import ProviderError, UsageError
from motet.core.json import JSON
from motet.gateway.asked import parsed, stays_here, trace_of
from motet.gateway.denial import Denial
from motet.gateway.flow import Flow
from motet.gateway.jobs import (
    Addressee,
    Caller,
    Delivered,
    Job,
    Passing,
    Received,
    StreamJob,
)
from motet.gateway.watched import Watched
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
from motet.server import built_in
from motet.server.chats import gateway_of
from motet.server.requests import header_of, or_gone, read_bytes, tenant_of
from motet.server.streamed import Streamed

A = TypeVar("A")
LARGEST = 128 << 20
"""Bytes of a form with sound or pictures."""


async def embed(request: Request) -> Response:
    """Embed texts: with the base encoder, or a model of the gateway."""
    name, asked = await _read(request, embeddings.read_request)
    if built_in.is_embedder(request, name):
        return await _built_in(request, "embeddings", built_in.embed(request, asked))
    found = await _run(request, _embedding(name, asked))
    return _json(found, embeddings.written_answer(found.answer, asked, name))


def _embedding(name: str, asked: embeddings.EmbeddingRequest) -> Job[embeddings.EmbeddingAnswer]:
    def read(got: Received) -> embeddings.EmbeddingAnswer:
        return embedding_apis.read(got.body, asked, got.api, where=got.where, key=got.key)

    def write(whom: Addressee) -> Sent:
        return embedding_apis.written(asked, whom.model, whom.api, whom.base_url)

    def split(api: Api) -> Sequence[Job[embeddings.EmbeddingAnswer]]:
        parts = embeddings.split(asked, embedding_apis.BATCH.get(api, embeddings.MAX_INPUTS))
        return [_embedding(name, part) for part in parts]

    return Job(
        "embeddings",
        name,
        embeddings.most(asked),
        write,
        read,
        lambda answer: answer.spent,
        asked.user or "",
        split,
        embeddings.joined,
    )


async def rank(request: Request) -> Response:
    """Rank documents by what they have to do with a query."""
    name, asked = await _read(request, rerank.read_request)
    if built_in.is_reranker(request, name):
        return await _built_in(request, "rerank", built_in.rank(request, asked))

    def read(got: Received) -> rerank.RerankAnswer:
        return rerank_apis.read(got.body, asked, got.api, where=got.where, key=got.key)

    def write(whom: Addressee) -> Sent:
        return rerank_apis.written(asked, whom.model, whom.api, whom.base_url)

    job = Job("rerank", name, rerank.most(asked), write, read, lambda answer: answer.spent)
    found = await _run(request, job)
    return _json(found, rerank.written_answer(found.answer, asked, name, id=found.id))


async def moderate(request: Request) -> Response:
    """Judge texts and pictures by a provider's policy."""
    name, asked = await _read(request, moderations.read_request)

    def read(got: Received) -> moderations.ModerationAnswer:
        return moderations.read(got.body, where=got.where, key=got.key)

    def write(whom: Addressee) -> Sent:
        return moderations.written(asked, whom.model, whom.api, whom.base_url)

    job = Job("moderations", name, moderations.most(asked), write, read, lambda a: a.spent)
    found = await _run(request, job)
    return _json(found, moderations.written_answer(found.answer, name, id=found.id))


async def generate_images(request: Request) -> Response:
    """Make pictures from a prompt."""
    name, asked = await _read(request, images.read_request)
    return await _images(request, name, asked, "images.generations")


async def edit_images(request: Request) -> Response:
    """Change pictures as a prompt says."""
    name, asked = await _read_form(request, lambda form: images.read_form_request(form, "edits"))
    return await _images(request, name, asked, "images.edits")


async def vary_images(request: Request) -> Response:
    """Make variations of a picture."""
    name, asked = await _read_form(
        request, lambda form: images.read_form_request(form, "variations")
    )
    return await _images(request, name, asked, "images.variations")


async def _images(
    request: Request, name: str, asked: images.ImageRequest, endpoint: str
) -> Response:
    def write(whom: Addressee) -> Sent:
        return image_apis.written(asked, whom.model, whom.api, whom.base_url)

    def read(got: Received) -> images.ImageAnswer:
        return image_apis.read(got.body, got.api, where=got.where, key=got.key)

    def passing(head: Received) -> Passing:
        return Watched(head, image_apis.watch(), lambda whole: read(whole).spent)

    most, user = images.most(asked), asked.user or ""
    if asked.stream:
        return await _stream(request, StreamJob(endpoint, name, most, write, passing, user))
    job = Job(endpoint, name, most, write, read, lambda answer: answer.spent, user)
    found = await _run(request, job)
    return _json(found, images.written_answer(found.answer, created=int(now())))


async def speak(request: Request) -> Response:
    """Say a text; the sound is passed on as it comes."""
    name, asked = await _read(request, speech.read_request)

    def write(whom: Addressee) -> Sent:
        return speech.written(asked, whom.model, whom.api, whom.base_url, counted=whom.counted)

    def passing(head: Received) -> Passing:
        if asked.stream == "sse" and head.content_type == speech.EVENTS:
            return Watched(head, speech.watch(asked), lambda _: Spent())
        kind = head.content_type
        return speech.SpeechReader(asked, head.where, head.key, content_type=kind)

    job = StreamJob("audio.speech", name, speech.most(asked), write, passing)
    return await _stream(request, job)


async def transcribe(request: Request) -> Response:
    """Write down what is said."""
    return await _written_down(request, "transcriptions")


async def translate(request: Request) -> Response:
    """Write down in English what is said."""
    return await _written_down(request, "translations")


async def _written_down(request: Request, task: transcription.Task) -> Response:
    name, asked = await _read_form(request, lambda form: transcription.read_request(form, task))

    def write(whom: Addressee) -> Sent:
        return transcription.written(asked, whom.model, whom.api, whom.base_url)

    def read(got: Received) -> tuple[Received, transcription.Transcript]:
        return got, transcription.read(got.body, asked, where=got.where, key=got.key)

    def passing(head: Received) -> Passing:
        return Watched(head, transcription.watch(), lambda whole: read(whole)[1].spent)

    endpoint, most = f"audio.{task}", transcription.most(asked)
    if asked.stream:
        return await _stream(request, StreamJob(endpoint, name, most, write, passing))
    job = Job(endpoint, name, most, write, read, lambda answer: answer[1].spent)
    found = await _run(request, job)
    got, _ = found.answer
    return Response(got.body, media_type=got.content_type, headers=_headings(found))


async def count_tokens(request: Request) -> Response:
    """Count the tokens of an Anthropic request, by a provider that speaks its dialect."""
    body = parsed(await read_bytes(request))
    try:
        incoming = token_count.incoming(body)
    except BadRequest as error:
        raise _bad(error) from error

    def write(whom: Addressee) -> Sent:
        if "anthropic" not in whom.dialects:
            raise UsageError(f"{whom.model} has no way to count tokens beforehand")
        return posted(f"{whom.base_url}{token_count.PATH}", {**body, "model": whom.model})

    def read(got: Received) -> int:
        return token_count.read_answer(got.body, where=got.where, key=got.key)

    job = Job("messages.count_tokens", incoming.model, Spent(), write, read, lambda _: Spent())
    found = await _run(request, job)
    return _json(found, token_count.answer(found.answer))


def _caller(request: Request) -> Caller:
    header = header_of(request)
    local = stays_here(header)
    return Caller(tenant_of(request), local, trace_of(header(b"traceparent")))


async def _run(request: Request, job: Job[A]) -> Delivered[A]:
    services = gateway_of(request).services
    return await or_gone(request, services.run(job, _caller(request)))


async def _stream(request: Request, job: StreamJob) -> Response:
    services = gateway_of(request).services
    found: Delivered[Flow] = await or_gone(request, services.stream(job, _caller(request)))
    return Streamed(found.answer, found.answer.content_type, _headings(found))


async def _built_in(request: Request, endpoint: str, work: built_in.Work) -> Response:
    gateway = request.app.state.gateway
    if gateway is None:
        body, _ = await or_gone(request, work())
        return JSONResponse(body)
    found = await or_gone(
        request,
        gateway.services.inside(endpoint, work.model, work, work.most, _caller(request)),
    )
    return _json(found, found.answer)


async def _read(
    request: Request, read: Callable[[Mapping[str, JSON]], tuple[str, A]]
) -> tuple[str, A]:
    """Return the model and the request of a JSON body. Raises `Denial`."""
    try:
        return read(parsed(await read_bytes(request)))
    except BadRequest as error:
        raise _bad(error) from error


async def _read_form(
    request: Request, read: Callable[[Sequence[Field]], tuple[str, A]]
) -> tuple[str, A]:
    """Return the model and the request of a form. Raises `Denial`."""
    kind = request.headers.get("content-type", "")
    try:
        return read(read_form(await read_bytes(request, LARGEST), kind))
    except BadRequest as error:
        raise _bad(error) from error


def _json(found: Delivered[A], content: Mapping[str, JSON]) -> Response:
    try:
        return JSONResponse(content, headers=_headings(found))
    except (RecursionError, ValueError) as error:  # what a provider sent, passed on
        text = "the answer holds what is no JSON"
        raise ProviderError(text, where=found.model, hint="try again") from error


def _headings(found: Delivered[A]) -> dict[str, str]:
    told = {"x-motet-request": found.id, "x-motet-model": quote(found.model, safe="/:@+ ")}
    if found.lost:
        told["x-motet-lost"] = quote(", ".join(found.lost), safe="/:@+ ,.[]_")[:1000]
    return told


def _bad(error: BadRequest) -> Denial:
    return Denial(400, error.message, code=error.code or "invalid_value", param=error.param)
