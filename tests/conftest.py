"""What all tests share: the simulator of a model provider, and settings for property tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chat_server import ChatServer
from hypothesis import HealthCheck, settings

# How long an example takes says more about the machine's load than about the code.
settings.register_profile("motet", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("motet")


@pytest.fixture(scope="session")
def chat_server() -> Iterator[ChatServer]:
    """A simulated OpenAI-compatible provider that takes any key."""
    with ChatServer() as server:
        yield server
