"""Keys, budgets and rates at the endpoints beside chat."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from media_requests import OWN, PATHS, asking, declared
from media_server import MediaServer
from motet_process import SECRETS, Served, motet


@pytest.fixture(scope="module")
def keyed(media: MediaServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A gateway that needs keys."""
    folder = tmp_path_factory.mktemp("keyed")
    (folder / "motet.yaml").write_text(declared(media))
    assert motet("keys", "create", "first", at=folder, env=SECRETS).code == 0
    with Served(folder, env=SECRETS, command="gateway") as server:
        yield server


def key(server: Served, name: str, *words: str) -> dict[str, str]:
    """Make a key; return the header that carries it."""
    made = motet("keys", "create", name, *words, "--json", at=server._at, env=SECRETS)
    assert made.code == 0, made.err
    return {"authorization": f"Bearer {made.json['key']}"}


def ask_as(server: Served, path: str, model: str, headers: dict[str, str]) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/{path}", **asking(path, model), headers=headers, timeout=30)


@pytest.mark.parametrize("path", PATHS)
def test_keys_budgets_and_rates(keyed: Served, media: MediaServer, path: str) -> None:
    name = path.replace("/", "-")
    poor = key(keyed, f"{name}-poor", "--budget", "0.0000001")
    slow = key(keyed, f"{name}-slow", "--requests", "2")
    named = key(keyed, f"{name}-named", "--model", "other")
    time.sleep(1.2)  # until the server has seen the keys
    assert ask_as(keyed, path, "model", {}).status_code == 401
    before = len(media.calls)
    refused = ask_as(keyed, path, "model", poor)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "insufficient_quota")
    assert ask_as(keyed, path, "model", named).status_code == 404
    assert len(media.calls) == before
    codes = [ask_as(keyed, path, "other", slow).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert ask_as(keyed, path, "other", named).status_code == 200


def test_keys_hold_for_the_base_encoder_too(keyed: Served) -> None:
    slow = key(keyed, "encoder-slow", "--requests", "1")
    named = key(keyed, "encoder-named", "--model", "other")
    time.sleep(1.2)
    codes = [ask_as(keyed, "embeddings", OWN, slow).status_code for _ in range(2)]
    assert codes == [200, 429]
    assert ask_as(keyed, "rerank", OWN, named).status_code == 404
    listed = httpx.get(f"{keyed.url}/v1/models", headers=named).json()["data"]
    assert [each["id"] for each in listed if OWN in each["id"]] == []


def test_a_budget_is_never_overspent(keyed: Served, media: MediaServer) -> None:
    budget = key(keyed, "narrow", "--budget", "0.0003")
    time.sleep(1.2)
    before = len(media.calls)
    codes: list[int] = []

    def ask() -> None:
        for _ in range(10):
            codes.append(ask_as(keyed, "embeddings", "model", budget).status_code)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert set(codes) <= {200, 429}
    spent = sum(3e-6 * call.input_tokens for call in media.calls[before:])
    assert codes.count(200) == len(media.calls) - before > 10
    assert spent <= 0.0003
