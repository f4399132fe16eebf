"""The gateway as clients see it, through the lane and by the ordinary path: the same."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from chat_server import ChatServer
from motet_process import SECRETS, Served, motet

NAMES = ("quoting", "calling", "echo", "failing", "stalling", "hanging", "rate-limited", "dying")
HELLO = [{"role": "user", "content": "Hello there"}]


@pytest.fixture(scope="module", params=["lane", "ordinary"])
def gateway(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    chat_server: ChatServer,
) -> Iterator[Served]:
    """A gateway to the simulator's models, with a fallback for one that fails."""
    folder = tmp_path_factory.mktemp("gateway")
    models = "\n".join(
        f"  - {{use: openai/{name}, base_url: '{chat_server.base_url}', as: {name},"
        " key: '${PROVIDER_KEY}', price: {input: 1, output: 2}}"
        for name in NAMES
    )
    models += (
        f"\n  - {{use: openai/failing, base_url: '{chat_server.base_url}', as: safe,"
        " key: '${PROVIDER_KEY}'}"
    )
    (folder / "motet.yaml").write_text(
        f"system: shop\nmodels:\n{models}\ngateway: {{retries: 0, fallback: {{safe: [echo]}}}}\n"
    )
    words = ["--no-lane"] if request.param == "ordinary" else []
    with Served(folder, *words, env=SECRETS, command="gateway") as server:
        yield server
    assert server.code == 0, server.log


@pytest.fixture
def client(gateway: Served) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="unused", max_retries=0) as client:
        yield client


def test_whole_and_streamed_are_one_answer(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="echo", messages=HELLO)
    said = whole.choices[0].message.content
    assert said
    chunks = list(client.chat.completions.create(model="echo", messages=HELLO, stream=True))
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == said
    assert all(chunk.usage is None for chunk in chunks)


def test_usage_comes_where_it_is_asked_for(client: openai.OpenAI) -> None:
    options: Any = {"include_usage": True}
    chunks = list(
        client.chat.completions.create(
            model="echo", messages=HELLO, stream=True, stream_options=options
        )
    )
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0


def test_unknown_fields_reach_the_provider(client: openai.OpenAI, chat_server: ChatServer) -> None:
    with pytest.raises(openai.BadRequestError, match=r"Unrecognized request argument.*odd"):
        client.chat.completions.create(
            model="echo", messages=HELLO, extra_body={"odd": {"deep": [1]}}
        )
    sent = chat_server.exchanges[-1]
    assert sent.body["odd"] == {"deep": [1]}
    assert sent.body["model"] == "echo"
    assert sent.headers["Authorization"] == f"Bearer {SECRETS['PROVIDER_KEY']}"


def test_who_answered_is_in_the_headers(gateway: Served) -> None:
    found = httpx.post(
        f"{gateway.url}/v1/chat/completions", json={"model": "safe", "messages": HELLO}
    )
    assert found.status_code == 200
    assert found.headers["x-motet-model"] == "echo"
    assert found.headers["x-motet-request"].startswith("req_")


def test_auto_chooses_and_says_why(gateway: Served) -> None:
    body = {"model": "auto:cheap", "messages": HELLO}
    found = httpx.post(f"{gateway.url}/v1/chat/completions", json=body)
    assert found.status_code == 200
    named = found.headers["x-motet-request"]
    live = httpx.get(f"{gateway.url}/api/gateway/requests").json()["requests"]
    [entry] = [each for each in live if each["id"] == named and each["status"] == "done"]
    assert entry["model"] == "auto:cheap"
    choice = entry["story"]["choice"]
    assert choice["goal"] == "cheap"
    assert found.headers["x-motet-model"] in [each["name"] for each in choice["ranked"]]
    assert all(each["reason"] for each in choice["ranked"])


def test_errors_keep_their_status(client: openai.OpenAI) -> None:
    with pytest.raises(openai.RateLimitError) as limited:
        client.chat.completions.create(model="rate-limited", messages=HELLO)
    assert limited.value.response.headers["retry-after"] == "7"
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="failing", messages=HELLO)
    with pytest.raises(openai.NotFoundError, match="nearest: quoting"):
        client.chat.completions.create(model="quotin", messages=HELLO)
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="echo", messages=[])


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_closes_the_upstream(
    gateway: Served, chat_server: ChatServer, stream: bool
) -> None:
    url = f"{gateway.url}/v1/chat/completions"
    assert httpx.post(url, json={"model": "echo", "messages": HELLO}, timeout=30).is_success
    before = len(chat_server.exchanges)
    left = threading.Event()

    def ask() -> None:
        with httpx.Client(timeout=1.0) as client, pytest.raises(httpx.TimeoutException):
            client.post(url, json={"model": "hanging", "messages": HELLO, "stream": stream})
        left.set()

    threading.Thread(target=ask).start()
    assert left.wait(10)
    [exchange] = chat_server.exchanges[before:]
    assert exchange.disconnected.wait(2)


