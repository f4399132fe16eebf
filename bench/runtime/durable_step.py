"""A durable step: CPU of each of 300 steps in a chain, every result kept by the engine.

`python bench/runtime/durable_step.py`, in the environment of `bench/peers.txt`. What each keeps:
DBOS and LangGraph's `sync` have every step committed before the next one starts. Motet and
LangGraph's default `async` commit behind it; Motet commits many steps at once, so a kill loses
the last few milliseconds, which run again. `power` also waits for the disk. LangGraph's `exit`
keeps nothing before the end: it is no durable step, and here for comparison.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from chains import advance, per_step
from harness import Comparison, Figures, Side

if TYPE_CHECKING:
    from motet_chain import Durability

LANGGRAPH = ("langgraph", "langgraph-checkpoint-sqlite")


def motet(form: str, durability: Durability, seed: int, steps: int) -> Figures:
    """Measure a chain of Motet; `form` is the name of a function that runs it."""
    import motet_chain

    run = partial(getattr(motet_chain, form), durability=durability)
    return per_step(run, seed, steps)


def langgraph(form: str, durability: str, seed: int, steps: int) -> Figures:
    """Measure the synchronous checkpointer; `form` is the name of a function that builds."""
    import langgraph_chain
    from langgraph.checkpoint.sqlite import SqliteSaver

    with SqliteSaver.from_conn_string("steps.db") as saver:
        saver.setup()

        def chain(seed: int, steps: int) -> int:
            graph = getattr(langgraph_chain, form)(steps, saver)
            given = seed if form == "tasks" else {"value": seed, "index": 0}
            config = langgraph_chain.config(str(seed), steps)
            end = graph.invoke(given, config, durability=durability)
            return end if form == "tasks" else end["value"]

        return per_step(chain, seed, steps)


def langgraph_async(durability: str, seed: int, steps: int) -> Figures:
    """Measure the asynchronous checkpointer on the loop of one node."""
    import langgraph_chain
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async def run(seed: int, steps: int) -> int:
        async with AsyncSqliteSaver.from_conn_string("steps.db") as saver:
            graph = langgraph_chain.loop(steps, saver, asynchronous=True)
            config = langgraph_chain.config(str(seed), steps)
            end = await graph.ainvoke({"value": seed, "index": 0}, config, durability=durability)
            return end["value"]

    return per_step(lambda seed, steps: asyncio.run(run(seed, steps)), seed, steps)


def dbos(seed: int, steps: int, *, asynchronous: bool = False) -> Figures:
    """Measure a workflow of DBOS whose every step is a `DBOS.step`, on SQLite."""
    from dbos import DBOS

    DBOS(
        config={
            "name": "steps",
            "system_database_url": "sqlite:///steps.db",
            "log_level": "ERROR",
        }
    )
    chain = _dbos_async() if asynchronous else _dbos_sync()
    DBOS.launch()
    try:
        return per_step(chain, seed, steps)
    finally:
        DBOS.destroy()


def _dbos_sync() -> Callable[[int, int], int]:
    from dbos import DBOS

    step = DBOS.step()(advance)

    @DBOS.workflow()
    def chain(seed: int, steps: int) -> int:
        value = seed
        for index in range(steps):
            value = step(value, index)
        return value

    return chain


def _dbos_async() -> Callable[[int, int], int]:
    from dbos import DBOS

    @DBOS.step()
    async def step(value: int, index: int) -> int:
        return advance(value, index)

    @DBOS.workflow()
    async def chain(seed: int, steps: int) -> int:
        value = seed
        for index in range(steps):
            value = await step(value, index)
        return value

    return lambda seed, steps: asyncio.run(chain(seed, steps))


SIDES = (
    Side("motet plan", partial(motet, "planned", "process")),
    Side("motet workflow", partial(motet, "written", "process")),
    Side("motet plan, power", partial(motet, "planned", "power")),
    Side("motet plan, sync operators", partial(motet, "blocking", "process")),
    Side("langgraph loop, async (default)", partial(langgraph, "loop", "async"), LANGGRAPH),
    Side("langgraph loop, sync", partial(langgraph, "loop", "sync"), LANGGRAPH),
    Side("langgraph loop, exit", partial(langgraph, "loop", "exit"), LANGGRAPH),
    Side("langgraph a node per step", partial(langgraph, "sequence", "async"), LANGGRAPH),
    Side("langgraph tasks", partial(langgraph, "tasks", "async"), LANGGRAPH),
    Side("langgraph async loop", partial(langgraph_async, "async"), LANGGRAPH),
    Side("langgraph async loop, sync", partial(langgraph_async, "sync"), LANGGRAPH),
    Side("dbos", dbos, ("dbos",)),
    Side("dbos async", partial(dbos, asynchronous=True), ("dbos",)),
)

if __name__ == "__main__":
    comparison = Comparison(
        "A durable step in a chain of 300",
        SIDES,
        {"cpu_us": "CPU µs/step", "wall_us": "wall µs/step"},
        sizes=(300,),
    )
    sys.exit(comparison.main())
