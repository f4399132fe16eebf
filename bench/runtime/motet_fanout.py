"""A fan-out in Motet: a map in a plan, a plan with a node for each item, or a workflow."""

from __future__ import annotations

import asyncio

from chains import advance

import motet


@motet.operator(effect="read")
async def work(value: int, index: int) -> int:
    """Do one task."""
    return advance(value, index)


@motet.operator(effect="read")
async def work_pair(item: tuple[int, int]) -> int:
    """Do one task whose arguments are one value."""
    return advance(*item)


@motet.workflow
async def gathered(items: list[int]) -> list[int]:
    """Start every task and gather the values."""
    return await asyncio.gather(*(work(value, index) for index, value in enumerate(items)))


async def mapped(items: list[int]) -> list[int]:
    """Map the operator over the items."""
    plan = motet.Plan()
    pairs = [(value, index) for index, value in enumerate(items)]
    return (await motet.arun(plan, want=plan.add(motet.map, work_pair, pairs))).result()


async def planned(items: list[int]) -> list[int]:
    """Build a plan with a node for every item."""
    plan = motet.Plan()
    values = [plan.add(work, value, index) for index, value in enumerate(items)]
    return (await motet.arun(plan, want=values)).result()


async def written(items: list[int]) -> list[int]:
    """Run the workflow."""
    plan = motet.Plan()
    return (await motet.arun(plan, want=plan.add(gathered, items))).result()
