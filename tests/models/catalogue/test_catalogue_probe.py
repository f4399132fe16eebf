"""Finding local model servers: real HTTP servers on loopback, as each kind answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from motet.models.catalogue.card import Card
from motet.models.catalogue.probe import USUAL, Backend, probe

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(routes: Mapping[str, object]) -> AsyncIterator[str]:
    """Serve JSON (or what a function answers) on a free port; gives the address."""

    async def answer(request: web.Request) -> web.StreamResponse:
        found = routes.get(request.path)
        if found is None:
            raise web.HTTPNotFound
        return await found(request) if callable(found) else web.json_response(found)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    finally:
        await runner.cleanup()


def found(provider: str, routes: Mapping[str, object], seconds: float = 5.0) -> list[Card]:
    async def look() -> list[Card]:
        async with serving(routes) as address:
            return await probe([Backend(provider, address)], seconds)

    return asyncio.run(look())


async def shown(request: web.Request) -> web.Response:
    asked = await request.json()
    if asked["model"] == "old":
        raise web.HTTPNotFound
    return web.json_response(
        {
            "capabilities": ["completion", "tools", "vision", "thinking"],
            "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40960},
        }
    )


def test_ollama_tells_context_and_abilities():
    new, old = found(
        "ollama",
        {"/api/tags": {"models": [{"name": "qwen3:4b"}, {"name": "old"}]}, "/api/show": shown},
    )
    assert new.use == "ollama/qwen3:4b"
    assert (new.context, new.tools, new.reasoning) == (40960, True, True)
    assert new.input_modalities == {"text", "image"}
    assert new.sources["context"].startswith("the server at 127.0.0.1:")
    assert (old.context, old.tools, old.input_modalities) == (None, None, None)


def test_vllm_tells_the_context():
    listed = {"data": [{"id": "meta-llama/Llama-3.1-8B", "max_model_len": 8192}]}
    [card] = found("vllm", {"/v1/models": listed})
    assert (card.model, card.context, card.tools) == ("meta-llama/Llama-3.1-8B", 8192, None)
    assert card.pricing.is_free


def test_llamacpp_tells_the_context_it_runs_with():
    listed = {"data": [{"id": "m.gguf", "meta": {"n_ctx_train": 131072}}]}
    props = {"default_generation_settings": {"n_ctx": 4096}, "modalities": {"vision": False}}
    [card] = found("llamacpp", {"/v1/models": listed, "/props": props})
    assert (card.context, card.input_modalities) == (4096, {"text"})
    [card] = found("llamacpp", {"/v1/models": listed})
    assert (card.context, card.input_modalities) == (131072, None)


def test_lmstudio_is_asked_by_its_own_api_first():
    own = {
        "data": [
            {"id": "a", "type": "vlm", "max_context_length": 100, "capabilities": ["tool_use"]},
            {"id": "b", "type": "embeddings", "max_context_length": 200},
        ]
    }
    first, second = found("lmstudio", {"/api/v0/models": own})
    assert (first.context, first.tools, first.input_modalities) == (100, True, {"text", "image"})
    assert (second.output_modalities, second.tools) == ({"vector"}, None)
    [older] = found("lmstudio", {"/v1/models": {"data": [{"id": "c"}]}})
    assert older.use == "lmstudio/c"


async def garbage(request: web.Request) -> web.Response:
    return web.Response(body=b"<html>not a model server</html>")


async def broken(request: web.Request) -> web.StreamResponse:
    request.transport.abort()
    return web.Response()


async def elsewhere(request: web.Request) -> web.Response:
    raise web.HTTPFound("http://192.0.2.1/v1/models")


@pytest.mark.parametrize(
    "answer",
    [garbage, broken, elsewhere, [], {}, {"data": None}, {"data": [1]}, {"data": [{}]}],
    ids=["html", "aborts", "redirects", "list", "empty", "null", "numbers", "nameless"],
)
@pytest.mark.parametrize("provider", ["vllm", "llamacpp", "lmstudio", "sglang"])
def test_something_else_on_the_port_offers_nothing(provider, answer):
    assert found(provider, {"/v1/models": answer}) == []


async def slow(request: web.Request) -> web.Response:
    await asyncio.sleep(5)
    return web.json_response({"data": [{"id": "late"}]})


def test_a_slow_server_is_not_waited_for():
    async def look() -> tuple[list[Card], float]:
        listed = {"data": [{"id": "fast"}]}
        async with serving({"/v1/models": slow}) as late, serving({"/v1/models": listed}) as fast:
            began = time.perf_counter()
            cards = await probe([Backend("vllm", late), Backend("vllm", fast)], 0.3)
            return cards, time.perf_counter() - began

    cards, seconds = asyncio.run(look())
    assert [card.model for card in cards] == ["fast"]
    assert seconds < 2


def test_nothing_but_loopback_is_asked():
    assert {each.provider for each in USUAL} >= {"ollama", "vllm", "llamacpp", "lmstudio"}
    with pytest.raises(ValueError, match="only loopback"):
        asyncio.run(probe([Backend("vllm", "http://192.0.2.1:8000")]))
