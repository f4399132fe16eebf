"""The chain in Motet: as a plan of nodes, or as a workflow that awaits an operator."""

from __future__ import annotations

from typing import Literal

from chains import advance

import motet

Durability = Literal["power", "process", "none"]


@motet.operator(effect="read")
async def step(value: int, index: int) -> int:
    """Compute one value."""
    return advance(value, index)


@motet.operator(effect="read")
def blocking_step(value: int, index: int) -> int:
    """Compute one value in a thread."""
    return advance(value, index)


@motet.workflow
async def chain(seed: int, steps: int) -> int:
    """Compute one value after the other."""
    value = seed
    for index in range(steps):
        value = await step(value, index)
    return value


def planned(seed: int, steps: int, durability: Durability) -> int:
    """Build a plan of asynchronous operators and run it."""
    return _planned(step, seed, steps, durability)


def blocking(seed: int, steps: int, durability: Durability) -> int:
    """Build a plan of operators that run in threads and run it."""
    return _planned(blocking_step, seed, steps, durability)


def _planned(
    work: motet.Operator[[int, int], int], seed: int, steps: int, durability: Durability
) -> int:
    plan = motet.Plan()
    value = plan.add(work, seed, 0)
    for index in range(1, steps):
        value = plan.add(work, value, index)
    return motet.run(plan, want=value, durability=durability).result()


def written(seed: int, steps: int, durability: Durability) -> int:
    """Run the workflow."""
    plan = motet.Plan()
    value = plan.add(chain, seed, steps)
    return motet.run(plan, want=value, durability=durability).result()
