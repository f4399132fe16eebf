"""A plan of sixty and more nodes for processes that are killed.

What every operator does is appended to the file `effects` of a folder, which tells afterwards
what happened how often.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import motet

RUN = "killed"
BILL = 7
"""What every charge gives."""
PLACE: list[Path] = []


def note(*words: object) -> None:
    """Write down, in one write that survives the process, what happens."""
    log = os.open(PLACE[0] / "effects", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(log, (" ".join(map(str, words)) + "\n").encode())
    os.close(log)


@motet.operator(effect="read")
async def fetch(x: int) -> int:
    await asyncio.sleep(0.001 * (x % 5))
    note("fetch", x)
    return x * 3


@motet.operator(effect="pure")
def mix(*numbers: int) -> int:
    note("mix", *numbers)
    time.sleep(0.002)
    return sum(numbers) % 1009


@motet.operator(effect="once")
async def charge(x: int) -> int:
    note("charge", x)
    await asyncio.sleep(0.001)
    return BILL


@motet.operator(effect="idempotent")
def save(texts: Sequence[str], new: int) -> list[str]:
    note("save", len(texts))
    return [*texts, f"line {new} " * 40]


@motet.workflow
async def flow(x: int) -> int:
    first = await asyncio.gather(*(fetch(100 * x + each) for each in range(4)))
    bill = await charge(1000 + x)
    return sum(first) + bill


@motet.operator(effect="read")
async def grow(x: int) -> Any:
    note("grow", x)
    plan = motet.Plan.running()
    refs = [plan.add(fetch, 500 + 10 * x + each) for each in range(3)]
    return plan.add(mix, *refs)


def build() -> motet.Plan:
    """Return the plan: parallel branches, workflows, a map, added nodes, growing values."""
    plan = motet.Plan("killed")
    layer: list[object] = [plan.add(fetch, each) for each in range(8)]
    for _ in range(3):
        layer = [plan.add(mix, layer[at], layer[(at + 3) % 8]) for at in range(8)]
    bills = [plan.add(charge, each) for each in layer[:3]]
    flows = [plan.add(flow, each) for each in range(3)]
    mapped = plan.add(motet.map, fetch, list(range(700, 712)), width=4)
    texts: object = []
    for each in layer[:6]:
        texts = plan.add(save, texts, each)
    grown = [plan.add(grow, each) for each in range(2)]
    plan.add(finish, {"bills": bills, "flows": flows}, mapped, texts, grown)
    return plan


@motet.operator(effect="pure")
def finish(found: object, mapped: list[int], texts: list[str], grown: list[int]) -> list[object]:
    note("finish")
    return [found, mapped, texts, grown]


def main(folder: Path, *, resume: bool) -> None:
    """Run or resume; print `ready` before, and how it ended."""
    PLACE[:] = [folder]
    plan = build()
    print("ready", flush=True)
    try:
        run = motet.resume(RUN, home=folder) if resume else motet.run(plan, id=RUN, home=folder)
        print(run.status, run.value, run.error, flush=True)
    except motet.MotetError as error:
        print(type(error).__name__, error, flush=True)
