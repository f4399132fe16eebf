"""A node in memory: CPU of each of 1,000 steps in a chain, nothing kept by the engine.

`python bench/runtime/memory_node.py`, in the environment of `bench/peers.txt`. Beside the engines
stands the floor: one asyncio task for each step.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from chains import advance, per_step
from harness import Comparison, Figures, Side

Chain = Callable[[int, int], Awaitable[int]]


def measured(chain: Chain, seed: int, steps: int) -> Figures:
    """Return the cost of a step of an asynchronous chain."""

    async def run(seed: int, steps: int) -> int:
        return await chain(seed, steps)

    return per_step(lambda seed, steps: asyncio.run(run(seed, steps)), seed, steps)


def tasks(seed: int, steps: int) -> Figures:
    """Measure a bare asyncio task for each step."""

    async def step(value: int, index: int) -> int:
        return advance(value, index)

    async def chain(seed: int, steps: int) -> int:
        value = seed
        for index in range(steps):
            value = await asyncio.create_task(step(value, index))
        return value

    return measured(chain, seed, steps)


def motet(form: str, seed: int, steps: int) -> Figures:
    """Measure Motet without its journal; `form` is the name of a function that runs it."""
    import motet_chain

    return per_step(partial(getattr(motet_chain, form), durability="none"), seed, steps)


def pydantic_graph(seed: int, steps: int) -> Figures:
    """Measure a graph of pydantic-graph: a step and a decision whether it runs again."""
    from pydantic_graph import GraphBuilder, StepContext, TypeExpression

    State = tuple[int, int, int]
    builder = GraphBuilder(input_type=State, output_type=int)

    @builder.step
    async def step(context: StepContext[None, None, State]) -> State | int:
        value, index, steps = context.inputs
        value = advance(value, index)
        return (value, index + 1, steps) if index + 1 < steps else value

    builder.add(
        builder.edge_from(builder.start_node).to(step),
        builder.edge_from(step).to(
            builder.decision()
            .branch(builder.match(TypeExpression[int]).to(builder.end_node))
            .branch(builder.match(tuple).to(step))
        ),
    )
    graph = builder.build()
    return measured(lambda seed, steps: graph.run(inputs=(seed, 0, steps)), seed, steps)


def pydantic_nodes(seed: int, steps: int) -> Figures:
    """Measure a graph of pydantic-graph made of node classes."""
    from pydantic_graph import BaseNode, End, GraphBuilder, GraphRunContext

    @dataclass
    class Step(BaseNode[None, None, int]):
        value: int
        index: int
        steps: int

        async def run(self, ctx: GraphRunContext[None, None]) -> "Step | End[int]":  # noqa: UP037
            value = advance(self.value, self.index)
            if self.index + 1 == self.steps:
                return End(value)
            return Step(value, self.index + 1, self.steps)

    builder = GraphBuilder(input_type=Step, output_type=int)
    builder.add(builder.node(Step), builder.edge_from(builder.start_node).to(Step))
    graph = builder.build()
    return measured(lambda seed, steps: graph.run(inputs=Step(seed, 0, steps)), seed, steps)


def langgraph(seed: int, steps: int) -> Figures:
    """Measure LangGraph's loop of one node without a checkpointer."""
    import langgraph_chain

    async def chain(seed: int, steps: int) -> int:
        graph = langgraph_chain.loop(steps, None, asynchronous=True)
        given = {"value": seed, "index": 0}
        return (await graph.ainvoke(given, langgraph_chain.config(str(seed), steps)))["value"]

    return measured(chain, seed, steps)


def langgraph_sync(seed: int, steps: int) -> Figures:
    """Measure the same without asyncio."""
    import langgraph_chain

    def chain(seed: int, steps: int) -> int:
        graph = langgraph_chain.loop(steps, None)
        given = {"value": seed, "index": 0}
        return graph.invoke(given, langgraph_chain.config(str(seed), steps))["value"]

    return per_step(chain, seed, steps)


def workflows(seed: int, steps: int) -> Figures:
    """Measure a step of LlamaIndex's workflows that sends itself the next event."""
    from llama_chain import Chain

    async def chain(seed: int, steps: int) -> int:
        return await Chain(timeout=None).run(value=seed, steps=steps)

    return measured(chain, seed, steps)


SIDES = (
    Side("motet plan", partial(motet, "planned")),
    Side("motet workflow", partial(motet, "written")),
    Side("asyncio task", tasks, ()),
    Side("pydantic-graph", pydantic_graph, ("pydantic-graph",)),
    Side("pydantic-graph, nodes", pydantic_nodes, ("pydantic-graph",)),
    Side("langgraph", langgraph, ("langgraph",)),
    Side("langgraph, sync", langgraph_sync, ("langgraph",)),
    Side("llama-index-workflows", workflows, ("llama-index-workflows",)),
)

if __name__ == "__main__":
    comparison = Comparison(
        "A node in memory in a chain of 1,000",
        SIDES,
        {"cpu_us": "CPU µs/node", "wall_us": "wall µs/node"},
        sizes=(1000,),
    )
    sys.exit(comparison.main())
