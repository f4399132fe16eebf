"""What all tests share: the simulator of a model provider, and settings for property tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chat_scripts import Call, Reply
from chat_server import ChatServer
from hypothesis import HealthCheck, settings
from motet_process import motet

# How long an example takes says more about the machine's load than about the code.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("motet", PATIENT, max_examples=40)
settings.register_profile("thorough", PATIENT, max_examples=400)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "motet"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that nothing is left running alone at the end."""
    items.sort(key=lambda item: "web" not in item.path.parts)


@pytest.fixture(scope="session")
def chat_server() -> Iterator[ChatServer]:
    """A simulated OpenAI-compatible provider that takes any key."""
    with ChatServer() as server:
        yield server


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `motet init` leaves it, ingested; tests only read and ask there."""
    folder = tmp_path_factory.mktemp("workshop") / "workshop"
    assert motet("init", str(folder), at=folder.parent).code == 0
    assert motet("ingest", at=folder).code == 0
    return folder


@pytest.fixture
def shop(workshop: Path, tmp_path: Path) -> Path:
    """A folder as `motet init` leaves it, for a test that changes it."""
    folder = tmp_path / "shop"
    shutil.copytree(workshop / "documents", folder / "documents")
    declaration = (workshop / "motet.yaml").read_text()
    (folder / "motet.yaml").write_text(declaration.replace("workshop", "shop"))
    return folder


@pytest.fixture
def talking(shop: Path, chat_server: ChatServer) -> Callable[..., Path]:
    """Make the shop declare chat models of the simulator, by their names there."""
    calls = chat_server.add_script(lambda messages, tools: Reply(calls=(Call("lookup", "{}"),)))

    def declare(*models: str, rest: str = "") -> Path:
        lines = ["system: talk", "knowledge: [./documents]", rest, "models:"]
        for name in models:
            if "/" in name:
                lines.append(f"  - {name}")
                continue
            served = calls if name == "tool-calling" else name
            lines.append(
                f"  - {{use: openai/{served}, base_url: '{chat_server.base_url}',"
                f" as: {name}, timeout: 2s}}"
            )
        (shop / "motet.yaml").write_text("\n".join(lines) + "\n")
        return shop

    return declare
