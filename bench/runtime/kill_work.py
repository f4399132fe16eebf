"""The run that `kill.py` kills: 20 branches of three nodes and one that joins them.

`python bench/runtime/kill_work.py start|resume FORM SEED` runs it in `MOTET_HOME` and prints what
became of it as JSON; `answer NODE VALUE|retry` says what a call in doubt gave. Every node leaves a
line in the file `effects` before it returns.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time

from chains import advance

import motet

BRANCHES, LENGTH = 20, 3
RUN = "killed"
EFFECTS = "effects"
ONCE_EVERY = 4
"""Of every so many branches, one has a node in its middle that must not run twice."""


def name(branch: int, index: int) -> str:
    """Return what a node is called in the journal and in the file."""
    return f"b{branch}s{index}"


async def _work(seed: int, branch: int, index: int, value: int) -> int:
    await asyncio.sleep(random.Random(f"{seed}/{branch}/{index}").uniform(0.005, 0.04))
    line = f"{os.getpid()} {time.monotonic_ns()} {name(branch, index)}\n"
    descriptor = os.open(EFFECTS, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)
    return advance(value, branch * LENGTH + index)


@motet.operator(effect="read")
async def work(seed: int, branch: int, index: int, value: int) -> int:
    """Do what may be done again."""
    return await _work(seed, branch, index, value)


@motet.operator(effect="once")
async def work_once(seed: int, branch: int, index: int, value: int) -> int:
    """Do what must not be done again."""
    return await _work(seed, branch, index, value)


@motet.operator(effect="pure")
async def total(values: list[int]) -> int:
    """Return the sum."""
    return sum(values)


@motet.workflow
async def chained(seed: int, branch: int) -> int:
    """Run a branch."""
    value = seed
    for index in range(LENGTH):
        value = await _operator(branch, index)(seed, branch, index, value)
    return value


@motet.workflow
async def branched(seed: int) -> int:
    """Run all branches at once and join them."""
    values = await asyncio.gather(*(chained(seed, branch) for branch in range(BRANCHES)))
    return await total(list(values))


def is_once(branch: int, index: int) -> bool:
    """Whether a node must not run twice."""
    return index == 1 and branch % ONCE_EVERY == 0


def value_of(seed: int, branch: int, index: int) -> int:
    """Return what a node must give."""
    value = seed
    for each in range(index + 1):
        value = advance(value, branch * LENGTH + each)
    return value


def expected(seed: int) -> int:
    """Return what the run must give."""
    return sum(value_of(seed, branch, LENGTH - 1) for branch in range(BRANCHES))


def _operator(branch: int, index: int) -> motet.Operator[[int, int, int, int], int]:
    once = is_once(branch, index)
    return (work_once if once else work).options(id=name(branch, index))


def _planned(form: str, seed: int) -> tuple[motet.Plan, motet.Ref[int]]:
    plan = motet.Plan()
    if form == "workflow":
        return plan, plan.add(branched, seed)
    ends = []
    for branch in range(BRANCHES):
        value: object = seed
        for index in range(LENGTH):
            value = plan.add(_operator(branch, index), seed, branch, index, value)
        ends.append(value)
    return plan, plan.add(total, ends)


def _warm_up() -> None:
    """Open the journal, so that what is killed is the run and not its preparation."""
    plan = motet.Plan()
    motet.run(plan, want=plan.add(total, [0]))


def _answer(node: str, value: str) -> None:
    if value == "retry":
        motet.answer(RUN, node, retry=True)
    else:
        motet.answer(RUN, node, int(value))


def main() -> None:
    """Start the run, resume it, or answer for a person."""
    verb, form, seed = sys.argv[1:]
    if verb == "answer":
        _answer(node=form, value=seed)
        return
    plan, want = _planned(form, int(seed))
    _warm_up()
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        run = motet.resume(RUN) if verb == "resume" else motet.run(plan, want=want, id=RUN)
    except motet.MotetError as error:
        print(json.dumps({"status": "refused", "code": error.code, "error": str(error)}))
        return
    waiting = [each.node for each in run.pending]
    said = {"status": run.status, "value": run.value, "error": str(run.error), "pending": waiting}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
