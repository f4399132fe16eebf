"""The agent in Motet: a declared system with the same ten tools."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import agent_tools
from agent_peers import Agent

import motet

Effect = Literal["read", "once"]


def declared(base_url: str, model: str, *, effect: Effect = "read") -> Agent:
    """Return a system that is declared here and now, as a function from a question to an answer."""
    # Beside the declaration, where its tools may stand.
    Path("tools.py").write_bytes(Path(agent_tools.__file__).read_bytes())
    Path("motet.yaml").write_text(_declaration(base_url, model, effect), encoding="utf-8")
    system = motet.load("motet.yaml")

    async def ask(question: str) -> str:
        return (await system.aask(question)).text

    return ask


def _declaration(base_url: str, model: str, effect: Effect) -> str:
    names = [tool.__name__ for tool in agent_tools.ALL]
    tools = [f"  - {{python: 'tools.py:{name}', effect: {effect}}}" for name in names]
    lines = [
        "system: sums",
        "about: Uses its tools and tells the sum.",
        "models:",
        f"  - {{use: local/{model}, base_url: '{base_url}'}}",
        "tools:",
        *tools,
    ]
    return "\n".join(lines) + "\n"
