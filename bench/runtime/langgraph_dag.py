"""A DAG in LangGraph: as a graph with joins, or as tasks that a programmer schedules."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypedDict

from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph
from shapes import Dag

Node = Callable[[int, list[int]], int]
AsyncNode = Callable[[int, list[int]], Awaitable[int]]


class State(TypedDict):
    """The value of every finished node."""

    values: Annotated[dict[int, int], operator.or_]


def graph(dag: Dag, run: Node | AsyncNode, saver: Any = None) -> Any:  # noqa: ANN401
    """Return the graph; `run` computes a node from its inputs."""
    built = StateGraph(State)
    for node, needs in enumerate(dag.needs):
        built.add_node(str(node), _action(node, needs, run))
        built.add_edge([str(need) for need in needs] or START, str(node))
    built.add_edge(str(len(dag.needs) - 1), END)
    return built.compile(checkpointer=saver)


def _action(node: int, needs: tuple[int, ...], run: Node | AsyncNode) -> Callable[[State], Any]:
    def inputs(state: State) -> list[int]:
        return [state["values"][need] for need in needs]

    if not asyncio.iscoroutinefunction(run):
        return lambda state: {"values": {node: run(node, inputs(state))}}

    async def action(state: State) -> State:
        return {"values": {node: await run(node, inputs(state))}}

    return action


def tasks(dag: Dag, run: AsyncNode, saver: Any = None) -> Any:  # noqa: ANN401
    """Return a function that starts each task when its inputs exist."""
    work = task(run)

    async def finish(node: int, begun: list[asyncio.Task[int]]) -> int:
        inputs = [await begun[need] for need in dag.needs[node]]
        return await work(node, inputs)

    @entrypoint(checkpointer=saver)
    async def scheduled(_: int) -> int:
        begun: list[asyncio.Task[int]] = []
        for node in range(len(dag.needs)):
            begun.append(asyncio.create_task(finish(node, begun)))
        return await begun[-1]

    return scheduled
