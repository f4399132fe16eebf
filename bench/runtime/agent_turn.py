"""An agent's turn with ten tools over the OpenAI protocol: CPU of a turn, memory after 200.

`python bench/runtime/agent_turn.py`, in the environment of `bench/peers.txt`. A turn is a
question, the model's calls (one of the ten tools, or all ten), their results and its answer: two
requests to a local server that answers at once, and runs in a process of its own.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from functools import partial

import agent_peers
from agent_peers import Agent
from harness import Comparison, Figures, Side
from scenario import answer
from serving import serving
from usage import Meter, resident_mb

TURNS = 200
WARM_UP = 10


def motet(base_url: str, model: str) -> Agent:
    """Return Motet's agent."""
    from motet_agent import declared

    return declared(base_url, model)


def measured(make: Callable[[str, str], Agent], seed: int, calls: int) -> Figures:
    """Return the cost of a turn whose model calls that many tools."""
    with serving() as base_url:
        return asyncio.run(_turns(make(base_url, f"calls-{calls}"), seed, calls))


async def _turns(agent: Agent, seed: int, calls: int) -> Figures:
    questions = [f"What is the sum for order {seed * 1000 + turn}?" for turn in range(TURNS)]
    for question in questions[:WARM_UP]:
        await agent(question)
    with Meter() as used:
        for question in questions[WARM_UP:]:
            found = await agent(question)
            if found != answer(question, calls):
                raise ValueError(f"a wrong answer: {found}")
    turn_us = used.each(TURNS - WARM_UP)
    return {
        "cpu_ms": turn_us["cpu_us"] / 1000,
        "wall_ms": turn_us["wall_us"] / 1000,
        "resident_mb": resident_mb(),
    }


SIDES = (
    Side("motet", partial(measured, motet)),
    Side("pydantic-ai", partial(measured, agent_peers.pydantic_ai), agent_peers.PYDANTIC),
    Side("openai-agents", partial(measured, agent_peers.openai_agents), agent_peers.OPENAI),
    Side(
        "openai-agents, not traced",
        partial(measured, partial(agent_peers.openai_agents, traced=False)),
        agent_peers.OPENAI,
    ),
    Side("langchain", partial(measured, agent_peers.langchain), agent_peers.LANGCHAIN),
)

if __name__ == "__main__":
    comparison = Comparison(
        "An agent's turn with ten tools; size: how many of them the model calls",
        SIDES,
        {"cpu_ms": "CPU ms/turn", "wall_ms": "wall ms/turn", "resident_mb": "MB"},
        sizes=(1, 10),
        repetitions=3,
    )
    sys.exit(comparison.main())
