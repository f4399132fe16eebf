"""What is local stays on this machine: the sockets of a real server are watched."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from chat_server import ChatServer
from motet_process import SECRETS, Served, motet
from sockets_watched import Watch, watch

ELSEWHERE = (
    "http://192.0.2.1:9/v1",  # for documentation only (RFC 5737): nobody is there
    "http://localhost.evil.invalid:{port}/v1",
    "http://127.0.0.1.nip.invalid:{port}/v1",
    "http://[::ffff:192.0.2.1]:{port}/v1",
    "http://10.1.2.3:{port}/v1",
    "http://this-machine.invalid:{port}/v1",
)
LOCAL = {"x-motet-local": "1"}
PROXIES = dict.fromkeys(
    ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"), "http://192.0.2.7:1"
)
QUESTION = "Where does it go?"
TURNS = [{"role": "user", "content": QUESTION}]
PATHS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": TURNS},
    "/v1/responses": {"input": QUESTION},
    "/v1/messages": {"messages": TURNS, "max_tokens": 50},
    "/v1beta/models/{model}:generateContent": {
        "contents": [{"role": "user", "parts": [{"text": QUESTION}]}]
    },
}


class Redirecting(http.server.BaseHTTPRequestHandler):
    """Sends everybody elsewhere."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(307)
        self.send_header("Location", "http://192.0.2.1:9/v1/chat/completions")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def redirecting() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirecting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()


def declaration(port: int, redirecting: str, guard: str = "") -> str:
    """Return a declaration with models here and elsewhere, each the fallback of all others."""
    here = {
        "echo": f"http://127.0.0.1:{port}/v1",
        "failing": f"http://localhost:{port}/v1",
        "hanging": f"http://models.localhost:{port}/v1",
        "redirected": redirecting,
    }
    there = {f"far{at}": each.format(port=port) for at, each in enumerate(ELSEWHERE)}
    models = "\n".join(
        f"  - {{use: openai/{'echo' if name == 'redirected' else name}, as: {name},"
        f" base_url: '{url}', key: '${{PROVIDER_KEY}}', timeout: 2s}}"
        for name, url in {**here, **there}.items()
    )
    return (
        f"system: shop\nmodels:\n{models}\n{guard}"
        "gateway: {retries: 0, hedge: 50ms, cache: 60s, fallback: {'*': ['far*', echo]}}\n"
    )


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Watch:
    found = watch(tmp_path_factory.mktemp("watch"))
    if found is None:
        pytest.skip("watching sockets needs a C compiler")
    return found


