"""The chain in LangGraph: as a loop of one node, a node for each step, or tasks."""

from __future__ import annotations

from typing import Any, TypedDict

from chains import advance
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph


class State(TypedDict):
    """What the steps hand on."""

    value: int
    index: int


def _step(state: State) -> State:
    return {"value": advance(state["value"], state["index"]), "index": state["index"] + 1}


async def _astep(state: State) -> State:
    return _step(state)


def loop(steps: int, saver: BaseCheckpointSaver[str] | None, *, asynchronous: bool = False) -> Any:  # noqa: ANN401
    """Return a graph whose one node runs `steps` times: the cheapest form of a chain."""
    graph = StateGraph(State)
    graph.add_node("step", _astep if asynchronous else _step)
    graph.add_edge(START, "step")
    graph.add_conditional_edges("step", lambda state: "step" if state["index"] < steps else END)
    return graph.compile(checkpointer=saver)


def sequence(steps: int, saver: BaseCheckpointSaver[str] | None) -> Any:  # noqa: ANN401
    """Return a graph with a node for each step."""
    graph = StateGraph(State)
    names = [f"step{index}" for index in range(steps)]
    for name in names:
        graph.add_node(name, _step)
    for source, target in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(source, target)
    return graph.compile(checkpointer=saver)


def tasks(steps: int, saver: BaseCheckpointSaver[str] | None) -> Any:  # noqa: ANN401
    """Return a function whose every step is a task (the functional interface)."""
    step = task(advance)

    @entrypoint(checkpointer=saver)
    def chain(seed: int) -> int:
        value = seed
        for index in range(steps):
            value = step(value, index).result()
        return value

    return chain


def config(name: str, steps: int) -> dict[str, object]:
    """Return what an invocation needs to be told."""
    return {"configurable": {"thread_id": name}, "recursion_limit": steps + 10}
