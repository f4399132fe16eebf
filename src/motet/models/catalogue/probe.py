"""Local model servers: found on their usual loopback ports, asked what they serve.

Nothing but loopback is asked, and nothing is waited for longer than `SECONDS`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from motet.models.catalogue.card import Card, Modality
from motet.models.catalogue.catalogue import HERE
from motet.models.catalogue.pricing import FREE
from motet.models.http import client_session, is_loopback
from motet.models.providers import PROVIDERS

if TYPE_CHECKING:
    import aiohttp

SECONDS = 0.3
"""All servers together get this long."""
LARGEST = 4 * 1024 * 1024
"""Bytes of an answer that are read."""
_BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True)
class Backend:
    """A kind of server and where one may listen: the address without any path."""

    provider: str
    address: str


def _usual() -> tuple[Backend, ...]:
    found = []
    for name in ("ollama", "vllm", "sglang", "llamacpp", "lmstudio"):
        parts = urlsplit(PROVIDERS[name].base_url)
        found.append(Backend(name, f"{parts.scheme}://{parts.netloc}"))
    return tuple(found)


USUAL = _usual()


async def probe(backends: Sequence[Backend] = USUAL, seconds: float = SECONDS) -> list[Card]:
    """Return the models that local servers offer now, in the order of the servers.

    A server that does not listen, is slow or speaks of something else offers none.
    """
    session = await client_session()
    asks = [asyncio.create_task(_models(each, session)) for each in backends]
    _, late = await asyncio.wait(asks, timeout=seconds)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)
    return [card for task in asks if not task.cancelled() for card in task.result()]


async def _models(backend: Backend, session: aiohttp.ClientSession) -> list[Card]:
    if not is_loopback(backend.address):
        raise ValueError(f"only loopback is probed, not {backend.address}")
    ask = _Asking(backend, session)
    try:
        return await READERS[backend.provider](ask)
    except _BROKEN:
        return []  # nothing listens there, or something else does


class _Asking:
    """Asks one server; its answers are JSON objects."""

    def __init__(self, backend: Backend, session: aiohttp.ClientSession) -> None:
        self.backend = backend
        self._session = session

    async def get(self, path: str, body: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Get a path, or post to it.

        Raises OSError where there is no answer, ValueError for any other than an object.
        """
        import aiohttp

        try:
            found = json.loads(await self._answer(path, body))
        except aiohttp.ClientError as error:
            raise OSError(str(error)) from error
        if not isinstance(found, dict):
            raise ValueError("no object")
        return found

    async def _answer(self, path: str, body: Mapping[str, str] | None) -> bytes:
        method = "GET" if body is None else "POST"
        address = self.backend.address + path
        data = b""
        async with self._session.request(
            method, address, json=body, allow_redirects=False
        ) as answer:
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            async for piece in answer.content.iter_any():
                data += piece
                if len(data) > LARGEST:
                    raise ValueError("larger than any list of models")
        return data

    async def perhaps(self, path: str, body: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Ask what not every version answers; nothing then."""
        try:
            return await self.get(path, body)
        except _BROKEN:
            return {}

    def card(
        self,
        model: str,
        *,
        context: object = None,
        takes: frozenset[Modality] | None = None,
        gives: frozenset[Modality] | None = None,
        tools: bool | None = None,
        reasoning: bool | None = None,
    ) -> Card:
        """Return the card of a model with what the server says of it."""
        size = context if isinstance(context, int) and context > 0 else None
        said = {
            "context": size,
            "input_modalities": takes,
            "output_modalities": gives,
            "tools": tools,
            "reasoning": reasoning,
        }
        where = f"the server at {urlsplit(self.backend.address).netloc}"
        sources = {name: where for name, value in said.items() if value is not None}
        return Card(
            self.backend.provider,
            model,
            context=size,
            input_modalities=takes,
            output_modalities=gives,
            tools=tools,
            reasoning=reasoning,
            pricing=FREE,
            sources={**sources, "pricing": HERE},
        )


_TEXT: frozenset[Modality] = frozenset({"text"})
_SEEING: frozenset[Modality] = frozenset({"text", "image"})
_VECTOR: frozenset[Modality] = frozenset({"vector"})


async def _ollama(ask: _Asking) -> list[Card]:
    """Read Ollama's API: /api/tags lists, /api/show tells of one model.

    https://github.com/ollama/ollama/blob/main/docs/api.md
    """
    names = [str(each["name"]) for each in (await ask.get("/api/tags"))["models"]]
    shown = await asyncio.gather(*(ask.perhaps("/api/show", {"model": each}) for each in names))
    return [_ollama_card(ask, name, each) for name, each in zip(names, shown, strict=True)]


def _ollama_card(ask: _Asking, name: str, shown: Mapping[str, Any]) -> Card:
    info = shown.get("model_info") or {}
    context = info.get(f"{info.get('general.architecture')}.context_length")
    able = shown.get("capabilities")
    if not isinstance(able, list):
        return ask.card(name, context=context)
    return ask.card(
        name,
        context=context,
        takes=_SEEING if "vision" in able else _TEXT,
        gives=_VECTOR if "embedding" in able else _TEXT,
        tools="tools" in able,
        reasoning="thinking" in able,
    )


async def _listed(ask: _Asking) -> list[Card]:
    """Read the models API as vLLM and SGLang answer it: `max_model_len` is the context."""
    found = (await ask.get("/v1/models"))["data"]
    return [ask.card(str(each["id"]), context=each.get("max_model_len")) for each in found]


async def _llamacpp(ask: _Asking) -> list[Card]:
    """Read llama.cpp's server: /props tells the context it was started with.

    https://github.com/ggml-org/llama.cpp/tree/master/tools/server
    """
    found = (await ask.get("/v1/models"))["data"]
    props = await ask.perhaps("/props")
    running = (props.get("default_generation_settings") or {}).get("n_ctx")
    sees = (props.get("modalities") or {}).get("vision")
    return [
        ask.card(
            str(each["id"]),
            context=running or (each.get("meta") or {}).get("n_ctx_train"),
            takes=None if sees is None else _SEEING if sees else _TEXT,
        )
        for each in found
    ]


async def _lmstudio(ask: _Asking) -> list[Card]:
    """Read LM Studio's own API, else the models API that older ones have.

    https://lmstudio.ai/docs/developer/rest/endpoints
    """
    own = await ask.perhaps("/api/v0/models")
    if not own:
        return await _listed(ask)
    return [
        ask.card(
            str(each["id"]),
            context=each.get("loaded_context_length") or each.get("max_context_length"),
            takes=_SEEING if each.get("type") == "vlm" else _TEXT,
            gives=_VECTOR if each.get("type") == "embeddings" else _TEXT,
            tools="tool_use" in each["capabilities"] if "capabilities" in each else None,
        )
        for each in own["data"]
    ]


READERS: Mapping[str, Callable[[_Asking], Awaitable[list[Card]]]] = {
    "ollama": _ollama,
    "vllm": _listed,
    "sglang": _listed,
    "llamacpp": _llamacpp,
    "lmstudio": _lmstudio,
}
