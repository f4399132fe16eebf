"""Bad input to every endpoint: never a status 500, no hang, errors worded as the dialect does."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from gateway_shop import DIALECTS, Model, failure_of, gateway, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from motet_process import Served
from provider_server import ProviderServer

EXAMPLES = 30
OWN = ("/api/gateway", "/api/gateway/requests", "/api/gateway/spend", "/api/keys")
JSONS = (
    "/v1/embeddings",
    "/v1/rerank",
    "/v1/moderations",
    "/v1/images/generations",
    "/v1/audio/speech",
)
FORMS = (
    "/v1/images/edits",
    "/v1/images/variations",
    "/v1/audio/transcriptions",
    "/v1/audio/translations",
)
WORDS = st.sampled_from(
    "model messages input role user assistant system tool content type text tools function name"
    " parameters tool_calls id stream max_tokens contents parts functionCall args query documents"
    " prompt n size voice file image_url url data source base64 media_type metadata stop"
    " generationConfig response_format json_schema thinking budget_tokens tool_choice".split()
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | WORDS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(WORDS | st.text(max_size=6), inner, max_size=5)
    ),
    max_leaves=20,
)
fuzzed = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@pytest.fixture(scope="module")
def provider() -> Iterator[ProviderServer]:
    with ProviderServer() as server:
        yield server


@pytest.fixture(scope="module", params=[(), ("--no-lane",)], ids=["lane", "ordinary"])
def served(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    provider: ProviderServer,
) -> Iterator[Served]:
    """A gateway whose log must stay empty: what is not foreseen would be there."""
    folder = tmp_path_factory.mktemp("fuzz")
    models = [Model(f"by-{each}", each) for each in DIALECTS]
    models.append(Model("calm"))
    with gateway(folder, provider, models, "{retries: 0}", *request.param) as server:
        yield server


@pytest.fixture(scope="module")
def http(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=10) as client:
        yield client


def check(dialect: str, found: httpx.Response) -> None:
    """Check that an answer is one, or an error as the dialect words it."""
    if found.status_code >= 400:
        assert failure_of(dialect, found.json())
    # 502: what a client may say and a provider does not understand.
    assert found.status_code in (200, 400, 403, 404, 413, 415, 422, 429, 502), found.text


@pytest.mark.parametrize("model", ["by-openai", "by-anthropic"])
@pytest.mark.parametrize("client", DIALECTS)
def test_chat(client: str, model: str, http: httpx.Client) -> None:
    """A good request, of which some members hold anything, at any depth."""

    @fuzzed
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        path, body = request(client, model, stream=data.draw(st.booleans()))
        for _ in range(data.draw(st.integers(1, 3))):
            mangle(data, body)
        check(client, http.post(path, content=json.dumps(body)))

    ask()


def mangle(data: st.DataObject, body: dict[str, Any]) -> None:
    """Put anything somewhere into a body."""
    at: Any = body
    while True:
        places = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not places or data.draw(st.booleans()):
            break
        inner = at[data.draw(st.sampled_from(places))]
        if not isinstance(inner, dict | list):
            break
        at = inner
    value = data.draw(VALUES)
    if isinstance(at, dict):
        at[data.draw(WORDS | st.sampled_from([*at, "x"]))] = value
    else:
        at.append(value)


@pytest.mark.parametrize("path", JSONS)
def test_services(path: str, http: httpx.Client) -> None:
    @fuzzed
    @given(st.dictionaries(WORDS, VALUES, max_size=6), st.sampled_from(["by-openai", "nobody"]))
    def ask(body: dict[str, Any], model: str) -> None:
        check("openai", http.post(path, content=json.dumps({"model": model, **body})))

    ask()


@pytest.mark.parametrize("path", FORMS)
def test_forms(path: str, http: httpx.Client) -> None:
    """Forms that are whole, cut off, or none."""
    part = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'
    good = (part.format("model", "", "by-openai") + part.format("prompt", "", "a cat")).encode()
    good += part.format("file", '; filename="a.wav"', "RIFF").encode()
    good += part.format("image", '; filename="a.png"', "PNG").encode() + b"--b--\r\n"

    @fuzzed
    @given(
        st.integers(0, len(good)),
        st.binary(max_size=30),
        st.sampled_from(["multipart/form-data; boundary=b", "multipart/form-data", "text/plain"]),
    )
    def ask(cut: int, noise: bytes, kind: str) -> None:
        body = good[:cut] + noise + good[cut + len(noise) :]
        check("openai", http.post(path, content=body, headers={"content-type": kind}))

    ask()


@pytest.mark.parametrize("client", DIALECTS)
def test_bytes_that_are_no_json(client: str, http: httpx.Client) -> None:
    path, body = request(client, "by-openai")
    good = json.dumps(body).encode()

    @fuzzed
    @given(st.integers(0, len(good)), st.binary(min_size=1, max_size=8))
    def ask(cut: int, noise: bytes) -> None:
        check(client, http.post(path, content=good[:cut] + noise + good[cut:]))

    ask()
    for odd in (b"", b"[]", b"null", b'"x"', b"[" * 100_000, b'{"model":' * 50_000, b"\xff\xfe{}"):
        found = http.post(path, content=odd)
        assert found.status_code == 400
        check(client, found)


@pytest.mark.parametrize("path", OWN)
def test_the_pages_questions(path: str, http: httpx.Client) -> None:
    @fuzzed
    @given(
        st.dictionaries(
            st.sampled_from(["since", "until", "by", "model", "limit", "id"]), st.text(max_size=20)
        ),
        st.sampled_from(["GET", "POST", "DELETE", "PUT"]),
    )
    def ask(query: dict[str, str], method: str) -> None:
        assert http.request(method, path, params=query).status_code < 500

    ask()


def test_noise_on_the_socket(served: Served, http: httpx.Client) -> None:
    """Garbage, broken chunks, long heads, many requests at once: answered or closed, in time."""
    where = urlsplit(served.url)
    host = f"Host: 127.0.0.1:{where.port}\r\n"
    post = f"POST /v1/chat/completions HTTP/1.1\r\n{host}"
    path, body = request("openai", "calm")
    data = json.dumps(body).encode()
    whole = f"{post}Content-Length: {len(data)}\r\n\r\n".encode() + data
    chance = random.Random(1)
    sent = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)),
        b"GET / HTTP/9.9\r\n\r\n",
        f"{post}Content-Length: -5\r\n\r\n".encode(),
        f"{post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!".encode(),
        f"{post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode(),
        f"{post}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n".encode(),
        f"{post}Transfer-Encoding: chunked\r\n\r\n5\r\nhell".encode(),
        f"{post}X: {'y' * 200_000}\r\n\r\n".encode(),
        (post + "X: y\r\n" * 20_000 + "\r\n").encode(),
        f"{post}Content-Length: 99999999999999999999\r\n\r\n".encode(),
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n{}",
        whole + b"\x00\x01\x02",
        *(chance.randbytes(chance.randrange(1, 3000)) for _ in range(40)),
        *(mutated(whole, chance) for _ in range(120)),
    ]
    for each in sent:
        with socket.create_connection(("127.0.0.1", where.port or 80), timeout=10) as connection:
            answer = exchange(connection, each)
        assert b" 500 " not in answer.partition(b"\r\n")[0], (each[:200], answer[:300])
    with socket.create_connection(("127.0.0.1", where.port or 80), timeout=10) as connection:
        connection.sendall(whole * 30)
        answer = b""
        while answer.count(b"HTTP/1.1 200 OK") < 30:
            answer += connection.recv(65536)
    assert http.post(path, content=data).status_code == 200


def mutated(whole: bytes, chance: random.Random) -> bytes:
    found = bytearray(whole)
    for _ in range(chance.randrange(1, 6)):
        found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found)


def exchange(connection: socket.socket, data: bytes) -> bytes:
    """Return what is answered until the server closes; nothing more will come from here."""
    answer = b""
    try:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65536):
            answer += piece
    except ConnectionError:
        return answer
    return answer
