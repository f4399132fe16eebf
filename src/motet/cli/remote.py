"""Asking a system that a server serves, by its name, over the OpenAI API."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict, cast

from motet.cli.keys import api_key
from motet.core import blocking
from motet.core.answers import Answer, Citation, Spent
from motet.core.clock import tick
from motet.core.errors import ApprovalNeeded, ProviderError, UsageError
from motet.core.folders import shipped_system
from motet.core.json import JSON, dumps, loads
from motet.models.failures import provider_message, status_failure
from motet.models.http import Timeouts, post

ADDRESS = "MOTET_SERVER"
DEFAULT = "http://127.0.0.1:8400"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)
_MARKER = re.compile(r" ?\[\d+\]")


class _Motet(TypedDict):
    run: str
    model: str
    abstained: bool
    citations: list[dict[str, Any]]


class _Usage(TypedDict):
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float


class _Choice(TypedDict):
    message: Mapping[str, str]


class _Completion(TypedDict):
    model: str
    choices: list[_Choice]
    usage: _Usage
    motet: _Motet


def is_served_name(system: str | None) -> bool:
    """Whether `-s` can only mean a served system: a name, and no such file or folder."""
    if system is None or Path(system).exists() or shipped_system(system) is not None:
        return False
    return bool(_NAME.fullmatch(system))


def ask(
    system: str, question: str, *, user: str | None = None, session: str | None = None
) -> Answer:
    """Ask the server at `MOTET_SERVER` with the key in `MOTET_API_KEY`, in a user's name.

    Raises `UsageError` for a name it does not serve, `ApprovalNeeded`, else `ProviderError`.
    """
    asked: dict[str, JSON] = {
        "model": system,
        "messages": [{"role": "user", "content": question}],
        **({"user": user} if user else {}),
        **({"metadata": {"session": session}} if session else {}),
    }
    return blocking.run(lambda: _ask(system, asked))


async def _ask(system: str, asked: Mapping[str, JSON]) -> Answer:
    server = os.environ.get(ADDRESS, "").strip().rstrip("/") or DEFAULT
    key = api_key() or ""
    if not server.startswith(("http://", "https://")):
        raise UsageError(f"expected an address like {DEFAULT}, got {server!r}", where=ADDRESS)
    body = dumps(asked)
    began = tick()
    status, headers, data = await _post(f"{server}/v1/chat/completions", body.encode(), key, system)
    if status == 404 and b'"model_not_found"' in data:
        raise UsageError(provider_message(data, key), where=server)
    if status == 422 and f'"code":"{ApprovalNeeded.code}"'.encode() in data:
        raise ApprovalNeeded(provider_message(data, key), where=server)
    if status != 200:
        raise status_failure(status, headers, data, where=server, key=key)
    try:
        return _answer(cast(_Completion, loads(data)), tick() - began)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        hint = f"expected `motet serve` there; set {ADDRESS}"
        raise ProviderError("this is no Motet server", where=server, hint=hint) from error


async def _post(
    url: str, body: bytes, key: str, system: str
) -> tuple[int, Mapping[str, str], bytes]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with post(url, body, headers, where=f"-s {system}", timeouts=Timeouts()) as answer:
            return answer.status, answer.headers, await answer.body()
    except ProviderError as error:
        hint = f"no such file or folder either; start `motet serve`, or set {ADDRESS}"
        raise ProviderError(error.message, where=error.where, hint=hint) from error


def _answer(found: _Completion, seconds: float) -> Answer:
    """Read a completion with its `motet` object. Raises KeyError and the like on others."""
    marked = found["choices"][0]["message"]["content"]
    usage, motet = found["usage"], found["motet"]
    citations = tuple(Citation(**each) for each in motet["citations"])
    return Answer(
        system=found["model"],
        text=_MARKER.sub("", marked) if citations else marked,
        marked=marked,
        citations=citations,
        abstained=motet["abstained"],
        model=motet["model"],
        run=motet["run"],
        usage=Spent(usage["prompt_tokens"], usage["completion_tokens"], usage["cost_usd"], seconds),
    )
