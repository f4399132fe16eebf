"""A fan-out over 100, 1,000 and 10,000 items: CPU of a task, and the process's peak memory.

`python bench/runtime/fanout.py`, in the environment of `bench/peers.txt`. Linear work costs the
same for each task at every size.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from functools import partial

from chains import advance
from harness import Comparison, Figures, Side
from usage import Meter, peak_mb

SIZES = (100, 1_000, 10_000)
WARM_UP = 10
LANGGRAPH = ("langgraph", "langgraph-checkpoint-sqlite")
LLAMA = ("llama-index-workflows",)

FanOut = Callable[[list[int]], Awaitable[list[int]]]


async def measured(fan: FanOut, seed: int, size: int) -> Figures:
    """Return the cost of a task of a fan-out over random items."""
    source = random.Random(seed)
    items = [source.getrandbits(60) for _ in range(size + WARM_UP)]
    await fan(items[size:])
    with Meter() as used:
        values = await fan(items[:size])
    wanted = [advance(value, index) for index, value in enumerate(items[:size])]
    if sorted(values) != sorted(wanted):
        raise ValueError(f"the fan-out of seed {seed} lost or changed values")
    return {**used.each(size), "peak_mb": peak_mb()}


def tasks(seed: int, size: int) -> Figures:
    """Measure bare asyncio tasks."""

    async def work(value: int, index: int) -> int:
        return advance(value, index)

    async def fan(items: list[int]) -> list[int]:
        return await asyncio.gather(*(work(value, index) for index, value in enumerate(items)))

    return asyncio.run(measured(fan, seed, size))


def motet(form: str, seed: int, size: int) -> Figures:
    """Measure Motet with its journal; `form` is the name of a function that runs it."""
    import motet_fanout

    return asyncio.run(measured(getattr(motet_fanout, form), seed, size))


def langgraph(form: str, seed: int, size: int) -> Figures:
    """Measure with the SQLite checkpointer, or `send, in memory` without."""
    import langgraph_fanout
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async def fan(saver: AsyncSqliteSaver | None, items: list[int]) -> list[int]:
        config = {"configurable": {"thread_id": str(items[0])}, "recursion_limit": 50_000}
        if form == "tasks":
            return await langgraph_fanout.tasks(saver).ainvoke(items, config)
        graph = langgraph_fanout.graph(saver)
        return (await graph.ainvoke({"items": items, "values": []}, config))["values"]

    async def run() -> Figures:
        if form == "send, in memory":
            return await measured(partial(fan, None), seed, size)
        async with AsyncSqliteSaver.from_conn_string("fanout.db") as saver:
            return await measured(partial(fan, saver), seed, size)

    return asyncio.run(run())


def workflows(form: str, seed: int, size: int) -> Figures:
    """Measure LlamaIndex's workflows; `form` is the name of the class."""
    import llama_fanout

    async def fan(items: list[int]) -> list[int]:
        return await getattr(llama_fanout, form)(timeout=None).run(numbers=items)

    return asyncio.run(measured(fan, seed, size))


SIDES = (
    Side("motet map", partial(motet, "mapped")),
    Side("motet plan", partial(motet, "planned")),
    Side("motet workflow", partial(motet, "written")),
    Side("asyncio tasks", tasks, ()),
    Side("langgraph Send", partial(langgraph, "send"), LANGGRAPH),
    Side("langgraph Send, in memory", partial(langgraph, "send, in memory"), LANGGRAPH),
    Side("langgraph tasks", partial(langgraph, "tasks"), LANGGRAPH),
    Side("llama-index-workflows", partial(workflows, "SentFanOut"), LLAMA),
    Side("llama-index-workflows, list", partial(workflows, "ListedFanOut"), LLAMA),
)

if __name__ == "__main__":
    comparison = Comparison(
        "A fan-out",
        SIDES,
        {"cpu_us": "CPU µs/task", "peak_mb": "peak MB"},
        sizes=SIZES,
        repetitions=3,
        limit=90,
    )
    sys.exit(comparison.main())
