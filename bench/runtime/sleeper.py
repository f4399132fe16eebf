"""The work of a DAG's nodes: sleeping, on the event loop or in a thread."""

from __future__ import annotations

import asyncio
import time

from shapes import Dag


class Sleeper:
    """The work of a DAG's nodes; knows how long each really slept."""

    def __init__(self, dag: Dag) -> None:
        """Take the DAG whose nodes to run."""
        self.dag = dag
        self.slept: dict[int, float] = {}

    async def run(self, node: int, inputs: list[int]) -> int:
        """Sleep on the event loop."""
        began = time.perf_counter()
        await asyncio.sleep(self.dag.seconds[node])
        self.slept[node] = time.perf_counter() - began
        return self.dag.value(node, inputs)

    def block(self, node: int, inputs: list[int]) -> int:
        """Sleep in the thread that calls."""
        began = time.perf_counter()
        time.sleep(self.dag.seconds[node])
        self.slept[node] = time.perf_counter() - began
        return self.dag.value(node, inputs)
