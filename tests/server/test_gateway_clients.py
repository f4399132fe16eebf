"""Official clients, unmodified, against a gateway: each dialect by models of every dialect."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from motet_process import Served, environment
from provider_server import ProviderServer

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "tests" / "clients"
DIALECTS = ("openai", "responses", "anthropic", "gemini")
MODELS = tuple(f"by-{name}" for name in DIALECTS)
HELLO = "You said: Hello there, what is new?"
CITY = {"city": "Paris", "inhabitants": 2_100_000}
TOLD = "The tool said: It is on the Seine."
TOKENS = 26
"""What the simulator counts for the question."""


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter that has the clients; only CI insists."""
    found = Path(os.environ.get("MOTET_CLIENTS") or ROOT / ".venv-clients/bin/python")
    if not found.exists() and os.environ.get("CI") != "true":
        pytest.skip("the clients are not installed: make clients")
    return found


@pytest.fixture(scope="module")
def provider() -> Iterator[ProviderServer]:
    with ProviderServer() as server:
        yield server


@pytest.fixture(scope="module", params=["lane", "ordinary", "serve"])
def gateway(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    provider: ProviderServer,
) -> Iterator[Served]:
    """A gateway to a model of each dialect; one beside a system, by `motet serve`."""
    folder = tmp_path_factory.mktemp("clients")
    base = provider.base_url()
    lines = [
        f"  - {{use: sim/{name}, as: by-{name}, dialect: {name}, base_url: '{base}'}}"
        for name in DIALECTS
    ]
    (folder / "motet.yaml").write_text(
        "system: shop\nmodels:\n" + "\n".join(lines) + "\ngateway: {retries: 0}\n"
    )
    words = ["--no-lane"] if request.param == "ordinary" else []
    command = "serve" if request.param == "serve" else "gateway"
    with Served(folder, *words, command=command) as server:
        yield server
    assert server.code == 0, server.log
    assert not server.log


def run(python: Path, gateway: Served, script: str) -> dict[str, Any]:
    """Return what a script got from each model."""
    done = subprocess.run(
        [python, CLIENTS / f"{script}.py", gateway.url, "unused", *MODELS],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert tuple(found) == MODELS
    return found


@pytest.fixture
def first_only(gateway: Served, request: pytest.FixtureRequest) -> None:
    """Leave the other ways in to the clients that differ most; these take seconds to import."""
    if "lane" not in request.node.name:
        pytest.skip("tried through the lane alone")


def check(got: dict[str, Any], told: str = TOLD) -> None:
    """Check what a client of any kind must have got."""
    assert [got[each] for each in ("whole", "streamed", "async")] == [HELLO] * 3
    assert [call[0] for call in (got["call"], got["streamed call"])] == ["find"] * 2
    for call in (got["call"], got["streamed call"]):
        assert json.loads(call[1]) == {"city": "Paris"}
    assert got["told"] == told
    assert got["parsed"] == CITY
    assert got["usage"] == [TOKENS, TOKENS]
    assert got["missing"]["status"] == 404
    assert "The model 'nobody' does not exist" in got["missing"]["text"]


@pytest.mark.parametrize("script", ["openai_chat", "openai_responses"])
def test_openai(python: Path, gateway: Served, script: str) -> None:
    for got in run(python, gateway, script).values():
        check(got)
        assert got["missing"]["kind"] == "NotFoundError"


def test_anthropic(python: Path, gateway: Served) -> None:
    for got in run(python, gateway, "anthropic_messages").values():
        check(got)
        assert got["missing"]["kind"] == "NotFoundError"
        assert got["thoughts"] == "Let me think."


@pytest.mark.usefixtures("first_only")
def test_google(python: Path, gateway: Served) -> None:
    for got in run(python, gateway, "google_genai").values():
        check(got, 'The tool said: {"result":"It is on the Seine."}')
        assert got["missing"]["kind"] == "ClientError"


@pytest.mark.usefixtures("first_only")
def test_langchain(python: Path, gateway: Served) -> None:
    for got in run(python, gateway, "langchain_chat").values():
        check(got)
        check(got["responses"])


@pytest.mark.usefixtures("first_only")
def test_pydantic_ai(python: Path, gateway: Served) -> None:
    for got in run(python, gateway, "pydantic_agents").values():
        assert list(got["by"]) == list(got["missing"]) == list(DIALECTS)
        for name, by in got["by"].items():
            said = "Paris is on the Seine."
            said = json.dumps({"return_value": said}) if name == "gemini" else said
            said = said.replace('": "', '":"')
            assert (by["whole"], by["streamed"]) == (HELLO, HELLO)
            assert by["told"] == by["streamed told"] == f"The tool said: {said}"
            assert by["filled"] == by["parsed"] == CITY
            assert by["usage"][0] == TOKENS
        for error in got["missing"].values():
            assert error["status"] == 404


@pytest.mark.usefixtures("first_only")
def test_llm(python: Path, gateway: Served) -> None:
    for got in run(python, gateway, "llm_library").values():
        assert got["whole"] == got["streamed"] == HELLO
        assert got["told"] == TOLD
        assert json.loads(got["text"]) == CITY
        assert got["missing"]["status"] == 404


def test_openai_javascript(installed: Path, gateway: Served) -> None:
    done = subprocess.run(
        ["node", "gateway.mjs", f"{gateway.url}/v1", *MODELS],
        cwd=installed,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    got: dict[str, Any] = json.loads(done.stdout)
    assert tuple(got) == MODELS
    for each in got.values():
        said = {each[name] for name in ("whole", "streamed", "response", "streamed response")}
        assert said == {"You said: Hello there"}
        assert each["told"] == "The tool said: Paris!"
        assert each["refused"] == {
            "kind": "NotFoundError",
            "status": 404,
            "code": "model_not_found",
        }
