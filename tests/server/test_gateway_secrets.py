"""Keys never show, in answers, headers, logs, files and errors, also where providers say them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gateway_shop import DIALECTS, Model, gateway, request
from motet_process import motet
from provider_server import ProviderServer

PROVIDER = "sk-canary-provider-7b1f9d2e4a6c8035"
OWNER = "canary-owner-91e3c5a7f0d24b68"
MANNERS = (
    "well",
    "status-500",
    "status-401",
    "echoes-400",
    "echoes-401",
    "echoes-500",
    "echoes-200",
    "repeats-2",
    "confesses-2",
    "dies-2",
    "page",
    "noise",
)


@pytest.fixture(scope="module")
def provider() -> Iterator[ProviderServer]:
    with ProviderServer() as server:
        yield server


@pytest.mark.parametrize("words", [(), ("--no-lane",)], ids=["lane", "ordinary"])
def test_no_key_is_ever_seen(
    words: tuple[str, ...], tmp_path: Path, provider: ProviderServer
) -> None:
    models = [
        Model(f"{manner}.{dialect}", dialect, manner) for manner in MANNERS for dialect in DIALECTS
    ]
    env = {"PROVIDER_KEY": PROVIDER, "MOTET_API_KEY": OWNER}
    (tmp_path / "motet.yaml").write_text("system: shop\n")
    made = motet("keys", "create", "ana", "--json", at=tmp_path, env=env).json["key"]
    how = "{retries: 1, cache: 1h}"
    seen: list[str] = []
    with (
        gateway(tmp_path, provider, models, how, *words, env=env, key="${PROVIDER_KEY}") as served,
        httpx.Client(base_url=served.url, timeout=20) as http,
    ):

        def ask(key: str, method: str, path: str, body: object = None) -> int:
            found = http.request(
                method, path, json=body, headers={"authorization": f"Bearer {key}"}
            )
            seen.append(f"{found.status_code} {found.headers!r} {found.text}")
            return found.status_code

        for key in (OWNER, made):
            for model in models:
                for stream in (False, True):
                    for client in {model.dialect, "openai", "anthropic"}:
                        ask(key, "POST", *request(client, model.name, stream=stream))
        for key in ("wrong-" + OWNER, made[:-1] + "x", PROVIDER):
            assert ask(key, "GET", "/v1/models") == 401
        for path in ("/v1/models", "/api/gateway", "/api/gateway/requests", "/api/gateway/spend"):
            assert ask(OWNER, "GET", path) == 200, path
        ask(OWNER, "POST", "/v1/chat/completions", {"model": OWNER, "messages": []})
        log = served.log
    sent = {value for each in provider.served for value in each.headers.values()}
    assert any(PROVIDER in value for value in sent)
    assert not any(OWNER in value or made in value for value in sent)
    told = motet("spend", "--json", at=tmp_path, env=env)
    shown = [motet(*line, at=tmp_path, env=env) for line in (("keys",), ("spend", "check"))]
    outputs = [log, *seen, *(each.out + each.err for each in (told, *shown))]
    for secret in (PROVIDER, made):
        assert not [text for text in outputs if secret in text], secret
    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert {"ledger.db", "cache.db"} <= {each.name for each in files}
    for secret in (PROVIDER, OWNER, made):
        assert not [each for each in files if secret.encode() in each.read_bytes()], secret
    assert not [text for text in outputs[:1] if OWNER in text]
    asked = json.dumps([text for text in seen if OWNER in text])
    assert asked == "[]" or "does not exist" in asked
