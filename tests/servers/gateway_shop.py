"""What tests of the gateway share: gateways to simulated providers, clients, the ledger's rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from motet_process import Served, motet
from provider_server import ProviderServer

DIALECTS = ("openai", "responses", "anthropic", "gemini")
PATHS = {"openai": "/chat/completions", "responses": "/responses", "anthropic": "/messages"}
HELLO = "Hello there, what is new?"
PRICE = "{input: 3, output: 15, cached: 0.3}"
"""USD per million tokens."""
NO_HTTP = "WARNING:  Invalid HTTP request received."
"""What the ordinary server logs of bytes that are none."""


@dataclass(frozen=True)
class Model:
    """A model to declare: how its provider behaves, in which dialect, and further fields."""

    name: str
    dialect: str = "openai"
    manner: str = "well"
    rest: str = ""


@contextmanager
def gateway(
    folder: Path,
    provider: ProviderServer,
    models: Sequence[Model],
    how: str = "{retries: 0}",
    *words: str,
    env: Mapping[str, str] | None = None,
    key: str = "",
) -> Iterator[Served]:
    """Yield a gateway to the models, whose log tells of no trouble."""
    given = f", key: '{key}'" if key else ""
    lines = [
        f"  - {{use: sim/{each.name}, as: {each.name}, dialect: {each.dialect}, price: {PRICE},"
        f" base_url: '{provider.base_url(each.manner)}'{given}{each.rest}}}"
        for each in models
    ]
    text = "system: shop\nmodels:\n" + "\n".join(lines) + f"\ngateway: {how}\n"
    (folder / "motet.yaml").write_text(text)
    with Served(folder, *words, command="gateway", env=env) as server:
        yield server
    assert server.code == 0, server.log
    assert not [line for line in server.log.splitlines() if line != NO_HTTP], server.log


def request(
    dialect: str, model: str, text: str = HELLO, *, stream: bool = False
) -> tuple[str, dict[str, Any]]:
    """Return the path and the body of a request, as clients of the dialect send it."""
    if dialect == "gemini":
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        body: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": text}]}]}
        return f"/v1beta/models/{model}:{method}", body
    body = {"model": model, "stream": stream}
    if dialect == "responses":
        return "/v1/responses", body | {"input": text}
    if dialect == "anthropic":
        body["max_tokens"] = 500
    if dialect == "openai" and stream:
        body["stream_options"] = {"include_usage": True}
    return f"/v1{PATHS[dialect]}", body | {"messages": [{"role": "user", "content": text}]}


def failure_of(dialect: str, body: Any) -> str:
    """Return the message of an error, which must be worded as the dialect words it."""
    error = body["error"]
    if dialect == "anthropic":
        assert body["type"] == "error"
        assert error["type"].endswith("_error")
    elif dialect == "gemini":
        assert isinstance(error["code"], int)
        assert error["status"].isupper()
    else:
        assert set(error) == {"message", "type", "param", "code"}
    return str(error["message"])


def told_in_band(dialect: str, text: str) -> str | None:
    """Return the message of the error that a stream ends with, None where there is none."""
    for event in map(_event, text.splitlines()):
        if dialect == "responses" and event.get("type") in ("error", "response.failed"):
            inner = event.get("response") or event
            return str((inner.get("error") or inner)["message"])
        if event.get("error"):
            return failure_of(dialect, event)
    return None


def _event(line: str) -> Any:
    try:
        return json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
    except ValueError:  # what a provider garbled passes on to clients of its dialect
        return {}


def recent(server: Served, http: httpx.Client, model: str) -> list[dict[str, Any]]:
    """Return the ledger's entries of a model's requests, as the page shows them live."""
    found = http.get(f"{server.url}/api/gateway/requests").json()["requests"]
    return [each for each in found if each["model"] == model]


def rows(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of the ledger in a folder; whoever writes it must have ended."""
    assert motet("spend", at=folder).code == 0  # what was spooled is folded
    with sqlite3.connect(folder / ".motet" / "ledger.db") as db:
        db.row_factory = sqlite3.Row
        found = [dict(each) for each in db.execute("SELECT * FROM entries ORDER BY started")]
    db.close()
    return found
