"""Requests to the gateway about what is not chat, and what the ledger says of them."""

from __future__ import annotations

import time
from typing import Any

import httpx
import media_answers as answers
from media_server import FAULTS, MediaServer
from motet_process import Served

PRICE = "price: {input: 3, output: 7}"
WAV = (
    b"RIFF$\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0@\x1f\0\0\x80>\0\0\x02\0\x10\0data\x04\0\0\0\0\0\0\0"
)
OWN = "all-MiniLM-L6-v2"
FOREIGN = {
    "cohere": "cohere/embed:/cohere/v2",
    "jina": "jina/embed:/jina/v1",
    "voyage": "voyage/embed:/voyage/v1",
    "tei": "tei/embed:/tei",
    "gemini": "google/embed:/gemini/v1beta",
}
PATHS = (
    "embeddings",
    "rerank",
    "moderations",
    "images/generations",
    "images/edits",
    "images/variations",
    "audio/speech",
    "audio/transcriptions",
    "audio/translations",
)
STREAMS = ("images/generations", "images/edits", "audio/transcriptions", "audio/speech")


def faulty(fault: str, path: str) -> str:
    """Return the name of the model that fails that way at an endpoint."""
    return f"{fault}-{path.replace('/', '-')}"


def declared(media: MediaServer, rest: str = "gateway: {retries: 0}") -> str:
    """Return a declaration of the simulator's models, all of which cost."""
    lines = [
        f"  - {{use: openai/{name}, base_url: '{media.url()}', as: {name},"
        f" key: '${{PROVIDER_KEY}}', {PRICE}}}"
        for name in ("model", "other")
    ]
    # Models of their own for each endpoint: one that fails a few times is left alone.
    lines += [
        f"  - {{use: openai/{fault}, base_url: '{media.url()}', as: {faulty(fault, path)},"
        f" key: '${{PROVIDER_KEY}}', {PRICE}}}"
        for fault in FAULTS
        for path in PATHS
    ]
    for name, told in FOREIGN.items():
        use, _, path = told.partition(":")
        lines.append(
            f"  - {{use: {use}, base_url: '{media.url(path)}', as: {name},"
            f" key: '${{PROVIDER_KEY}}', {PRICE}}}"
        )
    lines.append(f"  - {{use: openai/free, base_url: '{media.url()}', as: free}}")
    lines.append(
        f"  - {{use: openai/far, base_url: '{media.url()}', as: far, local: false, {PRICE}}}"
    )
    models = "\n".join(lines)
    return f"system: media\nmodels:\n{models}\n{rest}\n"


def rows(gateway: Served) -> list[dict[str, Any]]:
    """Return the ledger's rows of the last request, by attempt."""
    live = httpx.get(f"{gateway.url}/api/gateway/requests").json()["requests"]
    found = [each for each in live if each["id"] == live[0]["id"]]
    return sorted(found, key=lambda each: int(each["attempt"]))


def ended(gateway: Served, status: str) -> dict[str, Any]:
    """Return the row of the last request once it has that status."""
    deadline = time.monotonic() + 5
    while (row := rows(gateway)[-1])["status"] != status:
        assert time.monotonic() < deadline, row
        time.sleep(0.05)
    return row


def asking(path: str, model: str) -> dict[str, Any]:
    """Return the arguments of a request to an endpoint, for httpx."""
    body: dict[str, Any] = {"model": model}
    if path.startswith("audio/tran"):
        return {"data": body, "files": {"file": ("a.wav", WAV, "audio/wav")}}
    if path in ("images/edits", "images/variations"):
        form = body | ({"prompt": "a fox"} if path.endswith("edits") else {})
        return {"data": form, "files": {"image": ("a.png", answers.PNG, "image/png")}}
    bodies: dict[str, dict[str, Any]] = {
        "embeddings": {"input": "a fox"},
        "rerank": {"query": "a fox", "documents": ["a fox", "a dog"]},
        "moderations": {"input": "a fox"},
        "images/generations": {"prompt": "a fox"},
        "audio/speech": {"input": "a fox runs", "voice": "alloy"},
    }
    return {"json": body | bodies[path]}


def streaming(path: str, model: str) -> dict[str, Any]:
    """Return the arguments of a request that wants events."""
    given = asking(path, model)
    if path == "audio/speech":
        given["json"]["stream_format"] = "sse"
    elif "json" in given:
        given["json"]["stream"] = True
    else:
        given["data"]["stream"] = "true"
    return given
