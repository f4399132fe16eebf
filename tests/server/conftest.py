"""Servers that tests share: each is a real process."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_server import ChatServer
from media_requests import declared
from media_server import MediaServer
from motet_process import KEY, SECRETS, Served, motet

SCRIPTS = Path(__file__).with_name("js")


@pytest.fixture(scope="session")
def home(workshop: Path, chat_server: ChatServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workshop as a system `quoting` and others that each have one model of that name."""
    folder = tmp_path_factory.mktemp("served") / "systems"
    folder.mkdir()
    shutil.copytree(workshop / "documents", folder / "documents")
    for name in (
        "quoting",
        "inventing",
        "failing",
        "stalling",
        "hanging",
        "rate-limited",
        "erring",
    ):
        (folder / f"{name}.yaml").write_text(
            f"system: {name}\n"
            "knowledge: [./documents]\n"
            "models:\n"
            f"  - {{use: openai/{name}, base_url: '{chat_server.base_url}', as: {name}-model,"
            " key: '${PROVIDER_KEY}'}\n"
        )
    assert motet("ingest", "-s", "quoting.yaml", at=folder, env=SECRETS).code == 0
    return folder


@pytest.fixture(scope="session")
def served(home: Path) -> Iterator[Served]:
    """A server on loopback without a key."""
    names = [str(each) for each in sorted(home.glob("*.yaml"))]
    with Served(home, *names, env=SECRETS) as server:
        yield server
    assert server.code == 0, server.log


@pytest.fixture(scope="session")
def locked(workshop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server beyond loopback, with a key."""
    folder = shutil.copytree(workshop, tmp_path_factory.mktemp("locked") / "workshop")
    with Served(Path(folder), "--host", "0.0.0.0", env={"MOTET_API_KEY": KEY}) as server:
        yield server


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OpenAI's JavaScript SDK, beside our scripts; without node or the registry only CI insists."""
    must = os.environ.get("CI") == "true"
    if not must and not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("needs node and npm")
    folder = tmp_path_factory.mktemp("js") / "js"
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("node_modules"))
    done = subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 and not must:
        pytest.skip("npm cannot install the SDK")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def media() -> Iterator[MediaServer]:
    """A simulated provider of what is not chat."""
    with MediaServer() as server:
        yield server


@pytest.fixture(scope="session")
def media_gateway(media: MediaServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A gateway to it that tries nothing twice, with a stand-in for what fails or is cut."""
    folder = tmp_path_factory.mktemp("media")
    others = "{'failing-*': [other], 'cut-*': [other]}"
    (folder / "motet.yaml").write_text(
        declared(media, f"gateway: {{retries: 0, fallback: {others}}}")
    )
    with Served(folder, env=SECRETS, command="gateway") as server:
        yield server
    assert server.code == 0, server.log
