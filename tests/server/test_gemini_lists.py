"""Gemini's streams in both of Google's forms, from models, from systems, and when they break."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import httpx
import pytest
from chat_server import ChatServer
from motet_process import SECRETS, Served

ASKED: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": "Hello there"}]}]}
SENT: dict[str, Any] = {
    "candidates": [
        {"content": {"parts": [{"text": "Hi"}], "role": "model"}, "finishReason": "STOP"}
    ],
    "usageMetadata": {"promptTokenCount": 2, "candidatesTokenCount": 1, "totalTokenCount": 3},
    "unknownField": {"kept": True},
}
BEGUN: dict[str, Any] = {
    "candidates": [{"content": {"parts": [{"text": "Hi"}], "role": "model"}}],
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, chat_server: ChatServer) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("lists")
    (folder / "motet.yaml").write_text(
        "system: lists\nmodels:\n"
        f"  - {{use: openai/echo, base_url: '{chat_server.base_url}', as: echo,"
        " key: '${PROVIDER_KEY}'}\n"
        "gateway: {cache: 1h}\n"
    )
    with Served(folder, env=SECRETS, command="gateway") as server:
        yield server


def texts(chunks: list[dict[str, Any]]) -> str:
    parts = [part for each in chunks for part in each["candidates"][0]["content"]["parts"]]
    return "".join(part["text"] for part in parts)


def stream(server: Served, model: str, query: str = "") -> httpx.Response:
    url = f"{server.url}/v1beta/models/{model}:streamGenerateContent{query}"
    return httpx.post(url, json=ASKED, timeout=30)


def test_a_list_has_the_events_of_the_stream(gateway: Served) -> None:
    events = stream(gateway, "echo", "?alt=sse")
    assert events.headers["content-type"].startswith("text/event-stream")
    chunks = [json.loads(line[5:]) for line in events.text.splitlines() if line]
    for query in ("", "?alt=json"):  # the second comes from the cache
        found = stream(gateway, "echo", query)
        assert found.headers["content-type"].startswith("application/json")
        assert texts(found.json()) == texts(chunks) == "Hello there"
        assert found.json()[-1]["usageMetadata"] == chunks[-1]["usageMetadata"]
        assert found.headers["x-motet-model"] == "echo"


def test_a_whole_answer_is_no_list(gateway: Served) -> None:
    url = f"{gateway.url}/v1beta/models/echo:generateContent"
    assert texts([httpx.post(url, json=ASKED).json()]) == "Hello there"


def test_systems_answer_in_lists_too(served: Served) -> None:
    question = {"contents": [{"role": "user", "parts": [{"text": "When do we close?"}]}]}
    url = f"{served.url}/v1beta/models/quoting:streamGenerateContent"
    found = httpx.post(url, json=question, timeout=30)
    assert texts(found.json())


class Google(BaseHTTPRequestHandler):
    """Answers in one event, or breaks off after it, and keeps the addresses it was asked at."""

    paths: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.paths.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        broken = "broken" in self.path
        self.wfile.write(f"data: {json.dumps(BEGUN if broken else SENT)}\r\n\r\n".encode())
        if broken:
            time.sleep(0.2)
            error = {"error": {"code": 503, "message": "Overloaded", "status": "UNAVAILABLE"}}
            self.wfile.write(f"data: {json.dumps(error)}\r\n\r\n".encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A gateway to models that speak Gemini's dialect themselves."""
    folder = tmp_path_factory.mktemp("google")
    with ThreadingHTTPServer(("127.0.0.1", 0), Google) as upstream:
        threading.Thread(target=upstream.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{upstream.server_port}"
        models = "".join(
            f"  - {{use: google/{name}, as: {name}, base_url: '{url}'}}\n"
            for name in ("gemini", "broken")
        )
        (folder / "motet.yaml").write_text(
            f"system: lists\nmodels:\n{models}gateway: {{retries: 0}}\n"
        )
        with Served(folder, env=SECRETS, command="gateway") as server:
            yield server
        upstream.shutdown()


def test_what_google_sends_passes_untouched(google: Served) -> None:
    assert stream(google, "gemini").json() == [SENT]
    assert Google.paths[-1] == "/models/gemini:streamGenerateContent?alt=sse"


def test_a_list_ends_where_its_answer_breaks_off(google: Served) -> None:
    found = stream(google, "broken").json()
    assert texts(found[:1]) == "Hi"
    assert "Overloaded" in found[-1]["error"]["message"]