def test_anthropics_messages_reach_a_model_of_another_dialect(gateway: Served) -> None:
    body = {"model": "echo", "max_tokens": 50, "messages": HELLO}
    found = httpx.post(f"{gateway.url}/v1/messages", json=body).json()
    assert (found["type"], found["role"]) == ("message", "assistant")
    assert found["usage"]["output_tokens"] > 0
    with httpx.stream("POST", f"{gateway.url}/v1/messages", json={**body, "stream": True}) as sent:
        lines = [line for line in sent.iter_lines() if line.startswith("data:")]
    events = [json.loads(line[5:]) for line in lines]
    assert events[0]["type"] == "message_start"
    assert events[-1]["type"] == "message_stop"
    said = "".join(e["delta"].get("text", "") for e in events if e["type"] == "content_block_delta")
    assert said == found["content"][0]["text"]


def test_responses_and_gemini_too(gateway: Served) -> None:
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="unused") as client:
        found = client.responses.create(model="echo", input="Hello there")
        with client.responses.stream(model="echo", input="Hello there") as stream:
            final = stream.get_final_response()
    assert found.output_text == final.output_text != ""
    body = {"contents": [{"role": "user", "parts": [{"text": "Hello there"}]}]}
    gemini = httpx.post(f"{gateway.url}/v1beta/models/echo:generateContent", json=body).json()
    assert gemini["candidates"][0]["content"]["parts"][0]["text"] == found.output_text


def test_errors_are_worded_in_the_clients_dialect(gateway: Served) -> None:
    body = {"model": "nobody", "max_tokens": 5, "messages": HELLO}
    found = httpx.post(f"{gateway.url}/v1/messages", json=body)
    assert (found.status_code, found.json()["type"]) == (404, "error")
    assert found.json()["error"]["type"] == "not_found_error"
    found = httpx.post(f"{gateway.url}/v1beta/models/nobody:generateContent", json={"contents": []})
    assert found.json()["error"]["status"] == "NOT_FOUND"


def test_keys_open_and_budgets_close(
    tmp_path: Path, chat_server: ChatServer, gateway: Served
) -> None:
    (tmp_path / "motet.yaml").write_text(
        "system: shop\nmodels:\n"
        f"  - {{use: openai/echo, base_url: '{chat_server.base_url}', as: echo,"
        " key: '${PROVIDER_KEY}', price: {input: 1000, output: 1000}}\n"
    )
    made = motet("keys", "create", "ana", "--budget", "0.3", "--json", at=tmp_path)
    secret = made.json["key"]
    with Served(tmp_path, env=SECRETS, command="gateway") as server:
        url = f"{server.url}/v1/chat/completions"
        body = {"model": "echo", "messages": HELLO, "max_tokens": 100}
        assert httpx.post(url, json=body).status_code == 401
        assert (
            httpx.post(url, json=body, headers={"authorization": "Bearer mk-no"}).status_code == 401
        )
        headers = {"authorization": f"Bearer {secret}"}
        answers = [httpx.post(url, json=body, headers=headers) for _ in range(20)]
        codes = [each.status_code for each in answers]
        assert codes[0] == 200
        assert codes[-1] == 429
        assert answers[-1].json()["error"]["code"] == "insufficient_quota"
        time.sleep(1.5)
        spent = motet("spend", "--json", at=tmp_path).json
    assert 0 < spent["total"]["cost_usd"] <= 0.3


def test_equal_requests_get_the_kept_answer(
    tmp_path: Path, chat_server: ChatServer, gateway: Served
) -> None:
    (tmp_path / "motet.yaml").write_text(
        "system: shop\nmodels:\n"
        f"  - {{use: openai/echo, base_url: '{chat_server.base_url}', as: echo,"
        " key: '${PROVIDER_KEY}'}\n"
        "gateway: {cache: 1h}\n"
    )
    with Served(tmp_path, env=SECRETS, command="gateway") as server:
        url = f"{server.url}/v1/chat/completions"
        body = {"model": "echo", "messages": HELLO}
        first = httpx.post(url, json=body)
        before = len(chat_server.exchanges)
        again = httpx.post(url, json=body)
        assert (again.headers["x-motet-cache"], again.content) == ("hit", first.content)
        assert "x-motet-cache" not in first.headers
        with openai.OpenAI(base_url=f"{server.url}/v1", api_key="unused") as client:
            chunks = client.chat.completions.create(model="echo", messages=HELLO, stream=True)
            said = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        assert said == first.json()["choices"][0]["message"]["content"]
        assert len(chat_server.exchanges) == before
        for changed in ({"temperature": 0.5}, {"messages": [*HELLO, *HELLO]}, {"seed": 1}):
            found = httpx.post(url, json=body | changed)
            assert "x-motet-cache" not in found.headers, changed
        fresh = httpx.post(url, json=body, headers={"cache-control": "no-cache"})
        assert "x-motet-cache" not in fresh.headers


def test_tool_calls_are_judged(gateway: Served) -> None:
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
    tool = {"type": "function", "function": {"name": "weather", "parameters": parameters}}
    body = {"model": "calling", "messages": HELLO, "tools": [tool]}
    for path, stream in (("chat/completions", True), ("chat/completions", False)):
        asked = httpx.post(f"{gateway.url}/v1/{path}", json={**body, "stream": stream}, timeout=30)
        assert asked.is_success
    overview = httpx.get(f"{gateway.url}/api/gateway").json()
    [found] = [each for each in overview["models"] if each["name"] == "calling"]
    assert sum(found["health"]["tool_calls"].values()) == 2
