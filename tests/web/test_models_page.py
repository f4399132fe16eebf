"""The view of the models as a person uses it: a real gateway, a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from chat_server import ChatServer
from motet_process import KEY, SECRETS, Served

NAMES = {"echo": "echo", "failing": "failing", "stalling": "stalling", "safe": "failing"}


def declare(folder: Path, chat_server: ChatServer) -> Path:
    """Write a system that serves the simulator's models, one with a fallback."""
    models = "\n".join(
        f"  - {{use: openai/{name}, base_url: '{chat_server.base_url}', as: {alias},"
        " key: '${PROVIDER_KEY}', price: {input: 1, output: 2}, context: 8000}"
        for alias, name in NAMES.items()
    )
    gateway = "gateway: {retries: 0, auto: [echo, stalling], fallback: {safe: [echo]}}"
    (folder / "motet.yaml").write_text(
        f"system: shop\nmodels:\n{models}\n{gateway}\nguard: {{pii: redact}}\n"
    )
    return folder


@pytest.mark.timeout(180)
def test_a_person_sees_and_tries_all_models(
    drive: Callable[..., None], tmp_path: Path, chat_server: ChatServer
) -> None:
    with Served(declare(tmp_path, chat_server), env=SECRETS, command="gateway") as server:
        drive("models.mjs", server.url)
    assert server.code == 0, server.log


@pytest.mark.timeout(180)
def test_a_gateway_beyond_loopback_asks_for_its_key(
    drive: Callable[..., None], tmp_path: Path, chat_server: ChatServer
) -> None:
    env = {**SECRETS, "MOTET_API_KEY": KEY}
    folder = declare(tmp_path, chat_server)
    with Served(folder, "--host", "0.0.0.0", env=env, command="gateway") as server:
        drive("models.mjs", server.url, f"--key={KEY}")
    assert KEY not in server.log


@pytest.mark.timeout(180)
def test_models_stand_beside_a_system(
    drive: Callable[..., None], tmp_path: Path, chat_server: ChatServer
) -> None:
    with Served(declare(tmp_path, chat_server), env=SECRETS) as server:
        drive("models.mjs", server.url, "--beside")
    assert server.code == 0, server.log
