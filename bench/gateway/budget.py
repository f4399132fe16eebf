"""500 streams at a time on one hard budget, 30% of them left, the gateway killed among them.

    python bench/gateway/budget.py [--streams 500] [--workers 2]

Two rounds; in the first all processes of the gateway are killed, then it starts again. The
budget pays for some of the streams. Afterwards every answer that the simulated provider
began must have its entry in the ledger, which must say no more than the budget and no less than
what the provider counted. What was under way when the processes were killed, or had just ended,
is in the ledger with the most that it can have cost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import uvloop
from compare import HERE, body
from peers import INPUT_PRICE, OUTPUT_PRICE, PEERS, Setting, make_key, motet
from processes import Running, free_port
from streams import Seen, request, run

MODEL = "sim-e100-r50"
INPUT, OUTPUT = 21, 100
PICO = 10**12
COST = int((INPUT * INPUT_PRICE + OUTPUT * OUTPUT_PRICE) * PICO / 1e6)
"""Of one complete stream, in pico-dollars."""
Entries = dict[str, tuple[int, int, int]]
"""By status: how many, what they cost, how much of that is estimated."""


def started(gateway: Running, secret: str) -> None:
    """Wait until the gateway answers at all."""
    headers = {"Authorization": f"Bearer {secret}"}
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            gateway.request("GET", "/v1/models", headers=headers)
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the gateway does not start; see {gateway.log}")


async def load(gateway: Running, secret: str, streams: int) -> Seen:
    """Run so many streams at a time, 30% of them left."""
    wire = request(body(MODEL, stream=True), f"Authorization: Bearer {secret}")
    left = streams * 3 // 10
    return await run(gateway.port, wire, streams=streams, rounds=1, aborted=left, spread=0.5)


async def killed(gateway: Running, secret: str, streams: int, simulator: Running) -> Seen:
    """Do that, and kill the gateway once the first tenth of the streams is complete."""
    work = asyncio.create_task(load(gateway, secret, streams))
    while not work.done() and counted(simulator)["completed"] < streams // 10:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    gateway.kill()
    return await work


def counted(simulator: Running) -> dict[str, int]:
    """Return what the provider counted."""
    found: dict[str, int] = json.loads(simulator.request("GET", "/stats")[1])
    return found


def entries(folder: Path) -> Entries:
    """Return what the ledger says of the calls that reached a provider."""
    sums = "count(*), sum(cost), sum(CASE WHEN estimated THEN cost ELSE 0 END)"
    wanted = "status IN ('done', 'failed', 'aborted')"
    query = f"SELECT status, {sums} FROM entries WHERE {wanted} GROUP BY status"
    with closing(sqlite3.connect(next(folder.rglob("ledger.db")))) as db:
        return {status: (number, cost, part) for status, number, cost, part in db.execute(query)}


def tell(budget: int, found: Entries, sent: dict[str, int], seen: list[Seen]) -> bool:
    """Print what was found; return whether it is as it must be."""
    spent = sum(each[1] for each in found.values())
    calls = sum(each[0] for each in found.values())
    priced = int(
        (sent["input_tokens"] * INPUT_PRICE + sent["output_tokens"] * OUTPUT_PRICE) * PICO / 1e6
    )
    asked, complete = sum(each.streams for each in seen), sum(each.complete for each in seen)
    print(f"streams asked for {asked}, complete at the clients {complete}")
    print(f"provider: {sent['requests']} requests, {sent['completed']} complete")
    for status, (number, cost, part) in found.items():
        print(f"ledger: {number} {status}, ${cost / PICO:.6f}, of it estimated ${part / PICO:.6f}")
    print(f"budget ${budget / PICO:.6f}, ledger ${spent / PICO:.6f}, counted ${priced / PICO:.6f}")
    checks = {
        "overspent": spent <= budget,
        "the ledger says less than the provider counted": priced <= spent,
        "requests without an entry": sent["requests"] <= calls,
        "no stream was complete": complete > 0,
    }
    for what, well in checks.items():
        if not well:
            print(f"WRONG: {what}")
    return all(checks.values())


def main() -> int:
    """Run; return 0 where nothing was overspent or lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    command = PEERS[0].find()
    assert command is not None
    budget = COST * given.streams * 3 // 2
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder, port = Path(name), free_port()
        setting = Setting(folder, port, given.workers)
        script = (sys.executable, str(HERE / "simulator.py"), "--port", str(port))
        with Running(script, port, folder / "simulator") as simulator:
            simulator.await_answer(body(), {})
            simulator.request("POST", "/reset")
            seen: list[Seen] = []
            secret = ""
            for turn in range(2):
                gateway = motet(command, setting)
                secret = secret or make_key(folder, budget / PICO)
                with gateway:
                    started(gateway, secret)
                    if turn:
                        work = load(gateway, secret, given.streams)
                    else:
                        work = killed(gateway, secret, given.streams, simulator)
                    seen.append(uvloop.run(work))
            sent = counted(simulator)
        return 0 if tell(budget, entries(folder), sent, seen) else 1


if __name__ == "__main__":
    sys.exit(main())
