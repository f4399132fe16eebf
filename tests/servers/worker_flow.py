"""Operators for workers; each call leaves a line in the file that FLOW_LOG names."""

from __future__ import annotations

import asyncio
import os
import random
import time
import zlib
from collections import Counter
from pathlib import Path

import motet
from motet.core.errors import ProviderError


def note(name: str) -> None:
    """Append a line, whole also when many processes do, and the process is killed."""
    file = os.open(os.environ["FLOW_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{name} {os.getpid()}\n".encode())
    os.close(file)


def calls(log: Path) -> Counter[str]:
    """Return how often each call happened."""
    return Counter(line.split()[0] for line in _lines(log))


def processes(log: Path) -> Counter[int]:
    """Return how many calls each process carried out."""
    return Counter(int(line.split()[1]) for line in _lines(log))


def _lines(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def number(name: str, before: tuple[int, ...]) -> int:
    """Return what a call gives."""
    return (zlib.crc32(name.encode()) + sum(before)) % 1_000_003


@motet.operator
async def wait(name: str, *before: int) -> int:
    note(name)
    await asyncio.sleep(random.uniform(0.0, 0.06))
    return number(name, before)


@motet.operator(effect="read")
def block(name: str, *before: int) -> int:
    note(name)
    time.sleep(random.uniform(0.0, 0.06))
    return number(name, before)


@motet.workflow
async def fan(name: str, *before: int) -> int:
    names = [f"{name}.{at}.{sum(before)}" for at in range(4)]
    return number(name, tuple(await motet.map(wait, names)))


@motet.operator
async def nested(name: str) -> int:
    """Not declared a workflow, and yet it calls operators."""
    return number(name, (await wait(f"{name}.a"), await wait(f"{name}.b")))


@motet.operator(effect="once")
async def pay(amount: int, seconds: float = 0.0) -> int:
    note(f"pay{amount}")
    await asyncio.sleep(seconds)
    return amount


@motet.operator(effect="once")
async def pay_both(amount: int) -> int:
    note("pay_both")
    return await pay(amount) + await pay(amount + 1)


@motet.operator
async def hold(name: str, seconds: float) -> str:
    note(name)
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        note(f"{name}-cancelled")
        raise
    return name


@motet.operator
async def die(name: str) -> str:
    note(name)
    os.kill(os.getpid(), 9)
    await asyncio.sleep(9)
    return name


@motet.operator(retries=3)
def flaky(path: str) -> int:
    note("flaky")
    tries = len(Path(path).read_text()) if Path(path).exists() else 0
    Path(path).write_text("x" * (tries + 1))
    motet.report(tokens=5, cost=0.25)
    if tries < 2:
        raise ProviderError("busy", status=503, retry_after=0.01)
    return tries


@motet.operator
async def broken(name: str) -> int:
    raise ValueError(f"no {name}")


@motet.operator(timeout=0.1)
async def slow() -> None:
    await asyncio.sleep(30)


@motet.workflow
async def approved(value: int) -> int:
    return await motet.approve(await wait(f"before{value}"), "may it?")


def random_plan(seed: int, count: int) -> tuple[motet.Plan, list[motet.Ref]]:
    """Return a random plan and its nodes."""
    chance = random.Random(seed)
    plan = motet.Plan()
    refs: list[motet.Ref] = []
    for at in range(count):
        before = chance.sample(refs, min(len(refs), chance.randint(0, 3)))
        operator = chance.choice([wait, wait, block, fan])
        refs.append(plan.add(operator.options(id=f"n{at}"), f"n{at}", *before))
    return plan, refs
