"""A simulator of what providers have beside chat: a real HTTP server on loopback.

It holds no model. It speaks the APIs of OpenAI (`/v1`), Cohere (`/cohere/v2`), Jina
(`/jina/v1`), Voyage (`/voyage/v1`), Text Embeddings Inference (`/tei`) and Gemini
(`/gemini/v1beta`), answers the same to the same request, and counts what it would charge.
Models with the names of `FAULTS` fail that way.
"""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import media_answers as answers
from aiohttp import BodyPartReader, web
from served_app import ServedApp

FAULTS = (
    "rate-limited",
    "failing",
    "hanging",
    "stalling",
    "garbage",
    "cut",
    "reporting",
    "unfinished",
    "flaky",
    "refusing",
)
LIMITS = {"cohere": 96, "voyage": 1000, "tei": 32, "gemini": 100}
"""Most inputs of one request."""


@dataclass
class Call:
    """One request as it came, what is charged for it, and whether its client left."""

    path: str
    headers: Mapping[str, str]
    model: str
    fields: dict[str, Any]
    input_tokens: int = 0
    output_tokens: int = 0
    answered: bool = False
    left: threading.Event = field(default_factory=threading.Event)


Answer = Callable[["MediaServer", web.Request, Call], Awaitable[web.StreamResponse]]


