"""A growing conversation in LangGraph: rewritten, added to by a reducer, or kept as deltas."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, TypedDict

from langgraph.channels.delta import DeltaChannel
from langgraph.graph import END, START, StateGraph
from messages import Message, message


class Rewritten(TypedDict):
    """A conversation that each step returns whole."""

    messages: list[Message]


class Added(TypedDict):
    """A conversation to which each step adds."""

    messages: Annotated[list[Message], operator.add]


def _extend(messages: list[Message], writes: Sequence[list[Message]]) -> list[Message]:
    return [*messages, *(message for write in writes for message in write)]


class Deltas(TypedDict):
    """The same, kept by the channel that stores what was written only (a beta)."""

    messages: Annotated[list[Message], DeltaChannel(_extend)]


def _rewrite(seed: int, state: Rewritten) -> Rewritten:
    known = state["messages"]
    return {"messages": [*known, message(seed, len(known))]}


def _add(seed: int, state: Added) -> Added:
    return {"messages": [message(seed, len(state["messages"]))]}


FORMS = {"rewritten": (Rewritten, _rewrite), "added": (Added, _add), "deltas": (Deltas, _add)}


def growth(form: str, seed: int, steps: int, saver: Any) -> Any:  # noqa: ANN401
    """Return a graph that ends once there are that many messages."""
    state, step = FORMS[form]
    graph = StateGraph(state)
    graph.add_node("step", partial(step, seed))
    graph.add_edge(START, "step")
    graph.add_conditional_edges(
        "step", lambda state: "step" if len(state["messages"]) < steps else END, ["step", END]
    )
    return graph.compile(checkpointer=saver)
