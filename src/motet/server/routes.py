"""The routes that every server of models has; those of systems are the application's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from motet.server import chats, models, services, traffic, virtual_keys

STATIC = Path(__file__).with_name("static")


def model_routes() -> list[Mount]:
    """Return the APIs: OpenAI's and Anthropic's at /v1, Gemini's at /v1beta."""
    openai = [
        Route("/models", models.list_models),
        Route("/models/{model:path}", models.show_model),
        Route("/chat/completions", chats.completions, methods=["POST"]),
        Route("/responses", chats.others, methods=["POST"]),
        Route("/messages", chats.others, methods=["POST"]),
        Route("/messages/count_tokens", services.count_tokens, methods=["POST"]),
        Route("/embeddings", services.embed, methods=["POST"]),
        Route("/rerank", services.rank, methods=["POST"]),
        Route("/moderations", services.moderate, methods=["POST"]),
        Route("/images/generations", services.generate_images, methods=["POST"]),
        Route("/images/edits", services.edit_images, methods=["POST"]),
        Route("/images/variations", services.vary_images, methods=["POST"]),
        Route("/audio/speech", services.speak, methods=["POST"]),
        Route("/audio/transcriptions", services.transcribe, methods=["POST"]),
        Route("/audio/translations", services.translate, methods=["POST"]),
    ]
    gemini = [
        Route("/models", models.list_gemini_models),
        Route("/models/{model:path}", models.show_gemini_model),
        Route("/models/{call:path}", chats.generate, methods=["POST"]),
    ]
    return [Mount("/v1", routes=openai), Mount("/v1beta", routes=gemini)]


def page_routes(own: Sequence[Route] = ()) -> Mount:
    """Return what the page asks: about models, and the `own` of an application."""
    gateway = [
        Route("/gateway", traffic.overview),
        Route("/gateway/requests", traffic.requests),
        Route("/gateway/requests/{request}", traffic.show_request),
        Route("/gateway/spend", traffic.show_spend),
        Route("/gateway/keys", virtual_keys.list_keys),
        Route("/gateway/keys", virtual_keys.create_key, methods=["POST"]),
        Route("/gateway/keys/{key}", virtual_keys.revoke_key, methods=["DELETE"]),
        Route("/gateway/teams", virtual_keys.list_teams),
        Route("/gateway/teams", virtual_keys.create_team, methods=["POST"]),
        # The page asks models as whoever may use the page, who has no virtual key.
        Route("/gateway/chat/completions", chats.completions, methods=["POST"]),
    ]
    return Mount("/api", routes=[*own, *gateway])


def static() -> Mount:
    """Return the page itself; its views of models and knowledge have addresses of their own."""
    views = [Route(path, _page) for path in ("/models", "/knowledge")]
    return Mount("/", routes=[*views, Mount("/", StaticFiles(directory=STATIC, html=True))])


async def _page(request: Request) -> Response:
    return FileResponse(STATIC / "index.html")
