"""A fan-out in LangGraph: `Send` to one node for every item, or tasks."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

from chains import advance
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send


class State(TypedDict):
    """The items, then the values in any order."""

    items: list[int]
    values: Annotated[list[int], operator.add]


class Item(TypedDict):
    """What one task gets."""

    value: int
    index: int


async def _work(item: Item) -> dict[str, list[int]]:
    return {"values": [advance(item["value"], item["index"])]}


def _fan(state: State) -> list[Send]:
    return [
        Send("work", {"value": value, "index": index}) for index, value in enumerate(state["items"])
    ]


def graph(saver: Any = None) -> Any:  # noqa: ANN401
    """Return the graph."""
    built = StateGraph(State)
    built.add_node("work", _work)
    built.add_conditional_edges(START, _fan, ["work"])
    built.add_edge("work", END)
    return built.compile(checkpointer=saver)


def tasks(saver: Any = None) -> Any:  # noqa: ANN401
    """Return a function that starts a task for every item."""

    @task
    async def work(value: int, index: int) -> int:
        return advance(value, index)

    @entrypoint(checkpointer=saver)
    async def fan(items: list[int]) -> list[int]:
        begun = [work(value, index) for index, value in enumerate(items)]
        return [await each for each in begun]

    return fan
