"""Ten streamed tool calls, one complete every 30 ms; the first tool takes 300 ms.

`python bench/runtime/stream_calls.py`, in the environment of `bench/peers.txt`. Who starts a call
while the next is still being streamed can be done after 345 ms: 30 until the first call is
complete, 300 for its tool, 15 for the model's answer. Who waits for the stream's end needs 615.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import agent_peers
from agent_peers import Agent
from harness import Comparison, Figures, Side
from scenario import FLOOR_MS, TOOLS, answer
from serving import serving

if TYPE_CHECKING:
    from motet_agent import Effect

TURNS = 8


def motet(base_url: str, model: str, *, effect: Effect = "read") -> Agent:
    """Return Motet's agent."""
    from motet_agent import declared

    return declared(base_url, model, effect=effect)


def measured(make: Callable[[str, str], Agent], seed: int, size: int) -> Figures:
    """Return the wall time of each turn, after one to warm up."""
    with serving() as base_url:
        return asyncio.run(_turns(make(base_url, "paced"), seed, size))


async def _turns(agent: Agent, seed: int, size: int) -> Figures:
    taken = []
    for turn in range(size + 1):
        question = f"What is the sum for order {seed * 1000 + turn}?"
        began = time.perf_counter()
        found = await agent(question)
        taken.append(1000 * (time.perf_counter() - began))
        if found != answer(question, TOOLS):
            raise ValueError(f"a wrong answer: {found}")
    return {"ms": taken[1:], "floors": [each / FLOOR_MS for each in taken[1:]]}


SIDES = (
    Side("motet", partial(measured, motet)),
    Side("motet, tools once only", partial(measured, partial(motet, effect="once"))),
    Side("pydantic-ai", partial(measured, agent_peers.pydantic_ai), agent_peers.PYDANTIC),
    Side(
        "pydantic-ai, streamed",
        partial(measured, partial(agent_peers.pydantic_ai, streamed=True)),
        agent_peers.PYDANTIC,
    ),
    Side("openai-agents", partial(measured, agent_peers.openai_agents), agent_peers.OPENAI),
    Side(
        "openai-agents, streamed",
        partial(measured, partial(agent_peers.openai_agents, streamed=True)),
        agent_peers.OPENAI,
    ),
    Side("langchain", partial(measured, agent_peers.langchain), agent_peers.LANGCHAIN),
    Side(
        "langchain, streamed",
        partial(measured, partial(agent_peers.langchain, streamed=True)),
        agent_peers.LANGCHAIN,
    ),
)

if __name__ == "__main__":
    comparison = Comparison(
        f"Ten streamed tool calls; the floor is {FLOOR_MS} ms",
        SIDES,
        {"ms": "wall ms", "floors": "over floor"},
        sizes=(TURNS,),
        repetitions=3,
    )
    sys.exit(comparison.main())
