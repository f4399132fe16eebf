"""Random unbalanced DAGs: the time of each over its critical path, as a distribution.

`python bench/runtime/dags.py`, in the environment of `bench/peers.txt`. 200 DAGs of 10 to 40
nodes that sleep 5 to 400 ms. `over planned` divides by the critical path of the seconds that
nodes were told to sleep, `over slept` by that of the seconds for which they did (timers are late,
more so on a busy machine). The floor is asyncio tasks that await each other, with no engine.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial

from harness import Comparison, Figures, Side
from shapes import Dag, random_dag
from sleeper import Sleeper

DAGS_PER_PROCESS = 20
PROCESSES = 10
LANGGRAPH = ("langgraph", "langgraph-checkpoint-sqlite")


Engine = Callable[[Sleeper], Awaitable[Callable[[], Awaitable[int]]]]
"""Builds a DAG's plan; what it returns runs it and gives the last value."""


def measured(engine: Engine, seed: int, count: int) -> Figures:
    """Return the ratios of `count` DAGs after one to warm up."""
    return asyncio.run(_measured(engine, [random_dag(seed * 1000 + i) for i in range(count + 1)]))


async def _measured(engine: Engine, dags: list[Dag]) -> Figures:
    figures: dict[str, list[float]] = {"planned": [], "slept": []}
    for dag in dags:
        sleeper = Sleeper(dag)
        start = await engine(sleeper)
        began = time.perf_counter()
        value = await start()
        wall = time.perf_counter() - began
        if value != dag.expected():
            raise ValueError(f"the DAG of seed {dag.seed} gave {value}")
        figures["planned"].append(wall / dag.critical_path(dag.seconds))
        figures["slept"].append(wall / dag.critical_path(sleeper.slept))
    return {name: values[1:] for name, values in figures.items()}


async def tasks(sleeper: Sleeper) -> Callable[[], Coroutine[None, None, int]]:
    """Await each other, with no engine."""
    dag = sleeper.dag

    async def finish(node: int, begun: list[asyncio.Task[int]]) -> int:
        return await sleeper.run(node, [await begun[need] for need in dag.needs[node]])

    async def start() -> int:
        begun: list[asyncio.Task[int]] = []
        for node in range(len(dag.needs)):
            begun.append(asyncio.create_task(finish(node, begun)))
        return await begun[-1]

    return start


async def motet(sleeper: Sleeper, *, blocking: bool) -> Callable[[], Awaitable[int]]:
    """Run with Motet's journal on."""
    import motet_dag

    return await motet_dag.planned(sleeper, blocking=blocking)


def langgraph(sleeper: Sleeper, saver: object, form: str) -> Callable[[], Awaitable[int]]:
    """Return the run of a graph; the form `graph, sync` blocks threads."""
    import langgraph_dag

    config = {"configurable": {"thread_id": str(sleeper.dag.seed)}, "recursion_limit": 100}
    last = len(sleeper.dag.needs) - 1
    if form == "tasks":
        entry = langgraph_dag.tasks(sleeper.dag, sleeper.run, saver)
        return lambda: entry.ainvoke(0, config)
    work = sleeper.block if form == "graph, sync" else sleeper.run
    graph = langgraph_dag.graph(sleeper.dag, work, saver)

    async def start() -> int:
        return (await graph.ainvoke({"values": {}}, config))["values"][last]

    return start


def langgraph_sqlite(form: str, seed: int, count: int) -> Figures:
    """Measure a form with the checkpointer."""
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async def run() -> Figures:
        async with AsyncSqliteSaver.from_conn_string("dags.db") as saver:

            async def engine(sleeper: Sleeper) -> Callable[[], Awaitable[int]]:
                return langgraph(sleeper, saver, form)

            dags = [random_dag(seed * 1000 + i) for i in range(count + 1)]
            return await _measured(engine, dags)

    return asyncio.run(run())


SIDES = (
    Side("motet", partial(measured, partial(motet, blocking=False))),
    Side("motet, sync operators", partial(measured, partial(motet, blocking=True))),
    Side("asyncio tasks", partial(measured, tasks), ()),
    Side("langgraph", partial(langgraph_sqlite, "graph"), LANGGRAPH),
    Side("langgraph, sync nodes", partial(langgraph_sqlite, "graph, sync"), LANGGRAPH),
    Side("langgraph tasks by hand", partial(langgraph_sqlite, "tasks"), LANGGRAPH),
)

if __name__ == "__main__":
    comparison = Comparison(
        "Random unbalanced DAGs: time over critical path",
        SIDES,
        {"planned": "over planned", "slept": "over slept"},
        sizes=(DAGS_PER_PROCESS,),
        repetitions=PROCESSES,
        percentiles=(90, 99, 100),
    )
    sys.exit(comparison.main())
