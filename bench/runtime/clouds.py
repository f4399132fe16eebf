"""The clouds example: a planned graph of calls beside calls turn by turn, 500 ms per reply.

`python bench/runtime/clouds.py`, in the environment of `bench/peers.txt`. Needs the model's four
replies turn by turn (2.0 s), two with a plan (1.0 s). Questions differ in how many providers they
ask for, from two to six.
"""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType

import agent_peers
from agent_peers import Agent
from harness import Comparison, Figures, Side
from serving import serving

CLOUDS = Path(__file__).resolve().parents[2] / "examples" / "clouds"
COUNTS = ("three", "four", "two", "six", "five")
LATENCY = 0.5
DECLARED = "http://127.0.0.1:9100/v1"
ASKS = 4


@contextmanager
def model() -> Iterator[str]:
    """Serve the scripted model; give its base URL once it accepts connections."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    options = ("--port", str(port), "--latency", str(LATENCY))
    with serving(*options, server=CLOUDS / "model.py") as line:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.02)
        yield line.split()[-1]


def measured(make: Callable[[str], Agent], seed: int, size: int) -> Figures:
    """Return the seconds of each question after one to warm up."""
    with model() as base_url:
        return asyncio.run(_asked(make(base_url), seed, size))


async def _asked(agent: Agent, seed: int, size: int) -> Figures:
    taken = []
    for turn in range(size + 1):
        count = COUNTS[(seed + turn) % len(COUNTS)]
        question = f"Plot the stock prices of the {count} largest cloud providers ({seed}/{turn})"
        began = time.perf_counter()
        text = await agent(question)
        taken.append(time.perf_counter() - began)
        if "I drew the share prices" not in text:
            raise ValueError(f"no chart: {text}")
    return {"seconds": taken[1:]}


def motet(base_url: str, *, choice: str | None) -> Agent:
    """Return the declared system; `choice` is what answers, None for the planner to choose."""
    import motet

    shutil.copytree(CLOUDS, "clouds")
    declaration = Path("clouds", "motet.yaml")
    text = declaration.read_text(encoding="utf-8")
    declaration.write_text(text.replace(DECLARED, base_url), encoding="utf-8")
    system = motet.load("clouds")

    async def ask(question: str) -> str:
        return (await system.aask(question, model=choice)).text

    return ask


def pydantic_ai(base_url: str) -> Agent:
    """Return an agent of pydantic-ai with the same functions as tools."""
    found = _tools()
    functions = (found.largest_providers, found.share_prices, found.draw_chart)
    tools = [each.function for each in functions]
    return agent_peers.pydantic_ai(base_url, "clouds", tools=tools)


def _tools() -> ModuleType:
    place = importlib.util.spec_from_file_location("clouds_tools", CLOUDS / "tools.py")
    assert place is not None
    assert place.loader is not None
    module = sys.modules["clouds_tools"] = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


SIDES = (
    Side("motet, planned graph", partial(measured, partial(motet, choice="scripted (dag)"))),
    Side("motet, turn by turn", partial(measured, partial(motet, choice="scripted"))),
    Side("motet, as the planner chooses", partial(measured, partial(motet, choice=None))),
    Side("pydantic-ai", partial(measured, pydantic_ai), agent_peers.PYDANTIC),
)

if __name__ == "__main__":
    comparison = Comparison(
        "The clouds example, 500 ms per reply of the model",
        SIDES,
        {"seconds": "seconds"},
        sizes=(ASKS,),
        repetitions=3,
    )
    sys.exit(comparison.main())