@pytest.fixture(scope="module", params=["lane", "ordinary"])
def gateway(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    chat_server: ChatServer,
    redirecting: str,
    watched: Watch,
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("gateway")
    port = urlsplit(chat_server.base_url).port
    assert port is not None
    (folder / "motet.yaml").write_text(declaration(port, redirecting))
    words = ["--no-lane"] if request.param == "ordinary" else []
    env = {**SECRETS, **PROXIES, **watched.env}
    with Served(folder, *words, env=env, command="gateway") as server:
        yield server


@pytest.fixture
def quiet(watched: Watch) -> Iterator[Watch]:
    """Nothing left loopback by the end of the test."""
    before = len(watched.outside())
    yield watched
    assert watched.outside()[before:] == []


def ask(
    server: Served, path: str, model: str, headers: dict[str, str], **more: Any
) -> httpx.Response:
    body = {"model": model, **PATHS[path], **more}
    url = server.url + path.format(model=model)
    return httpx.post(url, json=body, headers=headers, timeout=30, trust_env=False)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("model", ["echo", "failing", "hanging", "auto", "auto:cheap"])
def test_local_requests_stay_here(gateway: Served, quiet: Watch, path: str, model: str) -> None:
    seen = len(quiet.seen())
    for _ in range(2):  # the second one may come from the cache
        found = ask(gateway, path, model, LOCAL)
        assert found.status_code == 200, found.text
        assert not found.headers["x-motet-model"].startswith("far")
    assert len(quiet.seen()) >= seen


@pytest.mark.parametrize("model", ["echo", "hanging"])
def test_streams_stay_here_too(gateway: Served, quiet: Watch, model: str) -> None:
    found = ask(gateway, "/v1/chat/completions", model, LOCAL, stream=True)
    assert found.status_code == 200
    assert "[DONE]" in found.text


def embed(server: Served, model: str) -> httpx.Response:
    body = {"model": model, "input": "Where to?"}
    url = f"{server.url}/v1/embeddings"
    return httpx.post(url, json=body, headers=LOCAL, timeout=30, trust_env=False)


def test_embeddings_stay_here(gateway: Served, quiet: Watch) -> None:
    found = embed(gateway, "far0")
    assert found.status_code == 502  # its stand-in here was asked, which cannot embed
    assert "echo: the provider answered 404" in found.json()["error"]["message"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("number", range(len(ELSEWHERE)))
def test_what_is_elsewhere_is_refused(
    gateway: Served, quiet: Watch, path: str, number: int
) -> None:
    body = {"model": f"far{number}", **PATHS[path]}
    found = httpx.post(
        gateway.url + path.format(model=f"far{number}"),
        json=body, headers={**LOCAL, "x-motet-local": "true"}, timeout=30, trust_env=False,
    )  # fmt: skip
    # Its declared stand-in is here; alone it would be refused.
    assert found.status_code == 200
    assert found.headers["x-motet-model"] == "echo"


def test_redirects_are_not_followed(gateway: Served, quiet: Watch) -> None:
    found = ask(gateway, "/v1/chat/completions", "redirected", LOCAL)
    assert found.status_code == 200
    assert found.headers["x-motet-model"] == "echo"


def test_the_watch_sees_what_leaves(gateway: Served, watched: Watch) -> None:
    before = len(watched.outside())
    with contextlib.suppress(httpx.TimeoutException):
        ask(gateway, "/v1/chat/completions", "far0", {"cache-control": "no-cache"})
    deadline = time.monotonic() + 5
    while len(watched.outside()) == before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert any("192.0.2." in each for each in watched.outside()[before:])


def only_far(folder: Path, guard: str = "") -> None:
    (folder / "motet.yaml").write_text(
        "system: shop\nmodels:\n  - {use: openai/far, as: far, base_url: 'http://192.0.2.1:9/v1',"
        " key: '${PROVIDER_KEY}'}\n  - {use: expert/reader}\n" + guard + "gateway: true\n"
    )


def test_without_a_local_model_the_refusal_says_so(tmp_path: Path, watched: Watch) -> None:
    only_far(tmp_path)
    before = len(watched.outside())
    with Served(tmp_path, env={**SECRETS, **watched.env}, command="gateway") as server:
        for path in PATHS:
            found = ask(server, path, "far", LOCAL)
            assert found.status_code == 403, found.text
            assert "no model of this machine answers as 'far'" in found.text
        assert embed(server, "far").json()["error"]["code"] == "local_only"
    assert watched.outside()[before:] == []


def test_a_local_declaration_serves_nothing_else(tmp_path: Path, watched: Watch) -> None:
    only_far(tmp_path, "guard: {local: true}\n")
    before = len(watched.outside())
    with Served(tmp_path, env={**SECRETS, **watched.env}, command="gateway") as server:
        found = ask(server, "/v1/chat/completions", "far", {})
        assert found.status_code == 404
    assert watched.outside()[before:] == []


def test_a_local_key_may_ask_nobody_else(tmp_path: Path, watched: Watch) -> None:
    only_far(tmp_path)
    made = motet("keys", "create", "inner", "--local", "--json", at=tmp_path)
    assert made.code == 0, made.err
    secret = json.loads(made.out)["key"]
    before = len(watched.outside())
    with Served(tmp_path, env={**SECRETS, **watched.env}, command="gateway") as server:
        found = ask(server, "/v1/chat/completions", "far", {"authorization": f"Bearer {secret}"})
        assert found.status_code == 403
        assert found.json()["error"]["code"] == "local_only"
    assert watched.outside()[before:] == []


@pytest.mark.parametrize("url", ELSEWHERE)
def test_no_address_elsewhere_can_be_declared_local(tmp_path: Path, url: str) -> None:
    (tmp_path / "motet.yaml").write_text(
        "system: shop\nmodels:\n"
        f"  - {{use: openai/x, base_url: '{url.format(port=8000)}', local: true}}\n"
    )
    done = motet("ask", "why?", at=tmp_path)
    assert done.code == 2
    assert "this machine" in done.err


def test_a_local_source_keeps_questions_here(
    tmp_path: Path, chat_server: ChatServer, watched: Watch
) -> None:
    (tmp_path / "note.txt").write_text("The tide turns at noon.\n")
    (tmp_path / "motet.yaml").write_text(
        "system: notes\nknowledge: [{path: note.txt, local: true}]\nmodels:\n"
        "  - {use: openai/far, as: far, base_url: 'http://192.0.2.1:9/v1',"
        " key: '${PROVIDER_KEY}'}\n"
        f"  - {{use: openai/echo, as: near, base_url: '{chat_server.base_url}',"
        " key: '${PROVIDER_KEY}'}\n"
    )
    before = len(watched.outside())
    env = {**SECRETS, **PROXIES, **watched.env}
    done = motet("ask", "When does the tide turn?", "--json", at=tmp_path, env=env)
    assert done.code == 0, done.err
    assert done.json["model"] == "near"
    refused = motet("ask", "When?", "--model", "far", at=tmp_path, env=env)
    assert refused.code != 0
    assert "not on this machine" in refused.err
    assert watched.outside()[before:] == []
