"""A process that spends on a key until there is nothing left, and says what it was charged.

Arguments: the ledger's place, the folder of spools, the key, how many calls at once, the most
that a call may cost, how many seconds to go on at most. What it was charged goes to standard
output, a line for each call *before* it is settled: `id cost`; what it was refused is not.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from pathlib import Path

from motet.gateway.accounts import Accounts, Ask, Entry, Hold, Refusal, Tenant, accounts
from motet.gateway.ledger import recorder

# So that a death meets all of it: folding, and beginning a spool anew.
accounts.EVERY = 0.02
recorder.RENEW_FROM = 4_000


def said(text: str) -> None:
    os.write(1, f"{text}\n".encode())


async def call(desk: Accounts, who: Tenant, id: str, most: int) -> bool:
    bound = random.randint(1, most)
    asked = Ask(id, 1, "small", "there", "chat", bound, 10, time.time())
    hold = await desk.areserve(who, asked)
    if isinstance(hold, Refusal):
        return False
    assert isinstance(hold, Hold)
    said(f"{id} {bound} open")  # from here on the upstream may charge all of the bound
    await asyncio.sleep(random.random() * 0.01)
    cost = random.randint(0, bound)
    entry = Entry(id, 1, asked.started, "done", tenant=who.id, team=who.team, cost=cost)
    desk.settle(hold, entry)
    said(f"{id} {cost} done")
    return True


async def caller(desk: Accounts, who: Tenant, name: str, most: int, until: float) -> None:
    count = refusals = 0
    while time.monotonic() < until and refusals < 3:
        count += 1
        if await call(desk, who, f"{name}_{count}", most):
            refusals = 0
        else:
            refusals += 1
            most = max(1, most // 2)


async def main() -> None:
    place, spool, secret, at_once, most, seconds = sys.argv[1:]
    where = place if "://" in place else Path(place)
    until = time.monotonic() + float(seconds)
    with Accounts.open(where, Path(spool)) as desk:
        who = desk.tenant(secret)
        assert who is not None
        names = [f"p{os.getpid()}_{each}" for each in range(int(at_once))]
        await asyncio.gather(*(caller(desk, who, each, int(most), until) for each in names))
    said("closed")


if __name__ == "__main__":
    asyncio.run(main())
