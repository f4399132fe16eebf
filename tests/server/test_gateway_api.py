"""What the page asks of a gateway: traffic, stories, spend and keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from chat_server import ChatServer
from motet_process import KEY, SECRETS, Served

HELLO = [{"role": "user", "content": "Hello there"}]
API = "/api/gateway"


def declare(folder: Path, chat_server: ChatServer) -> Path:
    """Write a system that serves two models with prices and one that fails, with a fallback."""
    models = "\n".join(
        f"  - {{use: openai/{name}, base_url: '{chat_server.base_url}', as: {alias},"
        " key: '${PROVIDER_KEY}', price: {input: 1, output: 2}, context: 8000}"
        for name, alias in (("echo", "echo"), ("quoting", "quoting"), ("failing", "unsafe"))
    )
    (folder / "motet.yaml").write_text(
        f"system: shop\nmodels:\n{models}\ngateway: {{retries: 0, fallback: {{unsafe: [echo]}}}}\n"
    )
    return folder


@pytest.fixture
def gateway(tmp_path: Path, chat_server: ChatServer) -> Iterator[httpx.Client]:
    """A client of a gateway on loopback without an owner's key."""
    folder = declare(tmp_path, chat_server)
    with (
        Served(folder, env=SECRETS, command="gateway") as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        yield client
    assert server.code == 0, server.log


def ask(client: httpx.Client, model: str, key: str | None = None) -> httpx.Response:
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    body = {"model": model, "messages": HELLO}
    return client.post("/v1/chat/completions", json=body, headers=headers)


def made(client: httpx.Client, **body: Any) -> dict[str, Any]:
    found = client.post(f"{API}/keys", json=body)
    assert found.status_code == 201, found.text
    return dict(found.json())


def test_overview_tells_prices_and_health(gateway: httpx.Client) -> None:
    assert ask(gateway, "echo").status_code == 200
    found = gateway.get(API).json()
    by_name = {each["name"]: each for each in found["models"]}
    echo = by_name["echo"]
    assert echo["price"] == {"input": 1.0, "output": 2.0, "call": 0.0}
    assert (echo["context"], echo["local"], echo["provider"]) == (8000, True, "openai")
    assert echo["health"]["state"] == "closed"
    assert echo["health"]["seconds"]["count"] == 1
    assert by_name["quoting"]["health"] is None
    assert found["systems"] == []
    assert not found["keys_needed"]
    about = gateway.get("/api/systems").json()
    assert (about["systems"], about["gateway"]) == ([], True)


def test_a_story_holds_all_attempts(gateway: httpx.Client) -> None:
    answer = ask(gateway, "unsafe")
    named = answer.headers["x-motet-request"]
    story = gateway.get(f"{API}/requests/{named}").json()
    first, *_, last = story["attempts"]
    assert (first["status"], first["http"], first["attempt"]) == ("failed", 500, 1)
    assert (last["status"], last["model"], last["used"]) == ("done", "unsafe", "echo")
    assert last["story"]["tries"], "what was tried before is told"
    assert last["cost_usd"] == pytest.approx(
        (last["input_tokens"] + 2 * last["output_tokens"]) / 1e6
    )
    missing = gateway.get(f"{API}/requests/req_none")
    assert missing.status_code == 404
    assert missing.json()["error"]["code"] == "not_found"


def test_looks_at_the_traffic_follow_one_another(gateway: httpx.Client) -> None:
    ask(gateway, "echo")
    first = gateway.get(f"{API}/requests").json()
    ask(gateway, "quoting")
    then = gateway.get(f"{API}/requests", params={"since": first["until"]}).json()
    assert then["until"] > first["until"]
    assert then["requests"][0]["model"] == "quoting"
    ahead = gateway.get(f"{API}/requests", params={"since": then["until"] + 60}).json()
    assert ahead["requests"] == []
    assert gateway.get(f"{API}/requests", params={"since": "nan"}).status_code == 400


@pytest.mark.parametrize("by", ["key", "team", "model", "day"])
def test_spend_adds_up(gateway: httpx.Client, by: str) -> None:
    costs = []
    for model in ("echo", "quoting", "unsafe"):
        named = ask(gateway, model).headers["x-motet-request"]
        attempts = gateway.get(f"{API}/requests/{named}").json()["attempts"]
        costs += [each["cost_pico_usd"] for each in attempts]
    found = gateway.get(f"{API}/spend", params={"by": by}).json()
    assert found["total"]["cost_pico_usd"] == sum(costs) > 0
    assert sum(each["cost_pico_usd"] for each in found["rows"]) == sum(costs)
    later = gateway.get(f"{API}/spend", params={"by": by, "since": 9e12}).json()
    assert later["rows"] == []
    assert gateway.get(f"{API}/spend", params={"by": "moon"}).json()["error"]["param"] == "by"


def test_a_key_is_told_once_works_and_is_revoked(gateway: httpx.Client, tmp_path: Path) -> None:
    answer = gateway.post(
        f"{API}/keys",
        json={
            "name": "app",
            "budget_usd": 1.5,
            "period": "month",
            "requests_per_minute": 60,
            "models": ["ec*"],
            "expires": "2999-01-31",
        },
    )
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    key = answer.json()
    secret = key["key"]
    assert ask(gateway, "echo").status_code == 401, "keys are needed from now on"
    assert ask(gateway, "echo", secret).status_code == 200
    assert ask(gateway, "quoting", secret).status_code == 404

    [listed] = gateway.get(f"{API}/keys").json()["keys"]
    assert (listed["name"], listed["budget_usd"], listed["period"]) == ("app", 1.5, "month")
    assert listed["expires"].startswith("2999-01-31")
    gateway.get(f"{API}/requests")  # brings what was spent into the ledger
    [listed] = gateway.get(f"{API}/keys").json()["keys"]
    assert 0 < listed["spent_usd"] < 1.5
    for path in ("", "/keys", "/requests", "/spend", "/teams"):
        assert secret not in gateway.get(f"{API}{path}").text
    with closing(sqlite3.connect(next(tmp_path.rglob("ledger.db")))) as db:
        assert secret not in "\n".join(db.iterdump())

    revoked = gateway.delete(f"{API}/keys/{key['id']}")
    assert revoked.json()["revoked"] is not None
    assert ask(gateway, "echo", secret).status_code == 401
    assert gateway.delete(f"{API}/keys/{key['id']}").status_code == 200
    assert gateway.delete(f"{API}/keys/key_none").status_code == 404


def test_the_page_asks_without_a_virtual_key(gateway: httpx.Client) -> None:
    made(gateway, name="app")
    body = {"model": "echo", "messages": HELLO}
    assert gateway.post("/v1/chat/completions", json=body).status_code == 401
    found = gateway.post(f"{API}/chat/completions", json=body)
    assert found.status_code == 200
    assert found.headers["x-motet-model"] == "echo"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": 7}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a", "budget_usd": -1}, "budget_usd"),
        ({"name": "a", "budget_usd": True}, "budget_usd"),
        ({"name": "a", "budget_usd": 1e300}, "budget_usd"),
        ({"name": "a", "budget_usd": "1"}, "budget_usd"),
        ({"name": "a", "period": "week"}, "period"),
        ({"name": "a", "period": ["day"]}, "period"),
        ({"name": "a", "requests_per_minute": 1.5}, "requests_per_minute"),
        ({"name": "a", "tokens_per_minute": -1}, "tokens_per_minute"),
        ({"name": "a", "models": "echo"}, "models"),
        ({"name": "a", "models": [1]}, "models"),
        ({"name": "a", "admin": "yes"}, "admin"),
        ({"name": "a", "expires": "2001-01-01"}, "expires"),
        ({"name": "a", "expires": "soon"}, "expires"),
        ({"name": "a", "expires": 7}, "expires"),
        ({"name": "a", "colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_key_is_refused(
    shared: httpx.Client, body: dict[str, Any], param: str
) -> None:
    found = shared.post(f"{API}/keys", json=body)
    assert found.status_code == 400
    assert found.json()["error"]["param"] == param
    assert shared.get(f"{API}/keys").json()["keys"] == []


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory, chat_server: ChatServer
) -> Iterator[httpx.Client]:
    """A client of a gateway in which nothing is changed."""
    folder = declare(tmp_path_factory.mktemp("shared"), chat_server)
    with (
        Served(folder, env=SECRETS, command="gateway") as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        yield client


def test_keys_belong_to_teams(gateway: httpx.Client) -> None:
    assert gateway.post(f"{API}/keys", json={"name": "a", "team": "ops"}).status_code == 400
    team = gateway.post(f"{API}/teams", json={"name": "ops", "budget_usd": 3})
    assert team.status_code == 201
    secret = made(gateway, name="a", team="ops")["key"]
    assert ask(gateway, "echo", secret).status_code == 200
    gateway.get(f"{API}/requests")
    [listed] = gateway.get(f"{API}/teams").json()["teams"]
    assert (listed["name"], listed["budget_usd"]) == ("ops", 3.0)
    assert listed["spent_usd"] > 0
    assert gateway.post(f"{API}/keys", json={"name": "a"}).status_code == 400, "the name is taken"


def test_other_pages_and_names_reach_nothing(gateway: httpx.Client) -> None:
    for method, path in (("POST", "/keys"), ("DELETE", "/keys/x"), ("POST", "/teams")):
        foreign = {"origin": "http://evil.example"}
        found = gateway.request(method, f"{API}{path}", json={"name": "x"}, headers=foreign)
        assert found.status_code == 403
        elsewhere = {"host": "evil.example"}
        found = gateway.request(method, f"{API}{path}", json={"name": "x"}, headers=elsewhere)
        assert found.status_code == 403
    assert gateway.get(f"{API}/keys").json()["keys"] == []


def test_only_the_owner_sees_and_changes(tmp_path: Path, chat_server: ChatServer) -> None:
    folder = declare(tmp_path, chat_server)
    env, bearer = {**SECRETS, "MOTET_API_KEY": KEY}, {"authorization": f"Bearer {KEY}"}
    with (
        Served(folder, "--host", "0.0.0.0", env=env, command="gateway") as server,
        httpx.Client(base_url=server.url, headers=bearer, timeout=30) as owner,
    ):
        secret = made(owner, name="app")["key"]
        for key in (secret, "mk-wrong", "x"):
            headers = {"authorization": f"Bearer {key}"}
            for path in ("", "/keys", "/requests", "/spend", "/requests/req_1"):
                assert owner.get(f"{API}{path}", headers=headers).status_code == 401
            refused = owner.post(f"{API}/keys", json={"name": "b"}, headers=headers)
            assert refused.status_code == 401
        [only] = owner.get(f"{API}/keys").json()["keys"]
        assert only["name"] == "app"
        assert secret not in server.log


def test_the_view_has_an_address(gateway: httpx.Client) -> None:
    page = gateway.get("/models")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.text == gateway.get("/").text
    assert gateway.get("/models/x").status_code == 404