class MediaServer(ServedApp):
    """The simulator in a thread of its own; a context manager. `calls` keeps all requests."""

    route = "/{path:.*}"

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    def url(self, path: str = "/v1") -> str:
        """Return the address of an API."""
        return f"http://127.0.0.1:{self.port}{path}"

    def of(self, model: str) -> list[Call]:
        """Return the requests to a model."""
        return [each for each in self.calls if each.model == model]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        fields = await _fields(request)
        name = fields.get("model") or request.path.rpartition("/")[2].partition(":")[0]
        call = Call(request.path, dict(request.headers), str(name), fields)
        self.calls.append(call)
        try:
            refused = await self._fault(request, call)
            response = refused or await _handler(request.path)(self, request, call)
        except (asyncio.CancelledError, ConnectionError):
            call.left.set()
            raise
        call.answered = refused is None
        return response

    async def _fault(self, request: web.Request, call: Call) -> web.Response | None:
        """Fail as the model's name says, where that is before an answer begins."""
        match call.model:
            case "rate-limited":
                return _error(429, "Slow down.", {"Retry-After": "7"})
            case "failing":
                return _error(500, "The server had an error.")
            case "refusing":
                return _error(400, "Your text is against the rules.")
            case "flaky" if len(self.of("flaky")) % 2:
                return _error(503, "Overloaded.")
            case "garbage":
                return web.Response(text="<html><title>Welcome</title>", content_type="text/html")
            case "hanging":
                await asyncio.Event().wait()
        return None

    async def send(
        self, request: web.Request, call: Call, kind: str, pieces: Sequence[bytes]
    ) -> web.StreamResponse:
        """Send an answer piece by piece, or fail in the middle as the model's name says."""
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        half = max(1, len(pieces) // 2)
        whole = call.model not in ("cut", "stalling", "reporting", "unfinished")
        for piece in pieces if whole else pieces[:half]:
            await response.write(piece)
            await asyncio.sleep(0.002)
        if call.model == "cut":
            assert request.transport is not None
            request.transport.close()
        elif call.model == "stalling":
            await asyncio.Event().wait()
        elif call.model == "reporting":
            key = call.headers.get("Authorization", "")
            await response.write(sse({"error": {"message": f"Out of memory. {key}"}}))
        return response

    async def json(self, request: web.Request, call: Call, body: Any) -> web.StreamResponse:
        """Send a body in two pieces."""
        data = json.dumps(body).encode()
        middle = len(data) // 2
        return await self.send(request, call, "application/json", [data[:middle], data[middle:]])


async def _fields(request: web.Request) -> dict[str, Any]:
    if request.content_type != "multipart/form-data":
        found: dict[str, Any] = json.loads(await request.read())
        return found
    form: dict[str, Any] = {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        value: Any = bytes(await part.read())
        name = part.name or ""
        if part.filename is not None:
            form.setdefault(name.removesuffix("[]"), []).append((part.filename, value))
        elif name.endswith("[]"):
            form.setdefault(name.removesuffix("[]"), []).append(value.decode())
        else:
            form[name] = value.decode()
    return form


def sse(value: Any) -> bytes:
    """Return an event."""
    return f"data: {json.dumps(value)}\n\n".encode()


def _error(status: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    body = {"error": {"message": message, "type": "simulated", "code": None}}
    return web.json_response(body, status=status, headers=headers)


def _too_many(api: str, count: int) -> web.Response | None:
    limit = LIMITS.get(api, 2048)
    return _error(400, f"{count} inputs, at most {limit}") if count > limit else None


async def embeddings(server: MediaServer, request: web.Request, call: Call) -> web.StreamResponse:
    """OpenAI's, and with other fields Voyage's, Jina's and TEI's."""
    inputs = call.fields["input"]
    inputs = [inputs] if isinstance(inputs, str) else inputs
    if (refused := _too_many(call.path.split("/")[1], len(inputs))) is not None:
        return refused
    call.input_tokens = sum(map(answers.tokens, inputs))
    width = call.fields.get("dimensions") or call.fields.get("output_dimension") or answers.WIDTH
    coded = "base64" in (call.fields.get("encoding_format"), call.fields.get("embedding_type"))
    made = [answers.vector(each, width) for each in inputs]
    data = [
        {"object": "embedding", "index": n, "embedding": answers.packed(one) if coded else one}
        for n, one in enumerate(made)
    ]
    data.reverse()  # the order is in `index`
    used = {"prompt_tokens": call.input_tokens, "total_tokens": call.input_tokens}
    body = {"object": "list", "data": data, "model": call.model, "usage": used}
    return await server.json(request, call, body)


async def cohere_embed(server: MediaServer, request: web.Request, call: Call) -> web.StreamResponse:
    """https://docs.cohere.com/reference/embed."""
    texts = call.fields["texts"]
    if (refused := _too_many("cohere", len(texts))) is not None:
        return refused
    call.input_tokens = sum(map(answers.tokens, texts))
    body = {
        "id": "1",
        "embeddings": {"float": [answers.vector(each) for each in texts]},
        "meta": {"billed_units": {"input_tokens": call.input_tokens}},
    }
    return await server.json(request, call, body)


async def gemini_embed(server: MediaServer, request: web.Request, call: Call) -> web.StreamResponse:
    """https://ai.google.dev/api/embeddings; it tells no usage."""
    asked = call.fields["requests"]
    if (refused := _too_many("gemini", len(asked))) is not None:
        return refused
    texts = [each["content"]["parts"][0]["text"] for each in asked]
    widths = [each.get("outputDimensionality") or answers.WIDTH for each in asked]
    made = [answers.vector(text, width) for text, width in zip(texts, widths, strict=True)]
    return await server.json(request, call, {"embeddings": [{"values": one} for one in made]})


async def gemini_generate(
    server: MediaServer, request: web.Request, call: Call
) -> web.StreamResponse:
    """https://ai.google.dev/gemini-api/docs/image-generation."""
    parts = call.fields["contents"][0]["parts"]
    prompt = "".join(part.get("text", "") for part in parts)
    call.input_tokens, call.output_tokens = answers.tokens(prompt), 1290
    drawn = base64.b64encode(answers.picture(prompt)).decode()
    content = {"parts": [{"inlineData": {"mimeType": "image/png", "data": drawn}}], "role": "model"}
    used = {"promptTokenCount": call.input_tokens, "candidatesTokenCount": 1290}
    body = {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {**used, "totalTokenCount": call.input_tokens + 1290},
    }
    return await server.json(request, call, body)


async def rerank(server: MediaServer, request: web.Request, call: Call) -> web.StreamResponse:
    """Jina's, Cohere's, Voyage's and TEI's."""
    query, api = call.fields["query"], call.path.split("/")[1]
    documents = call.fields["texts" if api == "tei" else "documents"]
    call.input_tokens = sum(map(answers.tokens, documents)) + answers.tokens(query)
    name = "score" if api == "tei" else "relevance_score"
    found = answers.ranking(query, documents, name)
    top = call.fields.get("top_n") or call.fields.get("top_k")
    used = {"total_tokens": call.input_tokens}
    billed = {"billed_units": {"search_units": 1}}
    bodies: dict[str, Any] = {
        "tei": found,
        "voyage": {"object": "list", "data": found[:top], "model": call.model, "usage": used},
        "cohere": {
            "id": "7",
            "results": found[:top],
            "meta": billed,
        },
    }
    other = {"model": call.model, "results": found[:top], "usage": used}
    return await server.json(request, call, bodies.get(api, other))


async def moderate(server: MediaServer, request: web.Request, call: Call) -> web.StreamResponse:
    """Judge texts, or parts as one."""
    given = call.fields["input"]
    texts = given if isinstance(given, list) and isinstance(given[0], str) else [given]
    body = {"id": "modr-1", "model": call.model, "results": answers.moderation(texts)}
    return await server.json(request, call, body)


async def images(server: MediaServer, request: web.Request, call: Call) -> web.StreamResponse:
    """Draw, streamed too."""
    task = call.path.rpartition("/")[2]
    prompt, count = call.fields.get("prompt", "a variation"), int(call.fields.get("n") or 1)
    used = answers.image_usage(prompt, count, len(call.fields.get("image", [])))
    call.input_tokens, call.output_tokens = used["input_tokens"], used["output_tokens"]
    drawn = [base64.b64encode(answers.picture(prompt, number)).decode() for number in range(count)]
    if str(call.fields.get("stream")).lower() != "true":
        data = [{"b64_json": one} for one in drawn]
        return await server.json(
            request, call, {"created": 1700000000, "data": data, "usage": used}
        )
    kind = "image_generation" if task == "generations" else "image_edit"
    partial = {"type": f"{kind}.partial_image", "partial_image_index": 0, "b64_json": drawn[0]}
    last = {"type": f"{kind}.completed", "b64_json": drawn[0], "usage": used}
    return await server.send(request, call, "text/event-stream", [sse(partial), sse(last)])


async def speech(server: MediaServer, request: web.Request, call: Call) -> web.StreamResponse:
    """Speak, in events where they are asked for."""
    said = call.fields["input"]
    data = answers.sound(said)
    pieces = [data[place : place + 32] for place in range(0, len(data), 32)]
    if call.fields.get("stream_format") != "sse":
        return await server.send(request, call, "audio/mpeg", pieces)
    call.input_tokens, call.output_tokens = answers.tokens(said), 10 * len(pieces)
    used = {"input_tokens": call.input_tokens, "output_tokens": call.output_tokens}
    events = [
        sse({"type": "speech.audio.delta", "audio": base64.b64encode(piece).decode()})
        for piece in pieces
    ]
    events.append(sse({"type": "speech.audio.done", "usage": used}))
    return await server.send(request, call, "text/event-stream", events)


async def transcribe(server: MediaServer, request: web.Request, call: Call) -> web.StreamResponse:
    """Write down the same whatever is said."""
    call.input_tokens, call.output_tokens = 25, answers.tokens(answers.TRANSCRIPT)
    used = {
        "type": "tokens",
        "input_tokens": call.input_tokens,
        "output_tokens": call.output_tokens,
        "input_token_details": {"audio_tokens": 25, "text_tokens": 0},
    }
    if call.fields.get("stream") == "true":
        words = answers.TRANSCRIPT.split()
        events = [sse({"type": "transcript.text.delta", "delta": f"{one} "}) for one in words]
        last = {"type": "transcript.text.done", "text": answers.TRANSCRIPT, "usage": used}
        return await server.send(request, call, "text/event-stream", [*events, sse(last)])
    body, kind = answers.transcript(call.fields.get("response_format", "json"), used)
    return await server.send(request, call, kind, [body[:5].encode(), body[5:].encode()])


_HANDLERS: Mapping[str, Answer] = {
    "/embeddings": embeddings,
    "/embed": cohere_embed,
    ":batchEmbedContents": gemini_embed,
    ":generateContent": gemini_generate,
    "/rerank": rerank,
    "/moderations": moderate,
    "/images/generations": images,
    "/images/edits": images,
    "/images/variations": images,
    "/audio/speech": speech,
    "/audio/transcriptions": transcribe,
    "/audio/translations": transcribe,
}


def _handler(path: str) -> Answer:
    found = [handler for end, handler in _HANDLERS.items() if path.endswith(end)]
    if not found:
        raise web.HTTPNotFound(text=f"Invalid URL (POST {path})")
    return found[0]
