"""A DAG in Motet: a plan whose references are its edges."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import motet

if TYPE_CHECKING:
    from sleeper import Sleeper

_sleepers: dict[int, Sleeper] = {}


@motet.operator(effect="read")
async def work(seed: int, node: int, inputs: list[int]) -> int:
    """Sleep on the event loop."""
    return await _sleepers[seed].run(node, inputs)


@motet.operator(effect="read")
def blocking_work(seed: int, node: int, inputs: list[int]) -> int:
    """Sleep in a thread."""
    return _sleepers[seed].block(node, inputs)


async def planned(sleeper: Sleeper, *, blocking: bool = False) -> Callable[[], Awaitable[int]]:
    """Return the run of a DAG's plan."""
    dag = sleeper.dag
    _sleepers[dag.seed] = sleeper
    plan = motet.Plan()
    added: list[motet.Ref[int]] = []
    for node, needs in enumerate(dag.needs):
        inputs = [added[need] for need in needs]
        added.append(plan.add(blocking_work if blocking else work, dag.seed, node, inputs))

    async def start() -> int:
        return (await motet.arun(plan, want=added[-1])).result()

    return start
